"""A month's ledger entries as CSV, for a spreadsheet."""

import csv
from collections.abc import Iterator
from datetime import UTC
from typing import Any

from hubportal.teams.models import Team
from hubportal.usage.models import LedgerEntry
from hubportal.usage.months import Month

AT_ONCE = 1000
COLUMNS = ("written_at", "day", "person", "model", "key", "kind", "credits", "pictures", "generation")
# A cell that begins so is run as a formula when the file is opened (OWASP, CSV Injection).
FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """What csv.writer writes to: it hands the line back."""

    def write(self, text: str) -> str:
        return text


def lines_of(team: Team, month: Month) -> Iterator[str]:
    """The file, line by line, in the order the entries were written; `written_at` is UTC.

    It begins with a byte order mark: without one Excel takes UTF-8 for something older. Fetched a thousand
    entries at a time, so that a slow reader keeps no query open.
    """
    writer = csv.writer(_Line())
    yield "\ufeff" + writer.writerow(COLUMNS)
    entries = LedgerEntry.objects.filter(team=team, day__range=(month.first, month.last))
    last = 0
    while batch := list(entries.filter(pk__gt=last).select_related("author", "key").order_by("pk")[:AT_ONCE]):
        for entry in batch:
            yield writer.writerow(_cells(entry))
        last = batch[-1].pk


def _cells(entry: LedgerEntry) -> tuple[Any, ...]:
    return (
        entry.written_at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.day.isoformat(),
        _text(entry.author.display_name),
        _text(entry.model),
        _text(str(entry.key or "")),
        entry.kind,
        entry.credits,
        entry.pictures,
        entry.work,
    )


def _text(value: str) -> str:
    return f"'{value}" if value.startswith(FORMULA_STARTS) else value
