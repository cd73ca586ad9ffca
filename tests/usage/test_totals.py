"""Totals by day and by month are the sums of the ledger, whoever else writes at the same moment."""

import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, date, datetime
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction

from hubportal.usage.models import BilledGeneration, DailyTotal, EntryKind, LedgerEntry, MonthlyTotal
from hubportal.usage.models.totals import NO_KEY, SUMS, TotalQuerySet
from hubportal.usage.totals_check import teams_that_differ
from tests import makers

NOVEMBER = datetime(2026, 11, 30, 12, tzinfo=UTC)
DECEMBER = datetime(2026, 12, 1, 12, tzinfo=UTC)


def billed(cast: SimpleNamespace, key: Any = None, model: str = "gpt-image-2") -> BilledGeneration:
    return BilledGeneration(uuid.uuid4(), cast.team.pk, cast.member.pk, key and key.pk, model)


def sums(total: Any) -> dict[str, int]:
    return {name: value for name in SUMS if (value := getattr(total, name))}


@pytest.mark.django_db
def test_an_entry_is_counted_in_its_day_and_its_month(cast: SimpleNamespace) -> None:
    key = makers.make_key(cast.team)
    with time_machine.travel(NOVEMBER):
        work = billed(cast, key)
        LedgerEntry.objects.record(work, EntryKind.CHARGE, 32, pictures=4)
        LedgerEntry.objects.record(work, EntryKind.CORRECTION, 2)
        LedgerEntry.objects.record(billed(cast, key), EntryKind.CHARGE, 8, pictures=1)
    with time_machine.travel(DECEMBER):
        LedgerEntry.objects.record(work, EntryKind.REFUND, -8, pictures=-1)

    spent = {"charged": 40, "corrected": 2, "charges": 2, "corrections": 1, "pictures": 5}
    back = {"refunded": -8, "refunds": 1, "pictures": -1}
    days = {total.day: sums(total) for total in DailyTotal.objects.all()}
    months = {total.month: sums(total) for total in MonthlyTotal.objects.all()}
    assert days == {date(2026, 11, 30): spent, date(2026, 12, 1): back}
    assert months == {date(2026, 11, 1): spent, date(2026, 12, 1): back}
    assert {(one.team, one.author, one.key, one.model) for one in DailyTotal.objects.all()} == {
        (cast.team, cast.member, key.pk, "gpt-image-2")
    }


@pytest.mark.django_db
def test_each_person_key_and_model_is_counted_apart(cast: SimpleNamespace) -> None:
    key = makers.make_key(cast.team)
    for work in (billed(cast, key), billed(cast, key), billed(cast), billed(cast), billed(cast, key, "nanobanana2")):
        LedgerEntry.objects.record(work, EntryKind.CHARGE, 8, pictures=1)

    assert set(DailyTotal.objects.values_list("key", "model", "charged")) == {
        (key.pk, "gpt-image-2", 16),
        (NO_KEY, "gpt-image-2", 16),
        (key.pk, "nanobanana2", 8),
    }


@pytest.mark.django_db
def test_an_entry_that_was_there_already_is_not_counted_again(work: BilledGeneration) -> None:
    for credits in (8, 99):
        LedgerEntry.objects.record(work, EntryKind.CHARGE, credits, pictures=1)

    assert list(DailyTotal.objects.values_list("charged", "charges", "pictures")) == [(8, 1, 1)]
    assert list(MonthlyTotal.objects.values_list("charged", "charges", "pictures")) == [(8, 1, 1)]


@pytest.mark.django_db
def test_what_the_ledger_refuses_is_not_counted(work: BilledGeneration) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.record(work, EntryKind.CHARGE, -8)

    assert not DailyTotal.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_there_is_neither_an_entry_nor_a_total_without_the_other(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_totals: object, _entry: object) -> None:
        if _totals.model is DailyTotal:  # type: ignore[attr-defined]
            raise ZeroDivisionError
        add(_totals, _entry)  # type: ignore[arg-type]

    add = TotalQuerySet.add
    monkeypatch.setattr(TotalQuerySet, "add", fail)

    with pytest.raises(ZeroDivisionError):
        LedgerEntry.objects.record(billed(cast), EntryKind.CHARGE, 8)

    assert not LedgerEntry.objects.exists()
    assert not MonthlyTotal.objects.exists()


# Many at once -----------------------------------------------------------------------------------------------------

WRITERS, EACH = 8, 12


def record_at_once(works: list[list[BilledGeneration]]) -> None:
    """One thread and connection for each of the lists, all of them starting together."""
    start = threading.Barrier(len(works), timeout=20)

    def write(mine: list[BilledGeneration]) -> None:
        try:
            start.wait()
            for work in mine:
                with transaction.atomic():
                    LedgerEntry.objects.record(work, EntryKind.CHARGE, 8, pictures=1)
                    LedgerEntry.objects.record(work, EntryKind.REFUND, -2)
        finally:
            connection.close()

    with ThreadPoolExecutor(len(works)) as pool:
        list(pool.map(write, works))


def add_in_python(totals: Any, entry: Any) -> None:
    """Read, add, write: what an increment must not be."""
    row, _created = totals.get_or_create(
        **{totals.model.span: totals.model.start_of(entry.day)},
        team_id=entry.team_id,
        author_id=entry.author_id,
        key=entry.key_id or NO_KEY,
        model=entry.model,
    )
    if entry.kind == EntryKind.CHARGE:
        row.charged, row.charges = row.charged + entry.credits, row.charges + 1
    else:
        row.refunded, row.refunds = row.refunded + entry.credits, row.refunds + 1
    row.pictures += entry.pictures
    row.save()


def charges_counted() -> tuple[int, int]:
    return DailyTotal.objects.get().charges, MonthlyTotal.objects.get().charges


@pytest.mark.django_db(transaction=True)
def test_all_that_is_recorded_at_once_is_counted(cast: SimpleNamespace) -> None:
    with time_machine.travel(NOVEMBER, tick=False):
        record_at_once([[billed(cast) for _ in range(EACH)] for _ in range(WRITERS)])

    assert charges_counted() == (WRITERS * EACH, WRITERS * EACH)
    assert DailyTotal.objects.get().charged == 8 * WRITERS * EACH
    assert DailyTotal.objects.get().refunded == -2 * WRITERS * EACH
    assert teams_that_differ() == []


@pytest.mark.skipif(connection.vendor != "postgresql", reason="SQLite lets in one writer at a time")
@pytest.mark.django_db(transaction=True)
def test_a_total_that_is_read_and_written_back_loses_some(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(TotalQuerySet, "add", add_in_python)

    with time_machine.travel(NOVEMBER, tick=False):
        record_at_once([[billed(cast) for _ in range(EACH)] for _ in range(WRITERS)])

    assert LedgerEntry.objects.filter(kind=EntryKind.CHARGE).count() == WRITERS * EACH
    assert charges_counted() < (WRITERS * EACH, WRITERS * EACH)
    assert teams_that_differ() == [cast.team]


@pytest.mark.django_db(transaction=True)
def test_writers_of_many_rows_at_once_do_not_wait_for_each_other(cast: SimpleNamespace) -> None:
    keys = [makers.make_key(cast.team, label=f"Key {number}") for number in range(4)]

    with time_machine.travel(NOVEMBER, tick=False):
        record_at_once(
            [[billed(cast, keys[(shift + number) % 4]) for number in range(EACH)] for shift in range(WRITERS)]
        )

    assert {one.charges for one in DailyTotal.objects.all()} == {WRITERS * EACH // 4}
    assert teams_that_differ() == []
