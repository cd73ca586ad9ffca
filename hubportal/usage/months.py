"""A month of the ledger, in the team's time zone."""

import calendar
import re
from dataclasses import dataclass
from datetime import date

from django.utils.formats import date_format


@dataclass(frozen=True, slots=True, order=True)
class Month:
    """A calendar month; `str()` gives `2026-11`, as in an address."""

    year: int
    number: int

    def __str__(self) -> str:
        return f"{self.year:04}-{self.number:02}"

    @classmethod
    def of(cls, day: date) -> "Month":
        return cls(day.year, day.month)

    @property
    def first(self) -> date:
        return date(self.year, self.number, 1)

    @property
    def last(self) -> date:
        return self.first.replace(day=calendar.monthrange(self.year, self.number)[1])

    @property
    def name(self) -> str:
        """November 2026, in the reader's language."""
        return date_format(self.first, "YEAR_MONTH_FORMAT")

    @property
    def before(self) -> "Month":
        return Month(self.year - 1, 12) if self.number == 1 else Month(self.year, self.number - 1)


def read_month(text: str, today: date) -> Month:
    """The month an address asks for; this one when it asks for none, for nonsense or for one still to come."""
    now = Month.of(today)
    asked = re.fullmatch(r"([1-9][0-9]{3})-(0[1-9]|1[0-2])", text, re.ASCII)
    return min(Month(int(asked[1]), int(asked[2])), now) if asked else now


def months_back(until: Month, since: date | None) -> list[Month]:
    """All months from the newest back to the one that `since` is in."""
    oldest = Month.of(since) if since else until
    months = [until]
    while months[-1] > oldest:
        months.append(months[-1].before)
    return months
