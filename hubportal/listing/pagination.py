"""Pages by key: the thousandth costs what the first does, and new rows never shift a page under a reader."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

NEWER, OLDER = "n", "o"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page[M: Model]:
    """Rows newest first, and the cursors of the pages before and after; None where there is no such page."""

    items: list[M]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class _Place:
    """A row's place in the order, and the direction to read from it."""

    direction: str
    time: datetime
    pk: Any


def page_of[M: Model](queryset: QuerySet[M], cursor: str, size: int, *, time: str = "created_at") -> Page[M]:
    """`size` rows by (`time`, pk), both descending, from where the cursor says.

    Any order the queryset has is replaced. A cursor that is empty, cannot be read or leads past the end gives
    the first page. One query, or two where a cursor led nowhere.
    """
    place = _read(queryset.model, cursor)
    if place is None:
        return _first(queryset, size, time)
    found = list(_from(queryset, place, time)[: size + 1])
    more, items = len(found) > size, found[:size]
    if place.direction == OLDER:
        return _page(items, time, newer=True, older=more) if items else _first(queryset, size, time)
    # Reading towards the newest may end half-way down the first page: show that whole.
    return _page(items[::-1], time, newer=True, older=True) if more else _first(queryset, size, time)


def neighbours_of[M: Model](queryset: QuerySet[M], row: M, *, time: str = "created_at") -> tuple[M | None, M | None]:
    """The rows just before (newer) and after (older) this one, in the order of `page_of`. Two queries."""
    newer, older = (_from(queryset, _Place(way, getattr(row, time), row.pk), time)[:1] for way in (NEWER, OLDER))
    return next(iter(newer), None), next(iter(older), None)


def cursor_after(row: Model, *, time: str = "created_at") -> str:
    """Where a page begins that has what follows this row."""
    return _write(OLDER, row, time)


def time_of(model: type[Model], cursor: str) -> datetime | None:
    """The time of the row that a cursor was written for; None where it can't be read."""
    place = _read(model, cursor)
    return place.time if place else None


def _first[M: Model](queryset: QuerySet[M], size: int, time: str) -> Page[M]:
    found = list(queryset.order_by(f"-{time}", "-pk")[: size + 1])
    return _page(found[:size], time, newer=False, older=len(found) > size)


def _from[M: Model](queryset: QuerySet[M], place: _Place, time: str) -> QuerySet[M]:
    way, order = ("lt", "-") if place.direction == OLDER else ("gt", "")
    beyond = Q((f"{time}__{way}", place.time)) | Q((f"pk__{way}", place.pk))
    # The outer bound alone lets the database start in the index; the inner one parts rows of one moment.
    reached = queryset.filter(Q((f"{time}__{way}e", place.time)) & beyond)
    return reached.order_by(f"{order}{time}", f"{order}pk")


def _page[M: Model](items: list[M], time: str, *, newer: bool, older: bool) -> Page[M]:
    return Page(
        items,
        newer=_write(NEWER, items[0], time) if newer else None,
        older=_write(OLDER, items[-1], time) if older else None,
    )


def _write(direction: str, row: Model, time: str) -> str:
    microseconds = (getattr(row, time) - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{direction}.{microseconds}.{row.pk}".encode()).decode().rstrip("=")


def _read(model: type[Model], cursor: str) -> _Place | None:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        direction, microseconds, pk = text.split(".")
        moment = _EPOCH + timedelta(microseconds=int(microseconds))
        key = model._meta.pk.to_python(pk)
    except (ValueError, OverflowError, binascii.Error, ValidationError):
        return None
    return _Place(direction, moment, key) if direction in (NEWER, OLDER) else None
