"""The ledger's lines of a period as CSV, and the report's numbers for a program."""

from collections.abc import Iterator
from datetime import UTC, date, timedelta
from typing import Any

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.csv_export import CsvExport
from hubportal.teams.models import Team
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import LedgerEntry
from hubportal.usage.months import Month
from hubportal.usage.periods import By, Period
from hubportal.usage.report import Line, Report, Sums
from hubportal.usage.wording import name_of

EXPORT_BATCH_SIZE = 1000
COLUMNS = ("written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation")


def export_ledger(team: Team, period: Period, actor: Actor) -> CsvExport:
    """Each day in the order its entries were written; `written_at` is UTC. The audit log tells of it."""
    AuditEntry.objects.record(team, UsageAction.EXPORTED, str(period), actor=actor)
    return CsvExport(COLUMNS, map(_cells, _entries(team, period)))


def _entries(team: Team, period: Period) -> Iterator[LedgerEntry]:
    """A day at a time, so that each batch is found in the index, however long the period is."""
    entries = LedgerEntry.objects.filter(team=team)
    day = period.first
    while found := _next_day(team, day, period.last):
        last, of_day = 0, entries.filter(day=found).select_related("author", "key").order_by("pk")
        while batch := list(of_day.filter(pk__gt=last)[:EXPORT_BATCH_SIZE]):
            yield from batch
            last = batch[-1].pk
        day = found + timedelta(days=1)


def _next_day(team: Team, first: date, last: date) -> date | None:
    days = LedgerEntry.objects.filter(team=team, day__range=(first, last)).order_by("day")
    return days.values_list("day", flat=True).first()


def _cells(entry: LedgerEntry) -> tuple[Any, ...]:
    return (
        entry.written_at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.day.isoformat(),
        entry.author.display_name if entry.author else "",
        entry.model,
        str(entry.key or ""),
        entry.kind,
        entry.credits,
        entry.pictures,
        entry.generation_id or "",
    )


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
    }


def _subject(by: By, line: Line) -> dict[str, Any]:
    subject = line.subject
    if isinstance(subject, date | Month):
        return {by.value: str(subject)}
    if by is By.MODEL:
        return {"model": getattr(subject, "id", subject), "name": name_of(subject)}
    return {by.value: subject and subject.pk, "name": name_of(subject)}
