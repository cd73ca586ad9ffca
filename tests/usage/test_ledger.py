"""The ledger is written once and never changed; a reservation is held until it is released."""

import uuid
from collections.abc import Callable
from typing import Any

import pytest
from django.db import DatabaseError, IntegrityError, connection, transaction
from django.db.models import ProtectedError
from django.utils import timezone

from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.credits import credits_of
from hubportal.usage.models import AppendOnlyError, BilledGeneration, EntryKind, LedgerEntry, Reservation
from tests import makers

pytestmark = pytest.mark.django_db


def test_an_entry_is_written_once_for_each_generation_and_kind(work: BilledGeneration) -> None:
    first = LedgerEntry.objects.record(work, EntryKind.CHARGE, 8, pictures=1)
    second = LedgerEntry.objects.record(work, EntryKind.CHARGE, 99, pictures=4)
    refund = LedgerEntry.objects.record(work, EntryKind.REFUND, -8, pictures=-1)

    assert (first is not None, second, refund is not None) == (True, None, True)
    assert list(LedgerEntry.objects.order_by("pk").values_list("credits", "pictures")) == [(8, 1), (-8, -1)]


def test_the_database_itself_keeps_one_entry_a_kind(work: BilledGeneration) -> None:
    LedgerEntry.objects.record(work, EntryKind.CHARGE, 8)
    again = LedgerEntry(
        generation_id=work.id, kind=EntryKind.CHARGE, team_id=work.team_id, author_id=work.author_id, credits=8
    )

    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


@pytest.mark.parametrize(
    "change",
    [
        lambda entry: entry.save(),
        lambda entry: entry.delete(),
        lambda entry: LedgerEntry.objects.update(credits=0),
        lambda entry: LedgerEntry.objects.all().delete(),
        lambda entry: LedgerEntry.objects.bulk_update([entry], ["credits"]),
    ],
    ids=["save", "delete", "update", "delete many", "bulk update"],
)
def test_an_entry_is_never_changed_or_taken_back(work: BilledGeneration, change: Callable[[LedgerEntry], Any]) -> None:
    LedgerEntry.objects.record(work, EntryKind.CHARGE, 8)
    entry = LedgerEntry.objects.get()
    entry.credits = 0

    with pytest.raises(AppendOnlyError):
        change(entry)

    assert LedgerEntry.objects.get().credits == 8


def test_the_database_refuses_a_change_past_the_code(work: BilledGeneration) -> None:
    LedgerEntry.objects.record(work, EntryKind.CHARGE, 8)

    with pytest.raises(DatabaseError, match="append-only"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("UPDATE usage_ledgerentry SET credits = 0")

    assert LedgerEntry.objects.get().credits == 8


@pytest.mark.parametrize(
    ("kind", "credits"),
    [("charge", 8), ("charge", 0), ("refund", -8), ("refund", 0), ("correction", 3), ("correction", -3)],
)
def test_signs_that_make_sense_are_kept(work: BilledGeneration, kind: EntryKind, credits: int) -> None:
    assert LedgerEntry.objects.record(work, kind, credits)


@pytest.mark.parametrize(
    ("kind", "credits"), [("charge", -1), ("refund", 1), ("gift", 5), ("", 0), ("topup", -5), ("outside", 5)]
)
def test_signs_and_kinds_that_make_none_are_refused(work: BilledGeneration, kind: Any, credits: int) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        LedgerEntry.objects.record(work, kind, credits)


def test_whoever_stands_in_the_ledger_cannot_be_deleted(work: BilledGeneration, team: Team) -> None:
    LedgerEntry.objects.record(work, EntryKind.CHARGE, 8)

    with pytest.raises(ProtectedError):
        team.delete()


def test_work_is_reserved_for_once_and_releasing_frees(work: BilledGeneration, team: Team) -> None:
    Reservation.objects.reserve(work, 24)
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.reserve(work, 16)
    Reservation.objects.reserve(BilledGeneration(uuid.uuid4(), team.pk, work.author_id, None, "m"), 8)
    assert Reservation.objects.reserved_credits(team) == 32

    Reservation.objects.release(work.id)
    Reservation.objects.release(work.id)

    assert Reservation.objects.reserved_credits(team) == 8


def test_credits_cannot_be_reserved_backwards(work: BilledGeneration) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Reservation.objects.reserve(work, -1)


def test_credits_left_are_what_the_keys_that_serve_have_together_less_what_is_reserved(
    work: BilledGeneration, team: Team
) -> None:
    first = makers.make_key(team, credits=5)
    makers.make_key(team, credits=500, label="Spare")
    Key.objects.filter(pk=makers.make_key(team, credits=300, label="Paused").pk).update(paused_at=timezone.now())
    makers.make_key(team, credits=200, label="Dead").record_problem("invalidApiKey")
    Reservation.objects.reserve(work, 16)

    credits = credits_of(team)

    assert (credits.left, credits.reserved, credits.free) == (505, 16, 489)
    assert [name.split()[0] for name in credits.keys] == ["Main", "Spare"]
    assert credits.checked_at == first.balance_at


def test_one_order_can_cost_no_more_than_one_key_has(team: Team) -> None:
    makers.make_key(team, credits=5)
    makers.make_key(team, credits=6, label="Spare")

    assert (credits_of(team).left, credits_of(team).free, credits_of(team).is_split) == (11, 6, True)


def test_a_key_whose_balance_nobody_knows_may_have_enough(team: Team) -> None:
    makers.make_key(team, credits=5)
    Key.objects.filter(pk=makers.make_key(team, label="Spare").pk).update(balance=None)

    assert (credits_of(team).left, credits_of(team).free) == (5, None)


def test_without_a_key_that_works_nobody_knows_what_is_left(team: Team) -> None:
    assert credits_of(team).free is None

    makers.make_key(team, credits=112).record_problem("invalidApiKey")

    assert credits_of(team).left is None


def test_what_was_heard_is_dated_by_when_it_was_heard_not_by_a_failed_look(team: Team) -> None:
    key = makers.make_key(team, credits=112)
    heard = key.balance_at

    key.record_problem("unreachable")

    assert (credits_of(team).left, credits_of(team).checked_at) == (112, heard)
