"""The rows of a list in order, page by page, from its table or from the index."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from django.db.models import Model, Q, QuerySet

from hubportal.listing.search.backend import backend
from hubportal.listing.search.place import TIES, first_place, last_place
from hubportal.listing.search.query import Search

# How many more are taken from the index than a page has, for those that turn out not to be shown.
SPARE = 12
MAX_BATCH = 4 * TIES


@dataclass(frozen=True, slots=True)
class Place:
    """A row's place in the order."""

    time: datetime
    pk: Any


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are, or are at least, where it is not the whole number."""

    number: int
    is_whole: bool


class Rows[M: Model](Protocol):
    """Rows by (`time`, pk), both descending."""

    @property
    def model(self) -> type[M]: ...

    @property
    def time(self) -> str:
        """The field of their order."""
        ...

    def older(self, than: Place | None, limit: int) -> list[M]:
        """The first `limit` rows after this place, newest first; from the newest on where there is no place."""
        ...

    def newer(self, than: Place, limit: int) -> list[M]:
        """The first `limit` rows before this place, the nearest first, which is the oldest."""
        ...

    def count(self, limit: int) -> Count:
        """How many there are, counted up to `limit`."""
        ...


@dataclass(frozen=True, slots=True)
class TableRows[M: Model]:
    """Every row of a queryset; an order it has is replaced."""

    queryset: QuerySet[M]
    time: str = "created_at"

    @property
    def model(self) -> type[M]:
        return self.queryset.model

    def older(self, than: Place | None, limit: int) -> list[M]:
        rows = self._beyond("lt", than) if than else self.queryset
        return list(rows.order_by(f"-{self.time}", "-pk")[:limit])

    def newer(self, than: Place, limit: int) -> list[M]:
        return list(self._beyond("gt", than).order_by(self.time, "pk")[:limit])

    def count(self, limit: int) -> Count:
        found = self.queryset.order_by(f"-{self.time}", "-pk")[:limit].count()
        return Count(found, is_whole=found < limit)

    def _beyond(self, way: str, than: Place) -> QuerySet[M]:
        beyond = Q((f"{self.time}__{way}", than.time)) | Q((f"pk__{way}", than.pk))
        # The outer bound alone lets the database start in the index; the inner one parts rows of one moment.
        return self.queryset.filter(Q((f"{self.time}__{way}e", than.time)) & beyond)


@dataclass(frozen=True, slots=True)
class FoundRows[M: Model]:
    """What a search finds, read from `queryset`, which has what a page shows of a row and filters nothing."""

    queryset: QuerySet[M]
    search: Search

    @property
    def model(self) -> type[M]:
        return self.queryset.model

    @property
    def time(self) -> str:
        return self.search.index.time

    def older(self, than: Place | None, limit: int) -> list[M]:
        return self._read(than, limit, newest=True)

    def newer(self, than: Place, limit: int) -> list[M]:
        return self._read(than, limit, newest=False)

    def count(self, limit: int) -> Count:
        low, high = self.search.places
        search = self.search
        found = backend().count(search.index.table, search.clauses(), search.tenant, low, high, limit)
        return Count(abs(found), is_whole=0 <= found < limit)

    def _read(self, than: Place | None, limit: int, *, newest: bool) -> list[M]:
        low, high = self.search.places
        if than and newest:
            high = min(high, last_place(than.time))
        elif than:
            low = max(low, first_place(than.time))
        where = (self.search.index.table, self.search.clauses(), self.search.tenant)
        found: list[M] = []
        size = limit + SPARE
        while True:
            candidates = backend().find(*where, low, high, newest=newest, limit=size)
            is_last = len(candidates) < size
            # Rows of one moment are put in order here: those of the last one may not all be here yet.
            moment = candidates[-1][0] // TIES if not is_last else None
            whole = [row for place, row in candidates if place // TIES != moment]
            found += self._in_order(whole, than, newest=newest)
            if is_last or len(found) >= limit:
                return found[:limit]
            if whole and moment is not None:
                low, high = (low, moment * TIES + TIES - 1) if newest else (moment * TIES, high)
            size = min(size * 4, MAX_BATCH)

    def _in_order(self, pks: list[Any], than: Place | None, *, newest: bool) -> list[M]:
        """Those of these rows that are shown and lie beyond the place, in order."""
        # By their keys alone: with the team beside them, SQLite would take the team's index and read all of it.
        rows = self.queryset.order_by().filter(pk__in=pks) if pks else []
        admitted = [row for row in rows if self.search.admits(self.search.index.describe(row))]
        admitted.sort(key=self._key, reverse=newest)
        if than is None:
            return admitted
        edge = (than.time, than.pk)
        return [row for row in admitted if (self._key(row) < edge if newest else self._key(row) > edge)]

    def _key(self, row: M) -> tuple[datetime, Any]:
        return getattr(row, self.time), row.pk
