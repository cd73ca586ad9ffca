"""A budget's month turns at the midnight of the team's time zone, whatever that midnight is."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from types import SimpleNamespace
from zoneinfo import ZoneInfo

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from hubportal.audit.actor import SITE
from hubportal.teams.teams import change_time_zone
from hubportal.usage.budget_check import BudgetUse, budgets_of, first_of_month, next_month
from hubportal.usage.budgets import Subject, set_budget
from hubportal.usage.models import EntryKind, LedgerEntry
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def spend(cast: SimpleNamespace) -> Iterator[None]:
    makers.make_key(cast.team)
    set_budget(cast.team, Subject.of(None), 1000, actor=SITE)
    return None


def charge(cast: SimpleNamespace, credits: int, at: datetime) -> None:
    with time_machine.travel(at, tick=False):
        generation = makers.make_generation(cast.team, cast.member, credits=0)
        LedgerEntry.objects.record(generation.work, EntryKind.CHARGE, credits, pictures=1)


def use_at(cast: SimpleNamespace, at: datetime) -> BudgetUse:
    with time_machine.travel(at, tick=False):
        [use] = budgets_of(cast.team, cast.member).general
    return use


def turn(zone: str, first: date) -> datetime:
    """The moment the month begins in this zone: the first one whose date there it is."""
    at = datetime(first.year, first.month, first.day, tzinfo=UTC) - timedelta(hours=15)
    while at.astimezone(ZoneInfo(zone)).date() < first:
        at += timedelta(minutes=15)
    return at


# Where clocks were put forward at midnight of a first: 00:00 is not there (Asuncion, Beirut), nor a whole day (Apia).
NO_MIDNIGHT = [
    ("America/Asuncion", date(2017, 10, 1)),
    ("America/Asuncion", date(2023, 10, 1)),
    ("Africa/Cairo", date(2010, 10, 1)),
    ("America/Sao_Paulo", date(2018, 11, 1)),
    ("Pacific/Apia", date(2012, 1, 1)),
]
ZONES = ["UTC", "Asia/Tokyo", "America/Los_Angeles", "Asia/Kathmandu", "Pacific/Kiritimati", "Pacific/Niue"]


@pytest.mark.parametrize(("zone", "first"), [*NO_MIDNIGHT, *((zone, date(2026, 3, 1)) for zone in ZONES)])
def test_what_is_spent_a_second_before_the_turn_is_of_the_old_month(
    cast: SimpleNamespace, spend: None, zone: str, first: date
) -> None:
    change_time_zone(cast.team, zone, actor=SITE)
    begins = turn(zone, first)
    second = timedelta(seconds=1)

    charge(cast, 40, begins - second)
    charge(cast, 3, begins)

    assert use_at(cast, begins - second).spent == 40
    assert use_at(cast, begins).spent == 3


def test_a_midnight_that_does_not_exist_is_among_those_that_are_tried() -> None:
    gone = [
        (zone, first)
        for zone, first in NO_MIDNIGHT
        if datetime(first.year, first.month, first.day, tzinfo=ZoneInfo(zone))
        .astimezone(UTC)
        .astimezone(ZoneInfo(zone))
        .hour
    ]

    assert gone


@pytest.mark.parametrize("month", range(1, 13))
def test_the_last_day_of_every_month_still_counts_to_it(cast: SimpleNamespace, spend: None, month: int) -> None:
    first_of_next = next_month(date(2026, month, 1))
    last = datetime(first_of_next.year, first_of_next.month, 1, tzinfo=UTC) - timedelta(minutes=1)
    cast.team.time_zone = "UTC"
    cast.team.save(update_fields=["time_zone"])

    charge(cast, 8, datetime(2026, month, 1, tzinfo=UTC))
    charge(cast, 8, last)

    assert use_at(cast, last).spent == 16
    assert use_at(cast, last + timedelta(minutes=1)).spent == 0


def test_a_zone_changed_mid_month_keeps_what_was_spent_in_it(cast: SimpleNamespace, spend: None) -> None:
    change_time_zone(cast.team, "Asia/Tokyo", actor=SITE)
    charge(cast, 8, datetime(2026, 3, 10, tzinfo=UTC))

    change_time_zone(cast.team, "America/Los_Angeles", actor=SITE)
    charge(cast, 8, datetime(2026, 3, 11, tzinfo=UTC))

    assert use_at(cast, datetime(2026, 3, 12, tzinfo=UTC)).spent == 16


def test_a_zone_changed_back_over_the_turn_counts_to_the_month_it_then_is(cast: SimpleNamespace, spend: None) -> None:
    evening = datetime(2026, 3, 31, 20, tzinfo=UTC)
    change_time_zone(cast.team, "Asia/Tokyo", actor=SITE)
    charge(cast, 8, evening)
    assert use_at(cast, evening).spent == 8

    change_time_zone(cast.team, "America/Los_Angeles", actor=SITE)

    # There it is March again; what is booked keeps its day, and counts once that month has come.
    assert use_at(cast, evening).spent == 0
    assert use_at(cast, datetime(2026, 4, 2, tzinfo=UTC)).spent == 8


def test_what_is_reserved_counts_whenever_it_was_reserved(cast: SimpleNamespace, spend: None) -> None:
    with time_machine.travel(datetime(2026, 3, 31, 23, tzinfo=UTC)):
        makers.make_generation(cast.team, cast.member, credits=16)

    assert use_at(cast, datetime(2026, 4, 20, tzinfo=UTC)).reserved == 16


@given(at=st.datetimes(datetime(1990, 1, 1), datetime(2090, 1, 1)), zone=st.sampled_from(ZONES))  # noqa: DTZ001
def test_every_moment_is_in_one_month_that_ends_when_the_next_begins(at: datetime, zone: str) -> None:
    moment = at.replace(tzinfo=UTC)
    with time_machine.travel(moment, tick=False):
        first = first_of_month(SimpleNamespace(time_zone=zone))  # type: ignore[arg-type]
    here = moment.astimezone(ZoneInfo(zone)).date()

    assert first <= here < next_month(first)
    assert (first.day, next_month(first).day) == (1, 1)
