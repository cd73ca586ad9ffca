"""The months of a gallery: how many pictures each has, and the address where it begins.

Whatever the filters ask for, each month is one count of the index, up to COUNT_TO: a list of them costs what its months
cost, however many pictures there are. So it is asked for when somebody wants it, and no other page waits for it.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from itertools import groupby
from typing import Final
from uuid import UUID

from django.utils import timezone

from hubportal.date_range import start_of_day
from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.wording import number_of_pictures
from hubportal.generations.models import Image
from hubportal.listing.pagination import cursor_before
from hubportal.listing.search.rows import Count, FoundRows, Place

COUNT_TO: Final = 1000
MAX_MONTHS: Final = 120
_BEGINNING: Final = Place(datetime.min.replace(tzinfo=UTC), UUID(int=0))


@dataclass(frozen=True, slots=True)
class Month:
    """A month that has pictures, by the reader's clock; `address` is the gallery's query from its newest one on."""

    first: date
    pictures: Count
    address: str

    @property
    def number(self) -> str:
        """How many pictures it has, in words."""
        return number_of_pictures(self.pictures.number, self.pictures.number if self.pictures.is_whole else COUNT_TO)


@dataclass(frozen=True, slots=True)
class Year:
    number: int
    months: list[Month]


def years_of(form: GalleryFilterForm) -> list[Year]:
    """The years and months of what the filters ask for, the newest first; at most MAX_MONTHS."""
    return [Year(number, list(months)) for number, months in groupby(_months_of(form), key=lambda one: one.first.year)]


def _months_of(form: GalleryFilterForm) -> Iterator[Month]:
    rows = form.pictures()
    newest, oldest = rows.older(None, 1), rows.newer(_BEGINNING, 1)
    if not newest or not oldest:
        return
    month, first = (timezone.localdate(found[0].created_at).replace(day=1) for found in (newest, oldest))
    for _ in range(MAX_MONTHS):
        if month < first:
            return
        counted = _counted(form, rows, month)
        if counted.pictures.number:
            yield counted
        month = (month - timedelta(days=1)).replace(day=1)


def _counted(form: GalleryFilterForm, rows: FoundRows[Image], first: date) -> Month:
    zone = timezone.get_current_timezone()
    since, before = start_of_day(first, zone), start_of_day((first + timedelta(days=31)).replace(day=1), zone)
    asked = rows.search
    within = replace(asked, since=max(since, asked.since or since), before=min(before, asked.before or before))
    return Month(first, replace(rows, search=within).count(COUNT_TO + 1), form.address(cursor_before(before)))
