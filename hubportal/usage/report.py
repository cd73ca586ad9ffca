"""A team's month: added up from the ledger in a fixed number of queries, as a bar chart of its days, and as CSV."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date
from functools import cached_property
from typing import Any

from django.db.models import F, Min, Sum
from django.urls import reverse
from django.utils.http import urlencode

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.csv_export import CsvExport
from hubportal.hub.image_models import ImageModel
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import EntryKind, LedgerEntry
from hubportal.usage.months import Month

EXPORT_BATCH_SIZE = 1000
COLUMNS = ("written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation")


@dataclass(frozen=True, slots=True)
class Line:
    """Credits spent on, and pictures made by, one `subject`; `link` leads to the generations behind them."""

    subject: Any
    credits: int
    pictures: int
    link: str


class Report:
    """What a team spent in a month: charges and corrections, less what came back."""

    def __init__(self, team: Team, month: Month, models: Iterable[ImageModel]) -> None:
        """`models` name those that the ledger knows by id."""
        self.team, self.month, self._models = team, month, models
        self._entries = LedgerEntry.objects.filter(team=team, day__range=(month.first, month.last))

    @cached_property
    def total(self) -> Line:
        sums = self._entries.aggregate(credits=Sum("credits", default=0), pictures=Sum("pictures", default=0))
        return Line(self.month, sums["credits"], sums["pictures"], self._link())

    @cached_property
    def came_back(self) -> int:
        """Credits refunded in this month, for whatever month they were spent in."""
        refunds: int = self._entries.filter(kind=EntryKind.REFUND).aggregate(sum=Sum("credits", default=0))["sum"]
        return -refunds

    @cached_property
    def by_day(self) -> list[Line]:
        """Days with entries, in order."""
        days = self._sums("day", order="day")
        return [self._line(day, sums, **{"from": day, "to": day}) for day, sums in days]

    @cached_property
    def by_person(self) -> list[Line]:
        sums = self._sums("author")
        people = User.objects.in_bulk(_subjects(sums))
        return [self._line(people[author], sum_, person=author) for author, sum_ in sums]

    @cached_property
    def by_model(self) -> list[Line]:
        """The subject is the model's name, as the hub gives it."""
        names = {model.id: model.name for model in self._models}
        return [self._line(names.get(model, model), sum_, model=model) for model, sum_ in self._sums("model")]

    @cached_property
    def by_key(self) -> list[Line]:
        """The subject is None for what no key is known of."""
        sums = self._sums("key")
        keys = Key.objects.in_bulk(_subjects(sums))
        return [self._line(keys.get(key), sum_, **({"key": key} if key else {})) for key, sum_ in sums]

    def _sums(self, field: str, order: str = "-spent") -> list[tuple[Any, tuple[int, int]]]:
        rows = (
            self._entries.values(subject=F(field))
            .annotate(spent=Sum("credits"), made=Sum("pictures"))
            .order_by(order, field)
        )
        return [(row["subject"], (row["spent"], row["made"])) for row in rows]

    def _line(self, subject: Any, sums: tuple[int, int], **filters: Any) -> Line:
        return Line(subject, *sums, link=self._link(**filters))

    def _link(self, **filters: Any) -> str:
        days: dict[str, date] = {"from": self.month.first, "to": self.month.last}
        return f"{reverse('generations:list', args=[self.team.slug])}?{urlencode({**days, **filters})}"


def _subjects(sums: Iterable[tuple[Any, Any]]) -> list[Any]:
    return [subject for subject, _ in sums if subject is not None]


def first_day(team: Team) -> date | None:
    """The day of the team's first entry."""
    first: date | None = LedgerEntry.objects.filter(team=team).aggregate(first=Min("day"))["first"]
    return first


# The chart: one unit wide a day, the tallest bar 100 high. The markup is the template's. -------------------------


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
    bars = []
    for line in lines:
        since, height = (line.subject - month.first).days, max(line.credits, 0) * 100 / scale
        bars.append(Bar(line, f"{since}", f"{since + 0.15:.2f}", f"{100 - height:.2f}", f"{height:.2f}"))
    return Chart(days, (1, 15, days), bars, highest if highest and highest.credits > 0 else None)


# The file ---------------------------------------------------------------------------------------------------------


def export_ledger(team: Team, month: Month, actor: Actor) -> CsvExport:
    """The month in the order the entries were written; `written_at` is UTC. The audit log tells of it."""
    AuditEntry.objects.record(team, UsageAction.EXPORTED, month, actor=actor)
    return CsvExport(COLUMNS, map(_cells, _entries(team, month)))


def _entries(team: Team, month: Month) -> Iterator[LedgerEntry]:
    entries = LedgerEntry.objects.filter(team=team, day__range=(month.first, month.last))
    last = 0
    while batch := list(entries.filter(pk__gt=last).select_related("author", "key").order_by("pk")[:EXPORT_BATCH_SIZE]):
        yield from batch
        last = batch[-1].pk


def _cells(entry: LedgerEntry) -> tuple[Any, ...]:
    return (
        entry.written_at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.day.isoformat(),
        entry.author.display_name,
        entry.model,
        str(entry.key or ""),
        entry.kind,
        entry.credits,
        entry.pictures,
        entry.generation_id,
    )
