"""What a check learns from the hub, and the words for it."""

import threading
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
import time_machine
from django.db import connection
from django.tasks import default_task_backend
from django.utils import timezone

from hubportal.audit.actor import SITE
from hubportal.encryption import Secret
from hubportal.hub.client import HubClient
from hubportal.hub.errors import KeyRejected
from hubportal.hub.records import Balance
from hubportal.keys.clients import client_for
from hubportal.keys.health import CHECK_LEASE, check, claim_stale_keys, problem_of
from hubportal.keys.key_changes import add_key
from hubportal.keys.models import Key
from hubportal.keys.tasks import check_key, check_stale_keys, read_models
from hubportal.keys.wording.health import health_of
from hubportal.sandbox.server import RunningSandbox
from hubportal.settings import TASKS
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
    Key.objects.filter(pk=key.pk).update(encrypted_secret="v1.t1.QUJD")
    key.refresh_from_db()

    assert check(key) == "decryptionFailed"
    assert "can't open" in health_of(key).text


# Which, and when -------------------------------------------------------------------------------------------------


def stale_key(team: Team, secret: str | None = None, label: str = "Main") -> Key:
    """A key that nobody has heard of for six minutes."""
    key = makers.make_key(team, secret, label=label)
    Key.objects.filter(pk=key.pk).update(checked_at=timezone.now() - timedelta(minutes=6))
    return key


def enqueued() -> list[tuple[str, str]]:
    """The queue, and the key, of each check that was enqueued since last asked."""
    results = default_task_backend.results
    found = [(one.task.queue_name, one.args[0]) for one in results if one.task.name == "check_key"]
    results.clear()
    return found


def test_each_key_nobody_heard_of_for_five_minutes_is_checked_in_a_task_of_its_own(
    team: Team, sandbox: RunningSandbox
) -> None:
    stale, other, removed = (stale_key(team, sandbox.hub.new_key(credits=7), label) for label in "abc")
    makers.make_key(team, sandbox.hub.new_key(credits=7), label="d")
    removed.destroy_secret()
    enqueued()

    check_stale_keys.func()

    tasks = enqueued()
    assert {(queue, key) for queue, key in tasks} == {("looks", str(stale.pk)), ("looks", str(other.pk))}
    assert set(Key.objects.values_list("balance", flat=True)) == {1000}
    check_key.func(str(stale.pk))
    assert {key.label: (key.balance, key.problem) for key in Key.objects.all()} == {
        "a": (7, ""), "b": (1000, ""), "c": (1000, ""), "d": (1000, ""),
    }  # fmt: skip


@pytest.mark.django_db(transaction=True)
def test_a_key_whose_answer_is_slow_delays_no_other(
    team: Team, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow, quick = stale_key(team, label="Slow"), stale_key(team, sandbox.hub.new_key(credits=7), "Quick")
    may_answer, tasks = threading.Event(), list[tuple[str, str]]()

    class SlowClient:
        def credits(self) -> Balance:
            may_answer.wait(120)
            return Balance(5, "PRO", None)

    monkeypatch.setattr(
        "hubportal.keys.health.client_for",
        lambda key, **how: SlowClient() if key == slow else client_for(key, **how),
    )

    def find() -> None:
        # A thread has a list of tasks of its own.
        check_stale_keys.func()
        tasks.extend(enqueued())
        connection.close()

    def run(key_id: str) -> None:
        check_key.func(key_id)
        connection.close()

    finding = threading.Thread(target=find)
    finding.start()
    finding.join(30)
    found_at_once = not finding.is_alive()
    threads = [threading.Thread(target=run, args=[key]) for _queue, key in tasks]
    for thread in threads:
        thread.start()
    deadline = time.monotonic() + 60
    while Key.objects.get(pk=quick.pk).balance != 7 and time.monotonic() < deadline:
        time.sleep(0.02)
    balances = (Key.objects.get(pk=quick.pk).balance, Key.objects.get(pk=slow.pk).balance)
    may_answer.set()
    for thread in [finding, *threads]:
        thread.join()

    assert found_at_once
    assert balances == (7, 1000)
    assert Key.objects.get(pk=slow.pk).balance == 5


def test_a_check_on_its_way_is_not_asked_for_again_until_its_lease_is_over(team: Team, sandbox: RunningSandbox) -> None:
    key = stale_key(team, sandbox.hub.new_key(credits=7))

    first, second = claim_stale_keys(), claim_stale_keys()
    with time_machine.travel(timezone.now() + CHECK_LEASE + timedelta(seconds=1), tick=False):
        lost = claim_stale_keys()

    assert (first, second, lost) == ([key.pk], [], [key.pk])


def test_a_check_that_comes_too_late_asks_nothing(team: Team, sandbox: RunningSandbox) -> None:
    key = stale_key(team, secret := sandbox.hub.new_key(credits=7))
    claim_stale_keys()
    check(key)
    asked = sandbox.hub.requests(secret)

    check_key.func(str(key.pk))
    check_key.func(str(uuid.uuid4()))

    assert sandbox.hub.requests(secret) == asked
    assert Key.objects.get(pk=key.pk).check_lease_until is None


def test_what_asks_the_hub_about_keys_has_threads_of_its_own() -> None:
    workers = TASKS["default"]["OPTIONS"]["workers"]

    assert [worker["queues"] for worker in workers if "looks" in worker["queues"]] == [["looks"]]
    assert check_key.queue_name == read_models.queue_name == "looks"


@pytest.mark.skipif(connection.vendor == "sqlite", reason="nobody waits for a connection to SQLite")
@pytest.mark.django_db(transaction=True)
def test_no_database_connection_is_held_while_the_hub_is_asked(
    team: Team, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    key, held, ask = makers.make_key(team, sandbox.hub.new_key()), [], HubClient.credits

    def look(client: HubClient) -> Balance:
        held.append(connection.connection)
        return ask(client)

    monkeypatch.setattr(HubClient, "credits", look)
    check(key)
    add_key(team, "Spare", Secret(sandbox.hub.new_key()), SITE)

    assert held == [None, None]


# In words -----------------------------------------------------------------------------------------------------


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
    assert health.word == ("No credits left" if balance.credits in {0, -3} else "Works")
    assert bool(health.text) == (tone != "good")
