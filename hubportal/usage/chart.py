"""A bar chart of a month's days: one unit wide a day, the tallest 100 high. The markup is the template's."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import timedelta

from hubportal.usage.months import Month
from hubportal.usage.report import Line


@dataclass(frozen=True, slots=True)
class Bar:
    """A day that has entries. Places and heights are texts with a point, whatever the reader's language."""

    line: Line
    left: str
    inner_left: str
    top: str
    height: str


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars in a box of `days` by 100; `marks` are the days named below it."""

    days: int
    marks: tuple[int, int, int]
    bars: list[Bar]
    highest: Line | None


def chart_of(month: Month, lines: Iterable[Line]) -> Chart:
    """A day on which more came back than was spent has a bar without height."""
    lines = list(lines)
    days = month.last.day
    highest = max(lines, key=lambda line: line.credits, default=None)
    scale = max(highest.credits, 1) if highest else 1
    bars = [_bar(line, line.subject - month.first, scale) for line in lines]
    return Chart(days, (1, 15, days), bars, highest if highest and highest.credits > 0 else None)


def _bar(line: Line, since: timedelta, scale: int) -> Bar:
    height = max(line.credits, 0) * 100 / scale
    return Bar(line, f"{since.days}", f"{since.days + 0.15:.2f}", f"{100 - height:.2f}", f"{height:.2f}")
