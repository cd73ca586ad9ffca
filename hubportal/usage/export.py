"""The ledger's lines of a period, or a report's, as CSV; and the report's numbers for a program."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.csv_export import CsvExport
from hubportal.teams.models import Team
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import DailyTotal, LedgerEntry
from hubportal.usage.models.totals import NO_PROJECT
from hubportal.usage.months import Month
from hubportal.usage.periods import By, Period
from hubportal.usage.report import Line, Report, Sums
from hubportal.usage.wording import name_of

EXPORT_BATCH_SIZE = 1000
COLUMNS = (
    *("written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation"),
    *("project", "tier", "effort", "balance", "since"),
)


@dataclass(frozen=True, slots=True)
class Movements:
    """Which of a team's entries a file has.

    person   theirs alone; None for everybody's, with what moved on the accounts
    project  what was for this one (NO_PROJECT: for none) alone; None for all
    """

    team: Team
    period: Period
    person: int | None = None
    project: UUID | None = None

    def __iter__(self) -> Iterator[LedgerEntry]:
        """A day at a time, so that each batch is found in the index, however long the period is."""
        for day in self._days():
            last, of_day = 0, self._narrowed(LedgerEntry.objects.filter(team=self.team, day=day))
            of_day = of_day.select_related("author", "key", "project").order_by("pk")
            while batch := list(of_day.filter(pk__gt=last)[:EXPORT_BATCH_SIZE]):
                yield from batch
                last = batch[-1].pk

    def _narrowed(self, entries: QuerySet[LedgerEntry]) -> QuerySet[LedgerEntry]:
        if self.person:
            entries = entries.filter(author=self.person)
        if self.project == NO_PROJECT:
            return entries.filter(project=None, generation_id__isnull=False)
        return entries.filter(project=self.project) if self.project else entries

    def _days(self) -> Iterable[date]:
        """Days that may have such entries. Those of one person or project are told by the totals, which are few."""
        if not self.person and not self.project:
            return self._days_of_team()
        totals = DailyTotal.objects.between(self.team, self.period.first, self.period.last)
        totals = totals.filter(author=self.person) if self.person else totals
        totals = totals.filter(project=self.project) if self.project else totals
        return totals.order_by("day").values_list("day", flat=True).distinct()

    def _days_of_team(self) -> Iterator[date]:
        day = self.period.first
        while found := self._next_day(day):
            yield found
            day = found + timedelta(days=1)

    def _next_day(self, first: date) -> date | None:
        days = LedgerEntry.objects.filter(team=self.team, day__range=(first, self.period.last)).order_by("day")
        return days.values_list("day", flat=True).first()


def export_ledger(movements: Movements, actor: Actor) -> CsvExport:
    """Each day in the order its entries were written; times are UTC. The audit log tells of it."""
    AuditEntry.objects.record(movements.team, UsageAction.EXPORTED, str(movements.period), actor=actor)
    return CsvExport(COLUMNS, map(_cells, movements))


def _cells(entry: LedgerEntry) -> tuple[Any, ...]:
    return (
        _moment(entry.written_at),
        entry.day.isoformat(),
        entry.author.display_name if entry.author else "",
        entry.model,
        str(entry.key or ""),
        entry.kind,
        entry.credits,
        entry.pictures,
        entry.generation_id or "",
        str(entry.project or ""),
        entry.tier,
        entry.effort,
        "" if entry.balance is None else entry.balance,
        _moment(entry.since) if entry.since else "",
    )


def _moment(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="seconds")


def export_totals(report: Report, by: By, actor: Actor) -> CsvExport:
    """The report divided by one thing: the lines that `report_as_json` has. The audit log tells of it."""
    AuditEntry.objects.record(report.team, UsageAction.EXPORTED, str(report.period), actor=actor)
    lines = [_subject(by, line) | _numbers(line.sums) for line in report.lines(by)]
    named = (by.value,) if by in (By.DAY, By.MONTH) else (by.value, "name")
    rows = (["" if cell is None else cell for cell in line.values()] for line in lines)
    return CsvExport((*named, *_numbers(Sums())), rows)


def report_as_json(report: Report, by: By) -> dict[str, Any]:
    """The report divided by one thing (docs/operations.md, Exports)."""
    return {
        "team": report.team.slug,
        "from": report.period.first.isoformat(),
        "to": report.period.last.isoformat(),
        "by": by.value,
        "total": _numbers(report.total.sums),
        "lines": [_subject(by, line) | _numbers(line.sums) for line in report.lines(by)],
    }


def _numbers(sums: Sums) -> dict[str, int]:
    return {
        "credits": sums.credits,
        "charged": sums.charged,
        "refunded": sums.refunded,
        "corrected": sums.corrected,
        "generations": sums.charges,
        "pictures": sums.pictures,
        "refunds": sums.refunds,
    }


def _subject(by: By, line: Line) -> dict[str, Any]:
    subject = line.subject
    if isinstance(subject, date | Month):
        return {by.value: str(subject)}
    if by is By.MODEL:
        return {"model": getattr(subject, "id", subject), "name": name_of(subject)}
    name = "" if subject is None and by is By.PROJECT else name_of(subject)
    return {by.value: subject and subject.pk, "name": name}
