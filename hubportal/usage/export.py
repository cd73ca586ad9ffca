"""A month's ledger entries as CSV, for a spreadsheet."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from hubportal import csv_export
from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry
from hubportal.usage.months import Month

AT_ONCE = 1000
COLUMNS = ("written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation")


def lines_of(team: Team, month: Month) -> Iterator[str]:
    """The file, line by line, in the order the entries were written; `written_at` is UTC."""
    return csv_export.lines_of(COLUMNS, map(_cells, _entries(team, month)))


def _entries(team: Team, month: Month) -> Iterator[LedgerEntry]:
    """A thousand at a time, so that a slow reader keeps no query open."""
    entries = LedgerEntry.objects.filter(team=team, day__range=(month.first, month.last))
    last = 0
    while batch := list(entries.filter(pk__gt=last).select_related("author", "key").order_by("pk")[:AT_ONCE]):
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
