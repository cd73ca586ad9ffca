"""Pages by key: the thousandth costs what the first does, and new rows never shift a page under a reader."""

import base64
import binascii
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.core.exceptions import ValidationError
from django.db.models import Model, QuerySet

from hubportal.listing.search.rows import Place, Rows, TableRows

NEWER, OLDER = "n", "o"
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Page[M: Model]:
    """Rows newest first, and the cursors of the pages before and after; None where there is no such page."""

    items: list[M]
    newer: str | None
    older: str | None


@dataclass(frozen=True, slots=True)
class _Cursor:
    """A row's place in the order, and the direction to read from it."""

    direction: str
    place: Place


def page_of[M: Model](rows: QuerySet[M] | Rows[M], cursor: str, size: int, *, time: str = "created_at") -> Page[M]:
    """`size` rows by (`time`, pk), both descending, from where the cursor says.

    Any order the queryset has is replaced. A cursor that is empty, cannot be read or leads past the end gives
    the first page. One query of a table, or two where a cursor led nowhere.
    """
    source = rows_of(rows, time)
    at = _read(source.model, cursor)
    if at is None:
        return _first(source, size)
    found = (source.older if at.direction == OLDER else source.newer)(at.place, size + 1)
    more, items = len(found) > size, found[:size]
    if at.direction == OLDER:
        return _page(items, source.time, newer=True, older=more) if items else _first(source, size)
    # Reading towards the newest may end half-way down the first page: show that whole.
    return _page(items[::-1], source.time, newer=True, older=True) if more else _first(source, size)


def rows_of[M: Model](rows: QuerySet[M] | Rows[M], time: str = "created_at") -> Rows[M]:
    """The rows of a queryset in this order; what is in order already stays as it is."""
    if isinstance(rows, QuerySet):
        return TableRows(rows, time)
    return rows


def neighbours_of[M: Model](queryset: QuerySet[M], row: M, *, time: str = "created_at") -> tuple[M | None, M | None]:
    """The rows just before (newer) and after (older) this one, in the order of `page_of`. Two queries."""
    rows, place = TableRows(queryset, time), Place(getattr(row, time), row.pk)
    return next(iter(rows.newer(place, 1)), None), next(iter(rows.older(place, 1)), None)


def cursor_after(row: Model, *, time: str = "created_at") -> str:
    """Where a page begins that has what follows this row."""
    return _write(OLDER, row, time)


def cursor_before(moment: datetime) -> str:
    """Where a page begins that has what is older than this moment, of rows whose keys are UUIDs."""
    return _text(OLDER, moment, UUID(int=0))


def time_of(model: type[Model], cursor: str) -> datetime | None:
    """The time of the row that a cursor was written for; None where it can't be read."""
    found = _read(model, cursor)
    return found.place.time if found else None


def _first[M: Model](rows: Rows[M], size: int) -> Page[M]:
    found = rows.older(None, size + 1)
    return _page(found[:size], rows.time, newer=False, older=len(found) > size)


def _page[M: Model](items: list[M], time: str, *, newer: bool, older: bool) -> Page[M]:
    return Page(
        items,
        newer=_write(NEWER, items[0], time) if newer else None,
        older=_write(OLDER, items[-1], time) if older else None,
    )


def _write(direction: str, row: Model, time: str) -> str:
    return _text(direction, getattr(row, time), row.pk)


def _text(direction: str, moment: datetime, pk: object) -> str:
    microseconds = (moment - _EPOCH) // timedelta(microseconds=1)
    return base64.urlsafe_b64encode(f"{direction}.{microseconds}.{pk}".encode()).decode().rstrip("=")


def _read(model: type[Model], cursor: str) -> _Cursor | None:
    try:
        text = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True).decode()
        direction, microseconds, pk = text.split(".")
        moment = _EPOCH + timedelta(microseconds=int(microseconds))
        key = model._meta.pk.to_python(pk)
    except (ValueError, OverflowError, binascii.Error, ValidationError):
        return None
    return _Cursor(direction, Place(moment, key)) if direction in (NEWER, OLDER) else None
