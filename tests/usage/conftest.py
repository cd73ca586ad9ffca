"""Ledger entries in one line."""

import uuid
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from types import SimpleNamespace
from typing import Any

import pytest

from hubportal.usage.models import BilledGeneration, DailyTotal, EntryKind, LedgerEntry, MonthlyTotal

Entry = Callable[..., LedgerEntry]


@pytest.fixture
def entry(cast: SimpleNamespace) -> Entry:
    """`entry(date(2026, 11, 3), 16, pictures=2)`: a charge, of the member unless another author is named."""

    def write(day: date, credits: int, *, kind: str = EntryKind.CHARGE, pictures: int = 1, **of: Any) -> LedgerEntry:
        fields = {"author": cast.member, "team": cast.team, "model": "gpt-image-2", "generation_id": uuid.uuid4(), **of}
        at = datetime.combine(day, time(12), UTC)
        written = LedgerEntry.objects.create(
            kind=kind, credits=credits, pictures=pictures, day=day, written_at=at, **fields
        )
        MonthlyTotal.objects.add(written)
        DailyTotal.objects.add(written)
        return written

    return write


@pytest.fixture
def work(cast: SimpleNamespace) -> BilledGeneration:
    return BilledGeneration(uuid.uuid4(), cast.team.pk, cast.member.pk, None, "gpt-image-2")
