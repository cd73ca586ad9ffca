"""What a benchmark prints: one line for each number, with its reference, their ratio and the bound on that."""

import sys
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Line:
    """`number` and `reference` are in `unit`; `bound` is on their ratio, None where nothing was promised."""

    name: str
    number: float
    reference: float
    unit: str
    bound: float | None
    about: str

    @property
    def ratio(self) -> float:
        return self.number / self.reference

    @property
    def holds(self) -> bool:
        return self.bound is None or self.ratio <= self.bound

    def __str__(self) -> str:
        verdict = "ok" if self.holds else "OVER"
        bound = "-" if self.bound is None else f"{self.bound:.2f}"
        sizes = f"{_short(self.number, self.unit):>10} / {_short(self.reference, self.unit):<10}"
        return f"{self.name:22}{sizes} = {self.ratio:6.2f}   bound {bound:>5}  {verdict:5} {self.about}"


def _short(number: float, unit: str) -> str:
    if unit == "s" and number < 1:
        return f"{number * 1000:.1f} ms"
    return f"{number:.2f} {unit}".rstrip()


def print_line(text: object) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def quantile(numbers: Iterable[float], fraction: float) -> float:
    """The number below which that fraction of them lies: 0.5 gives the median, 0.95 the p95."""
    ranked = sorted(numbers)
    return ranked[min(int(len(ranked) * fraction), len(ranked) - 1)]
