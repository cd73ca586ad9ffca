"""What a team spent in a period: read from its totals alone, in a fixed number of queries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, fields
from datetime import date
from functools import cached_property
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from django.db.models import DateField, F, QuerySet, Sum, UUIDField, Value
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.hub.image_models import ImageModel
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import DailyTotal, MonthlyTotal, Project
from hubportal.usage.models.totals import NO_KEY, NO_PROJECT
from hubportal.usage.months import Month
from hubportal.usage.periods import By, Period
from hubportal.usage.projects import all_projects


@dataclass(slots=True)
class Sums:
    """Credits by kind, as the ledger has them (what came back has a minus); accepted generations; pictures.

    `refunds` is the number of generations of which something came back.
    """

    charged: int = 0
    refunded: int = 0
    corrected: int = 0
    charges: int = 0
    refunds: int = 0
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

    def __init__(
        self,
        team: Team,
        period: Period,
        models: Iterable[ImageModel],
        *,
        project: UUID | None = None,
        person: int | None = None,
        projects: Sequence[Project] | None = None,
        keys: Sequence[Key] | None = None,
        beside: Iterable[Period] = (),
    ) -> None:
        """What the team spent, or what it spent for one project (NO_PROJECT: for none).

        models    name those that the ledger knows by id
        person    the only one whose own numbers may be told; None where everybody's may
        projects  all of the team's, where the caller has them; `keys` likewise
        beside    other periods, whose credits `spent_in` knows without a query of its own
        """
        self.team, self.period, self._models = team, period, models
        self._project, self._person, self._projects, self._keys = project, person, projects, keys
        self._beside = tuple(beside)
        self._history = reverse("generations:list", args=[team.slug])
        self._found: dict[By, _Found] = {}

    @cached_property
    def total(self) -> Line:
        return Line(self.period, sum_of(sums for *_subject, sums in self._rows), self._link())

    def sums_of(self, person: int) -> Line:
        """What one person spent."""
        own = sum_of(sums for author, *_others, sums in self._rows if author == person)
        return Line(person, own, self._link(person=person))

    @property
    def by_day(self) -> list[Line]:
        """Days with entries, in order."""
        return [Line(day, sums, self._link(Period(day, day))) for day, sums in self._spans(By.DAY)[self.period]]

    @property
    def by_month(self) -> list[Line]:
        """Months with entries, in order; the subject is a Month, the link leads to its days that are asked for."""
        found: dict[date, Sums] = {}
        for day, sums in self._spans(By.MONTH)[self.period]:
            found.setdefault(day.replace(day=1), Sums()).__iadd__(sums)
        return [self._month_line(Month.of(first), found[first]) for first in sorted(found)]

    def spent_in(self, period: Period, step: By) -> int:
        """Credits spent in one of the periods `beside` this one; read together with the lines of this step."""
        return sum_of(sums for _day, sums in self._spans(step)[period]).credits

    @cached_property
    def by_person(self) -> list[Line]:
        found = [(author, sums) for author, sums in self._by(0) if self._person in (None, author)]
        people = User.objects.in_bulk([author for author, _sums in found])
        return [Line(people[author], sums, self._link(person=author)) for author, sums in found]

    @cached_property
    def by_project(self) -> list[Line]:
        """The subject is None for what was spent without one."""
        known = all_projects(self.team.pk) if self._projects is None else self._projects
        projects = {project.pk: project for project in known}
        return [
            Line(projects.get(project), sums, self._link(project=project if project in projects else "none"))
            for project, sums in self._by(3)
        ]

    @cached_property
    def by_key(self) -> list[Line]:
        """The subject is None for what no key is known of."""
        found = self._by(1)
        if self._keys is None:
            keys = Key.objects.in_bulk([key for key, _sums in found if key != NO_KEY])
        else:
            keys = {key.pk: key for key in self._keys}
        return [Line(keys.get(key), sums, self._link(**({"key": key} if key in keys else {}))) for key, sums in found]

    @cached_property
    def by_model(self) -> list[Line]:
        """The subject is the hub's model, or the id of one that it doesn't have any more."""
        models = {model.id: model for model in self._models}
        return [Line(models.get(model, model), sums, self._link(model=model)) for model, sums in self._by(2)]

    def lines(self, by: By) -> list[Line]:
        found: list[Line] = getattr(self, f"by_{by.value}")
        return found

    def link(self, **filters: Any) -> str:
        """The generations of the period that fit these filters of the history."""
        return self._link(**filters)

    @property
    def _rows(self) -> list[tuple[Any, ...]]:
        """Author, key, model, project and what was spent; the same may come once for each part of the period."""
        found = next(iter(self._found.values()), None) or self._read(By.MONTH)
        return found.rows

    def _spans(self, step: By) -> dict[Period, list[tuple[date, Sums]]]:
        """What was spent in the period and in those beside it, by days and months, each in order."""
        return (self._found.get(step) or self._read(step)).spans

    def _read(self, step: By) -> "_Found":
        """All that the report tells, in one query: a part for each range of days and each use of it."""
        periods = list(dict.fromkeys((self.period, *self._beside)))
        parts = [_by_subject(part) for part in self._parts(self.period)]
        for place, period in enumerate(periods):
            whole_months = place > 0 or step is By.MONTH
            parts += [_by_span(part, place) for part in self._parts(period, whole_months=whole_months)]
        first, *others = parts
        found = self._found[step] = _Found([], {period: [] for period in periods})
        for place, day, *subjects, charged, refunded, corrected, charges, refunds, pictures in first.union(
            *others, all=True
        ):
            sums = Sums(charged, refunded, corrected, charges, refunds, pictures)
            if place == _OF_SUBJECTS:
                found.rows.append((*subjects, sums))
            else:
                found.spans[periods[place]].append((day, sums))
        for days in found.spans.values():
            days.sort(key=lambda one: one[0])
        return found

    def _parts(self, period: Period, *, whole_months: bool = True) -> list[QuerySet[Any]]:
        """The totals of a period: of its whole months, and of its other days.

        A range of days each, which an index finds; two ranges joined by OR are read in no good order.
        """
        edges = period.edges if whole_months else [(period.first, period.last)]
        parts: list[Any] = [DailyTotal.objects.between(self.team, *edge) for edge in edges]
        if whole_months and period.whole_months:
            parts.append(MonthlyTotal.objects.between(self.team, *period.whole_months))
        return [part.filter(project=self._project) for part in parts] if self._project else parts

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
        if self._project:
            filters = {"project": "none" if self._project == NO_PROJECT else self._project} | filters
        asked = f"&{urlencode(filters)}" if filters else ""
        return f"{self._history}?{(days or self.period).query}{asked}"


@dataclass(frozen=True, slots=True)
class _Found:
    rows: list[tuple[Any, ...]]
    spans: dict[Period, list[tuple[date, Sums]]]


# What each row of the one query has beside the sums; a part that is not divided by something has a constant there.
_COLUMNS = ("place", "at", "who", "with_key", "on_model", "for_project")
_OF_SUBJECTS = -1


def _by_subject(part: QuerySet[Any]) -> QuerySet[Any]:
    subjects = {"who": F("author"), "with_key": F("key"), "on_model": F("model"), "for_project": F("project")}
    return _summed(part, place=Value(_OF_SUBJECTS), at=Value(date.min, DateField()), **subjects)


def _by_span(part: QuerySet[Any], place: int) -> QuerySet[Any]:
    span: str = part.model.span
    nobody = {"who": Value(0), "with_key": Value(NO_KEY, UUIDField()), "for_project": Value(NO_PROJECT, UUIDField())}
    return _summed(part, place=Value(place), at=F(span), on_model=Value(""), **nobody)


def _summed(part: QuerySet[Any], **columns: Any) -> QuerySet[Any]:
    found: QuerySet[Any] = part.order_by().annotate(**columns).values_list(*_COLUMNS).annotate(**_SUMS)
    return found


def sum_of(all_sums: Iterable[Sums]) -> Sums:
    """All of them together."""
    total = Sums()
    for sums in all_sums:
        total += sums
    return total
