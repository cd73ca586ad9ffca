"""When a retiring key's secret goes: not before the last work that needs it is home."""

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.utils import timezone

from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation, Image, State
from hubportal.hub.records import Balance
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.models import Key
from hubportal.lifecycle.key_retirement import CLAIM_GRACE, retire_keys
from hubportal.sandbox.server import RunningSandbox
from tests import makers, worker

# The followers ask from threads of their own, so the rows must really be committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def old(cast: SimpleNamespace, sandbox: RunningSandbox) -> Key:
    return makers.make_key(cast.team, sandbox.hub.new_key(credits=100))


def retire(key: Key, ago: timedelta = CLAIM_GRACE + timedelta(seconds=1)) -> None:
    Key.objects.get(pk=key.pk).retire()
    Key.objects.filter(pk=key.pk).update(retiring_since=timezone.now() - ago)


def read(key: Key) -> Key:
    return Key.objects.get(pk=key.pk)


def send(cast: SimpleNamespace, prompt: str = "[forever]", **order: Any) -> Generation:
    generation = makers.make_generation(cast.team, cast.member, prompt, size="64x64", **order)
    worker.send(generation.pk)
    return Generation.objects.get(pk=generation.pk)


def test_a_key_that_nothing_needs_goes_at_the_next_sweep(old: Key) -> None:
    retire(old)

    retire_keys()

    assert read(old).encrypted_secret == ""
    assert AuditEntry.objects.filter(action=KeyAction.DESTROYED).count() == 1


def test_a_worker_that_has_just_chosen_the_key_is_given_time(old: Key) -> None:
    retire(old, ago=timedelta(seconds=5))

    retire_keys()

    assert read(old).encrypted_secret


def test_a_key_in_use_is_kept_and_says_what_it_waits_for(cast: SimpleNamespace, old: Key) -> None:
    send(cast)
    send(cast)
    retire(old)

    retire_keys()

    assert (bool(read(old).encrypted_secret), read(old).pending_count, read(old).undecided_count) == (True, 2, 0)


@pytest.mark.parametrize(
    ("change", "kept"),
    [
        ({"state": State.SENDING, "lease_until": timezone.now() + timedelta(minutes=1)}, True),
        ({"state": State.UNKNOWN}, True),
        ({"state": State.UNKNOWN, "hub_id": ""}, False),
        ({"state": State.FAILED, "finished_at": timezone.now()}, False),
        ({"state": State.SUCCEEDED, "finished_at": timezone.now()}, False),
    ],
)
def test_which_work_still_needs_a_key(cast: SimpleNamespace, old: Key, change: dict[str, Any], kept: bool) -> None:
    generation = send(cast)
    Generation.objects.filter(pk=generation.pk).update(**change)
    retire(old)

    retire_keys()

    assert bool(read(old).encrypted_secret) == kept


def test_a_verdict_that_is_due_is_counted_apart(cast: SimpleNamespace, old: Key) -> None:
    generation = send(cast)
    Generation.objects.filter(pk=generation.pk).update(state=State.UNKNOWN)
    retire(old)

    retire_keys()

    assert (read(old).pending_count, read(old).undecided_count) == (0, 1)


@pytest.mark.parametrize(("image", "kept"), [({"due_at": timezone.now()}, True), ({"due_at": None}, False)])
def test_pictures_still_to_be_fetched_keep_it_and_pictures_given_up_do_not(
    cast: SimpleNamespace, old: Key, image: dict[str, Any], kept: bool
) -> None:
    generation = send(cast)
    Generation.objects.filter(pk=generation.pk).update(state=State.SUCCEEDED, finished_at=timezone.now())
    for position in (0, 1):
        Image.objects.create(generation=generation, team=cast.team, position=position, url="http://gone", **image)
    retire(old)

    retire_keys()

    assert (bool(read(old).encrypted_secret), read(old).pending_count) == (kept, 1 if kept else 0)


def test_work_in_flight_is_fetched_with_the_old_key_and_new_work_is_paid_by_the_new(
    cast: SimpleNamespace, old: Key, sandbox: RunningSandbox
) -> None:
    before = send(cast, "A red boat")
    secret = sandbox.hub.new_key(credits=100)
    new = Key.objects.replace_checked(read(old), secret=secret, added_by=None, balance=Balance(100, "PRO", None))
    Key.objects.filter(pk=old.pk).update(retiring_since=timezone.now() - timedelta(hours=1))
    after = send(cast, "A blue boat")
    retire_keys()
    assert (before.key, after.key, bool(read(old).encrypted_secret)) == (old, new, True)

    for _round in range(200):
        Generation.objects.filter(state=State.RUNNING, answered_at=None).update(due_at=timezone.now())
        for images in worker.poll_due(timedelta()):
            for image in images:
                worker.download_image(image.pk)
        if not Generation.objects.exclude(state=State.SUCCEEDED).exists():
            break
    retire_keys()

    assert {generation.state for generation in Generation.objects.all()} == {State.SUCCEEDED}
    assert [entry.kind for entry in sandbox.hub.ledger(secret)] == ["charge"]
    assert sandbox.hub.credits(secret) == 92
    assert (read(old).encrypted_secret, bool(read(new).encrypted_secret)) == ("", True)


def test_a_new_key_that_does_not_work_leaves_the_old_ones_work_alone(cast: SimpleNamespace, old: Key) -> None:
    generation = send(cast)
    retire(old)
    Key.objects.filter(pk=old.pk).update(problem="timeout")

    retire_keys()

    assert (read(old).pending_count, Generation.objects.get(pk=generation.pk).state) == (1, State.RUNNING)
