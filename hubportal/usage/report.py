"""What a team spent in a period: read from its totals alone, in a fixed number of queries."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode

from django.db.models import Min, QuerySet, Sum
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.hub.image_models import ImageModel
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import DailyTotal, MonthlyTotal, Project
from hubportal.usage.models.totals import NO_KEY, NO_PROJECT
from hubportal.usage.months import Month
from hubportal.usage.periods import By, Period


@dataclass(slots=True)
class Sums:
    """Credits by kind, as the ledger has them (what came back has a minus); accepted generations; pictures."""

    charged: int = 0
    refunded: int = 0
    corrected: int = 0
    charges: int = 0
    pictures: int = 0

    @property
    def credits(self) -> int:
        """What was spent: the plain sum."""
        return self.charged + self.refunded + self.corrected

    def __iadd__(self, other: "Sums") -> "Sums":
        for name in NAMES:
            setattr(self, name, getattr(self, name) + getattr(other, name))
        return self


NAMES = tuple(field.name for field in fields(Sums))
_SUMS = {f"sum_{name}": Sum(name) for name in NAMES}


@dataclass(frozen=True, slots=True)
class Line:
    """What one `subject` spent; `link` leads to the generations behind it."""

    subject: Any
    sums: Sums
    link: str


class Report:
    """Charges and corrections of a period, less what came back in it, for whatever day that was spent on."""

    def __init__(self, team: Team, period: Period, models: Iterable[ImageModel]) -> None:
        """`models` name those that the ledger knows by id."""
        self.team, self.period, self._models = team, period, models
        self._history = reverse("generations:list", args=[team.slug])

    @cached_property
    def total(self) -> Line:
        return Line(self.period, _sum_of(sums for *_subject, sums in self._rows), self._link())

    @cached_property
    def by_day(self) -> list[Line]:
        """Days with entries, in order."""
        days = DailyTotal.objects.between(self.team, self.period.first, self.period.last)
        rows = days.order_by("day").values_list("day").annotate(**_SUMS)
        return [Line(day, Sums(*sums), self._link(Period(day, day))) for day, *sums in rows]

    @cached_property
    def by_month(self) -> list[Line]:
        """Months with entries, in order; the subject is a Month, the link leads to its days that are asked for."""
        found: dict[date, Sums] = {}
        for day, *sums in self._sums():
            found.setdefault(day.replace(day=1), Sums()).__iadd__(Sums(*sums))
        return [self._month_line(Month.of(first), found[first]) for first in sorted(found)]

    @cached_property
    def by_person(self) -> list[Line]:
        found = self._by(0)
        people = User.objects.in_bulk([author for author, _sums in found])
        return [Line(people[author], sums, self._link(person=author)) for author, sums in found]

    @cached_property
    def by_project(self) -> list[Line]:
        """The subject is None for what was spent without one."""
        found = self._by(3)
        projects = Project.objects.in_bulk([project for project, _sums in found if project != NO_PROJECT])
        return [
            Line(projects.get(project), sums, self._link(project=project if project in projects else "none"))
            for project, sums in found
        ]

    @cached_property
    def by_key(self) -> list[Line]:
        """The subject is None for what no key is known of."""
        found = self._by(1)
        keys = Key.objects.in_bulk([key for key, _sums in found if key != NO_KEY])
        return [Line(keys.get(key), sums, self._link(**({"key": key} if key in keys else {}))) for key, sums in found]

    @cached_property
    def by_model(self) -> list[Line]:
        """The subject is the hub's model, or the id of one that it doesn't have any more."""
        models = {model.id: model for model in self._models}
        return [Line(models.get(model, model), sums, self._link(model=model)) for model, sums in self._by(2)]

    def lines(self, by: By) -> list[Line]:
        found: list[Line] = getattr(self, f"by_{by.value}")
        return found

    @cached_property
    def _rows(self) -> list[tuple[Any, Any, Any, Any, Sums]]:
        """Author, key, model, project and what was spent; the same may come once for each part of the period."""
        rows = self._sums("author", "key", "model", "project")
        return [(author, key, model, project, Sums(*sums)) for author, key, model, project, *sums in rows]

    def _sums(self, *subjects: str) -> QuerySet[Any, tuple[Any, ...]]:
        """Sums by these fields, or else by day and month, from the totals of the whole months and of the other days.

        One query: a range of days each, which an index finds; two ranges joined by OR are read in no good order.
        """
        parts: list[Any] = [DailyTotal.objects.between(self.team, *edge) for edge in self.period.edges]
        if self.period.whole_months:
            parts.append(MonthlyTotal.objects.between(self.team, *self.period.whole_months))
        first, *others = [
            part.order_by().values_list(*(subjects or [part.model.span])).annotate(**_SUMS) for part in parts
        ]
        found: QuerySet[Any, tuple[Any, ...]] = first.union(*others, all=True) if others else first
        return found

    def _by(self, place: int) -> list[tuple[Any, Sums]]:
        """What was spent by what stands at this place of the rows, the most first."""
        found: dict[Any, Sums] = {}
        for row in self._rows:
            found.setdefault(row[place], Sums()).__iadd__(row[-1])
        return sorted(found.items(), key=lambda one: (-one[1].credits, str(one[0])))

    def _month_line(self, month: Month, sums: Sums) -> Line:
        days = Period(max(month.first, self.period.first), min(month.last, self.period.last))
        return Line(month, sums, self._link(days))

    def _link(self, days: Period | None = None, **filters: Any) -> str:
        asked = f"&{urlencode(filters)}" if filters else ""
        return f"{self._history}?{(days or self.period).query}{asked}"


def _sum_of(all_sums: Iterable[Sums]) -> Sums:
    total = Sums()
    for sums in all_sums:
        total += sums
    return total


def first_month(team: Team) -> date | None:
    """The first day of the month of the team's first entry."""
    first: date | None = MonthlyTotal.objects.filter(team=team).aggregate(first=Min("month"))["first"]
    return first
