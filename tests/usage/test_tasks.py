"""The pace of a key: credits a day, from the ledger of the last four weeks."""

from collections.abc import Callable
from datetime import date, timedelta

import pytest
from django.utils import timezone

from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import EntryKind, LedgerEntry, today
from hubportal.usage.tasks import estimate_spending_rates
from tests import makers

pytestmark = pytest.mark.django_db

Entry = Callable[..., LedgerEntry]


def ago(days: int) -> date:
    return today() - timedelta(days=days)


def key_added(team: Team, days: int = 60, label: str = "Main") -> Key:
    """A key that was added so many days ago."""
    key = makers.make_key(team, label=label)
    Key.objects.filter(pk=key.pk).update(added_at=timezone.now() - timedelta(days=days))
    return key


def pace_of(key: Key) -> float | None:
    estimate_spending_rates.func()
    return Key.objects.get(pk=key.pk).credits_per_day


def test_four_weeks_of_work_are_spread_over_four_weeks(team: Team, entry: Entry) -> None:
    key = key_added(team)
    for days in (0, 10, 27):
        entry(ago(days), 280, key=key)

    assert pace_of(key) == 30.0


def test_what_is_older_than_four_weeks_does_not_count(team: Team, entry: Entry) -> None:
    key = key_added(team)
    entry(ago(28), 5000, key=key)
    entry(ago(27), 28, key=key)

    assert pace_of(key) == 1.0


def test_what_came_back_is_not_spent(team: Team, entry: Entry) -> None:
    key = key_added(team)
    entry(ago(2), 56, key=key)
    entry(ago(1), -28, key=key, kind=EntryKind.REFUND)

    assert pace_of(key) == 1.0


def test_more_back_than_spent_is_no_pace_below_nothing(team: Team, entry: Entry) -> None:
    key = key_added(team)
    entry(ago(1), -28, key=key, kind=EntryKind.REFUND)

    assert pace_of(key) == 0.0


@pytest.mark.parametrize(("age", "days"), [(0, 7), (6, 7), (13, 14), (27, 28), (90, 28)])
def test_a_young_key_is_judged_by_its_own_days_but_by_a_week_at_least(
    team: Team, entry: Entry, age: int, days: int
) -> None:
    key = key_added(team, age)
    entry(ago(0), 84, key=key)

    assert pace_of(key) == 84 / days


def test_each_key_has_a_pace_of_its_own_and_one_that_never_paid_has_none_to_speak_of(team: Team, entry: Entry) -> None:
    busy, idle = key_added(team), key_added(team, label="Idle")
    entry(ago(0), 280, key=busy)

    assert (pace_of(busy), pace_of(idle)) == (10.0, 0.0)


def test_a_retiring_key_is_not_estimated_any_more(team: Team, entry: Entry) -> None:
    key = key_added(team)
    entry(ago(0), 70, key=key)
    key.retire()

    assert pace_of(key) is None
