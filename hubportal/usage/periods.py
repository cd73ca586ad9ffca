"""The days that a report is about, as its address asks for them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from functools import cached_property
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import TextChoices
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.date_range import DayField
from hubportal.usage.models import Project
from hubportal.usage.models.totals import NO_PROJECT
from hubportal.usage.months import Month, read_month

ONE_DAY = timedelta(days=1)
# A chart of more days than these goes by month, and so does whoever asks for days.
MAX_DAYS = 62


@dataclass(frozen=True, slots=True)
class Period:
    """Days of the team's time zone, both included. `str()` gives `2026-11`, or `2026-11-03_2026-11-09`."""

    first: date
    last: date

    def __str__(self) -> str:
        return str(Month.of(self.first)) if self.is_month else f"{self.first}_{self.last}"

    @classmethod
    def of_month(cls, month: Month) -> "Period":
        return cls(month.first, month.last)

    @property
    def is_month(self) -> bool:
        month = Month.of(self.first)
        return (self.first, self.last) == (month.first, month.last)

    @property
    def is_year(self) -> bool:
        return (self.first, self.last) == (date(self.first.year, 1, 1), date(self.first.year, 12, 31))

    @property
    def days(self) -> int:
        return (self.last - self.first).days + 1

    @property
    def name(self) -> str:
        """November 2026, 2026, or its first and last day; in the reader's language."""
        if self.is_month:
            return Month.of(self.first).name
        if self.is_year:
            return str(self.first.year)
        first, last = (date_format(day, "DATE_FORMAT") for day in (self.first, self.last))
        return first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last}

    @property
    def before(self) -> "Period | None":
        """As long a time before it: the month before a month, the year before a year. None before the calendar."""
        if (self.first - date.min).days < self.days:
            return None
        if self.is_month:
            return Period.of_month(Month.of(self.first).before)
        if self.is_year:
            year = self.first.year - 1
            return Period(date(year, 1, 1), date(year, 12, 31))
        return Period(self.first - timedelta(days=self.days), self.first - ONE_DAY)

    def until(self, days: int) -> "Period":
        """Its first so many days."""
        return Period(self.first, min(self.last, self.first + timedelta(days=days - 1)))

    @property
    def query(self) -> str:
        """As an address asks for it."""
        return f"from={self.first}&to={self.last}"

    @property
    def whole_months(self) -> tuple[date, date] | None:
        """The first days of the first and of the last month that is in it whole."""
        first = self.first if self.first.day == 1 else Month.of(self.first).last + ONE_DAY
        last = self.last if self.last == Month.of(self.last).last else self.last.replace(day=1) - ONE_DAY
        return (first, last.replace(day=1)) if first <= last else None

    @property
    def edges(self) -> list[tuple[date, date]]:
        """The days before and after its whole months; all of it where there are none."""
        if self.whole_months is None:
            return [(self.first, self.last)]
        first, last = self.whole_months
        parts = [(self.first, first - ONE_DAY), (Month.of(last).last + ONE_DAY, self.last)]
        return [(begin, end) for begin, end in parts if begin <= end]


class By(TextChoices):
    """What a report is divided by (interface.md, `by`)."""

    DAY = "day", gettext_lazy("by day")
    MONTH = "month", gettext_lazy("by month")
    PERSON = "person", gettext_lazy("by person")
    PROJECT = "project", gettext_lazy("by project")
    MODEL = "model", gettext_lazy("by model")
    KEY = "key", gettext_lazy("by key")


class Rows(TextChoices):
    """What each row of a file is."""

    MOVEMENTS = "movements", gettext_lazy("movements")
    TOTALS = "totals", gettext_lazy("totals")


class PeriodForm(forms.Form):
    """What an address asks of the report; `projects` are all of the team's.

    A value that makes no sense is told at its field and otherwise ignored. Where only `from` is given it goes until
    today, where only `to` is, from the team's first day (`since`). `month` (2026-11) is what addresses had before; this
    month goes for one that makes no sense. Without any: this month.
    """

    by = forms.ChoiceField(
        required=False,
        choices=By.choices,
        error_messages={"invalid_choice": gettext_lazy("It is shown by day, month, person, project, model or key.")},
    )
    project = forms.TypedChoiceField(
        required=False,
        label=gettext_lazy("Project"),
        coerce=lambda text: NO_PROJECT if text == "none" else UUID(text),
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("There is no such project here.")},
    )
    rows = forms.ChoiceField(
        required=False,
        choices=Rows.choices,
        error_messages={"invalid_choice": gettext_lazy("The rows of a file are movements or totals.")},
    )

    def __init__(self, data: Mapping[str, Any], *, today: date, since: date, projects: Sequence[Project] = ()) -> None:
        super().__init__(data)
        self.today, self.since, self.projects = today, since, projects
        named = [(str(project.pk), project.name) for project in projects]
        project: Any = self.fields["project"]
        project.choices = [("", _("All projects")), *named, ("none", _("No project"))]
        # `from` is a word of Python's.
        self.fields |= {"from": DayField(gettext_lazy("From")), "to": DayField(gettext_lazy("To"))}

    def clean(self) -> None:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last and first > last:
            self.add_error("to", _("The last day is before the first one."))
        if self.cleaned_data.get("by") == By.DAY and self._asked_for().days > MAX_DAYS:
            message = _("This period is too long to show each day: %(number)d days at most.") % {"number": MAX_DAYS}
            self.add_error("by", message)

    @property
    def status(self) -> int:
        """The page's HTTP status: 422 when a value was ignored."""
        return 200 if self.is_valid() else 422

    @cached_property
    def period(self) -> Period:
        self.full_clean()
        return self._asked_for()

    @cached_property
    def by_asked(self) -> By | None:
        self.full_clean()
        asked = self.cleaned_data.get("by")
        return By(asked) if asked else None

    @cached_property
    def project_asked(self) -> UUID | None:
        """The project's id; NO_PROJECT where what was for none is asked for."""
        self.full_clean()
        asked: UUID | None = self.cleaned_data.get("project")
        return asked

    @property
    def asks_for_totals(self) -> bool:
        """Whether a file is to have a row for each total; otherwise it has one for each movement."""
        return self.is_valid() and self.cleaned_data["rows"] == Rows.TOTALS

    @property
    def project_name(self) -> str:
        """What the chosen project is called."""
        named = {project.pk: project.name for project in self.projects}
        return named.get(self.project_asked, _("No project")) if self.project_asked else ""

    @property
    def project_query(self) -> str:
        """The project as an address asks for it, to be put behind the period; "" for all."""
        asked = self.project_asked
        return f"&project={'none' if asked == NO_PROJECT else asked}" if asked else ""

    @property
    def query(self) -> str:
        """The period and the project, as an address asks for them."""
        return self.period.query + self.project_query

    @property
    def compared(self) -> Period | None:
        """The period before, as far as this one has come; None where there is none."""
        before = self.period.before
        if before is None:
            return None
        is_over = self.period.last <= self.today or self.period.first > self.today
        return before if is_over else before.until((self.today - self.period.first).days + 1)

    @property
    def step(self) -> By:
        """Whether the chart goes by day or by month."""
        if self.by_asked in (By.DAY, By.MONTH):
            return self.by_asked
        return By.DAY if self.period.days <= MAX_DAYS else By.MONTH

    @property
    def other_step(self) -> By | None:
        """How else the chart may go: a period of some months by month, or by day where that is not too much."""
        if self.period.days > MAX_DAYS or Month.of(self.period.first) == Month.of(self.period.last):
            return None
        return By.DAY if self.step is By.MONTH else By.MONTH

    @property
    def days(self) -> list[tuple[str, date, Any]]:
        """Name, value and field of both ends, set to the period that is shown."""
        return [("from", self.period.first, self["from"]), ("to", self.period.last, self["to"])]

    def _asked_for(self) -> Period:
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        if first and last:
            return Period(first, last)
        if first:
            return Period(first, max(self.today, first))
        if last:
            return Period(min(self.since, last), last)
        return Period.of_month(read_month(str(self.data.get("month", "")), self.today))


def usual_periods(today: date) -> list[tuple[str, Period]]:
    """What most people ask for, each with its name."""
    month = Month.of(today)
    return [
        (_("Today"), Period(today, today)),
        (_("This month"), Period.of_month(month)),
        (_("Last month"), Period.of_month(month.before)),
        (_("This year"), Period(date(today.year, 1, 1), date(today.year, 12, 31))),
    ]
