"""Many threads write what the hub says of a key, each with an instance that may be old: the row decides."""

from datetime import timedelta

import pytest
from django.utils import timezone

from hubportal.audit.actor import SITE
from hubportal.hub.records import Balance
from hubportal.keys.key_changes import KeyGone, destroy_key, finish_retirement, pause_key, remove_key, rename_key
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db


def another(key: Key) -> Key:
    """The same key, as another thread reads it now."""
    return Key.objects.get(pk=key.pk)


@pytest.mark.parametrize("code", ["invalidApiKey", "expiredApiKey", "decryptionFailed"])
def test_a_timeout_does_not_bring_back_a_key_that_was_refused_meanwhile(team: Team, code: str) -> None:
    stale = makers.make_key(team)
    another(stale).record_problem(code)

    stale.record_problem("timeout")

    assert another(stale).problem == stale.problem == code
    assert not Key.objects.usable().exists()


def test_a_timeout_is_told_of_a_key_that_works_again_meanwhile(team: Team) -> None:
    stale = makers.make_key(team)
    stale.record_problem("invalidApiKey")
    another(stale).record_balance(Balance(5, "PRO", None))

    stale.record_problem("timeout")

    assert another(stale).problem == stale.problem == "timeout"


def test_a_balance_that_was_asked_for_before_the_key_was_refused_does_not_bring_it_back(team: Team) -> None:
    stale, asked_at = makers.make_key(team), timezone.now()
    another(stale).record_problem("invalidApiKey")

    stale.record_balance(Balance(5, "PRO", None), asked_at=asked_at)
    refused = another(stale).problem, stale.problem
    stale.record_balance(Balance(5, "PRO", None), asked_at=timezone.now())

    assert refused == ("invalidApiKey", "invalidApiKey")
    assert (another(stale).problem, another(stale).balance) == ("", 5)


def test_a_refusal_dated_ahead_by_a_wrong_clock_does_not_last(team: Team) -> None:
    key = makers.make_key(team)
    key.record_problem("invalidApiKey")
    Key.objects.update(checked_at=timezone.now() + timedelta(days=365))

    key.record_balance(Balance(5, "PRO", None), asked_at=timezone.now())

    assert another(key).problem == ""


def test_of_two_that_are_told_to_wait_the_longer_wait_and_the_fewer_slots_stay(team: Team) -> None:
    first = makers.make_key(team)
    second = another(first)

    first.record_busy(4, 60.0)
    second.record_busy(20, 1.0)

    row = another(first)
    assert row.slots == second.slots == 2
    assert row.busy_until == second.busy_until
    assert row.busy_until is not None
    assert row.busy_until > timezone.now() + timedelta(seconds=50)


def test_a_later_429_waits_longer_and_takes_more_slots(team: Team) -> None:
    key = makers.make_key(team)

    key.record_busy(20, 1.0)
    another(key).record_busy(4, 60.0)

    assert another(key).slots == 2
    assert not another(key).has_free_slot(0)


def test_a_count_that_comes_late_changes_no_key_whose_retirement_ended(team: Team) -> None:
    stale = makers.make_key(team)
    stale.retire()
    finish_retirement(another(stale))

    stale.record_pending(2, 1)

    assert (another(stale).pending_count, another(stale).undecided_count) == (0, 0)


def test_a_count_is_saved_whatever_an_old_instance_remembers(team: Team) -> None:
    stale = makers.make_key(team)
    stale.retire()
    stale.record_pending(2, 0)
    another(stale).record_pending(1, 1)

    stale.record_pending(2, 0)

    assert (another(stale).pending_count, another(stale).undecided_count) == (2, 0)


@pytest.mark.parametrize("change", [pause_key, remove_key, lambda key, actor: rename_key(key, "Other", actor)])
def test_what_people_decide_is_decided_on_the_row_as_it_is(team: Team, change: object) -> None:
    stale = makers.make_key(team)
    destroy_key(another(stale), SITE)

    with pytest.raises(KeyGone):
        change(stale, SITE)  # type: ignore[operator]

    row = another(stale)
    assert (row.label, row.paused_at, row.retiring_since) == ("Main", None, None)


def test_a_pause_of_an_old_instance_keeps_the_first_ones_time(team: Team) -> None:
    stale = makers.make_key(team)
    paused_at = pause_key(another(stale), SITE).paused_at

    pause_key(stale, SITE)

    assert another(stale).paused_at == paused_at
