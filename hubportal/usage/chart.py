"""The bars of a report: one unit wide a day or month, the tallest 100 high. The markup is the template's."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from hubportal.usage.months import Month, months_back
from hubportal.usage.periods import By, Period
from hubportal.usage.report import Line
from hubportal.usage.wording import credits_in_words, most_in_words, name_of

# Of a longer period only the months from the first to the last with entries are drawn.
MAX_EMPTY_MONTHS = 24


@dataclass(frozen=True, slots=True)
class Bar:
    """A day or month that has entries. Places and heights are texts with a point, whatever the reader's language."""

    link: str
    title: str
    left: str
    inner_left: str
    top: str
    height: str


@dataclass(frozen=True, slots=True)
class Tick:
    """A value on the axis, and how far from the top its line is, of 100."""

    value: str
    top: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a box of `width` by 100, with lines at a few values (`ticks`); `marks` are named below it.

    `most` says which is the highest, if any is.
    """

    width: int
    ticks: list[Tick]
    marks: list[str]
    bars: list[Bar]
    most: str
    heading: str
    caption: str
    column: str


def chart_of(period: Period, step: By, lines: Sequence[Line]) -> Chart:
    """A day on which more came back than was spent has a bar without height."""
    places = _months(period, lines) if step is By.MONTH else _days(period)
    place_of = {subject: place for place, subject in enumerate(places)}
    scale = max((line.sums.credits for line in lines), default=0)
    marks = [places[0], places[(len(places) - 1) // 2], places[-1]]
    by_month = step is By.MONTH
    return Chart(
        width=len(places),
        ticks=_ticks(scale),
        marks=[str(day.day) if isinstance(day, date) and period.is_month else name_of(day) for day in marks],
        bars=[_bar(line, place_of[line.subject], max(scale, 1)) for line in lines],
        most=most_in_words(next(line for line in lines if line.sums.credits == scale)) if scale > 0 else "",
        heading=_("By month") if by_month else _("By day"),
        caption=_("Credits by month") if by_month else _("Credits by day"),
        column=_("Month") if by_month else _("Day"),
    )


def _ticks(scale: int) -> list[Tick]:
    """Two to five round values up to the highest bar; one where there is no other."""
    if scale <= 0:
        return []
    unit: int = 10 ** (len(str(scale)) - 1)
    steps = [step for step in (unit * 2, unit, unit // 2, unit // 5) if step and scale // step >= 2]
    step = steps[0] if steps else scale
    return [Tick(intcomma(value), f"{100 - value * 100 / scale:.2f}") for value in range(step, scale + 1, step)]


def _days(period: Period) -> list[date | Month]:
    return [period.first + timedelta(days=number) for number in range(period.days)]


def _months(period: Period, lines: Sequence[Line]) -> list[date | Month]:
    first, last = Month.of(period.first), Month.of(period.last)
    if (last.year - first.year) * 12 + last.number - first.number >= MAX_EMPTY_MONTHS:
        first, last = (lines[0].subject, lines[-1].subject) if lines else (last, last)
    return [*reversed(months_back(last, first.first))]


def _bar(line: Line, place: int, scale: int) -> Bar:
    height = max(line.sums.credits, 0) * 100 / scale
    title = f"{name_of(line.subject)}: {credits_in_words(line.sums.credits)}"
    return Bar(line.link, title, f"{place}", f"{place + 0.15:.2f}", f"{100 - height:.2f}", f"{height:.2f}")
