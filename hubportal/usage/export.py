"""A month's ledger entries as CSV."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.csv_export import CsvExport
from hubportal.teams.models import Team
from hubportal.usage.audit_actions import UsageAction
from hubportal.usage.models import LedgerEntry
from hubportal.usage.months import Month

EXPORT_BATCH_SIZE = 1000
COLUMNS = ("written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation")


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
