"""What a check learns from the hub, and the words for it."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.utils import timezone

from hubportal.hub.errors import KeyRejected
from hubportal.hub.records import Balance
from hubportal.keys.health import check, check_stale_keys, problem_of
from hubportal.keys.models import Key
from hubportal.keys.wording import health_of
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db


def test_a_check_learns_balance_account_and_expiry(team: Team, sandbox: RunningSandbox) -> None:
    secret = sandbox.hub.new_key(credits=321, account_type="FREE", next_expiration="2027-01-31T08:00:00.000Z")
    key = makers.make_key(team, secret, credits=None)

    assert check(key) == ""

    key.refresh_from_db()
    assert (key.balance, key.account_type, key.problem) == (321, "FREE", "")
    assert f"{key.next_expiration:%Y-%m-%d}" == "2027-01-31"


@pytest.mark.parametrize(("end", "code"), [("revoke", "invalidApiKey"), ("expire", "expiredApiKey")])
def test_a_check_notices_a_key_that_ended(team: Team, sandbox: RunningSandbox, end: str, code: str) -> None:
    secret = sandbox.hub.new_key()
    key = makers.make_key(team, secret)
    assert check(key) == ""

    getattr(sandbox.hub, end)(secret)

    assert check(key) == code
    assert health_of(key).tone == "bad"


@pytest.mark.parametrize("kind", ["down", "silent", "html"])
def test_a_hub_in_trouble_is_not_the_keys_fault(team: Team, make_hub: Callable[[str], None], kind: str) -> None:
    make_hub(kind)
    key = makers.make_key(team, credits=112)

    assert check(key, somebody_waits=True)

    key.refresh_from_db()
    assert (key.balance, key.is_usable) == (112, True)
    assert health_of(key).tone == "warn"


def test_a_refusal_in_words_we_do_not_know_is_a_refusal() -> None:
    assert problem_of(KeyRejected("unauthorized", status=401)) == "invalidApiKey"
    assert problem_of(KeyRejected("expiredApiKey", status=401)) == "expiredApiKey"


def test_a_key_that_does_not_open_is_told_so(team: Team, sandbox: RunningSandbox) -> None:
    key = makers.make_key(team)
    Key.objects.filter(pk=key.pk).update(sealed="v1.t1.QUJD")
    key.refresh_from_db()

    assert check(key) == "decryptionFailed"
    assert "can't open" in health_of(key).text


def test_the_worker_checks_what_nobody_heard_of_for_five_minutes(team: Team, sandbox: RunningSandbox) -> None:
    stale, _, removed = (makers.make_key(team, sandbox.hub.new_key(credits=7), label=label) for label in "abc")
    long_ago = timezone.now() - timedelta(minutes=6)
    removed.remove()
    Key.objects.filter(pk__in=[stale.pk, removed.pk]).update(checked_at=long_ago)

    check_stale_keys()

    learned = {key.label: (key.balance, key.problem) for key in Key.objects.all()}
    assert learned == {"a": (7, ""), "b": (1000, ""), "c": (1000, "")}


@pytest.mark.parametrize(
    ("balance", "tone"),
    [
        (Balance(100, "PRO", None), "good"),
        (Balance(0, "PRO", None), "warn"),
        (Balance(-3, "PRO", None), "warn"),
        (Balance(None, "PRO", None), "warn"),
        (Balance(100, "PRO", timezone.now() + timedelta(days=6)), "warn"),
        (Balance(100, "PRO", timezone.now() + timedelta(days=9)), "good"),
    ],
)
def test_health_is_told_in_words_and_a_tone(team: Team, balance: Balance, tone: str) -> None:
    key = makers.make_key(team)
    key.record_balance(balance)

    health = health_of(key)

    assert health.tone == tone
    assert health.word == "Works"
    assert bool(health.text) == (tone != "good")
