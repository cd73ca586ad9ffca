"""Whose turn it is, with which key, and how many at once."""

import threading
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import connection
from django.utils import timezone

from hubportal.generations.models import Generation, State
from hubportal.generations.worker.scheduling import claim_next, in_turn
from hubportal.hub.records import parse_generation
from hubportal.keys.models import MAX_AT_ONCE, Key
from tests import makers, worker

pytestmark = pytest.mark.django_db(transaction=True)


def run_one(generation: Generation, key: Key, hub_id: str) -> None:
    claimed = Generation.objects.claim_for_sending(generation.pk, key)
    assert claimed
    claimed.record_accepted(parse_generation({"id": hub_id, "status": "queued"}))


def test_one_persons_hundred_do_not_hold_up_anothers_one(cast: SimpleNamespace):
    key = makers.make_key(cast.team)
    many = [makers.make_generation(cast.team, cast.owner, f"boat {at}") for at in range(5)]
    run_one(many[0], key, "clx_0")
    one = makers.make_generation(cast.team, cast.member, "a harbour")

    order = list(in_turn())

    assert order == [one.pk, many[1].pk]


def test_nobody_is_sent_with_a_key_that_has_no_room_and_others_still_are(cast: SimpleNamespace):
    full = makers.make_key(cast.team)
    Key.objects.filter(pk=full.pk).update(slots=1)
    run_one(makers.make_generation(cast.team, cast.owner), full, "clx_0")
    makers.make_generation(cast.team, cast.member)
    elsewhere = cast.stranger.memberships.get().team
    makers.make_key(elsewhere)
    free = makers.make_generation(elsewhere, cast.stranger)

    claimed = claim_next()

    assert claimed == free
    assert claim_next() is None


def test_a_429_holds_the_key_and_halves_what_it_does_at_once(cast: SimpleNamespace, sandbox: Any):
    key = makers.make_key(cast.team, sandbox.hub.new_key())
    for at in range(6):
        run_one(makers.make_generation(cast.team, cast.owner), key, f"clx_{at}")
    makers.make_generation(cast.team, cast.owner, "[busy 30] a boat")
    assert not worker.send_next()

    key.refresh_from_db()

    # Six painted, and the one that was being sent.
    assert key.slots == 3
    assert timedelta(seconds=25) < key.held_until - timezone.now() <= timedelta(seconds=30)
    makers.make_generation(cast.team, cast.member)
    assert claim_next() is None


def test_after_a_429_each_acceptance_lets_one_more_through(cast: SimpleNamespace, sandbox: Any):
    key = makers.make_key(cast.team, sandbox.hub.new_key())
    Key.objects.filter(pk=key.pk).update(slots=2)
    makers.make_generation(cast.team, cast.owner)

    assert worker.send_next()

    key.refresh_from_db()
    assert key.slots == 3
    Key.objects.filter(pk=key.pk).update(slots=MAX_AT_ONCE)
    key.record_accepted()
    key.refresh_from_db()
    assert key.slots == MAX_AT_ONCE


@pytest.mark.parametrize(
    "ailment",
    [{"paused_at": timezone.now()}, {"problem": "expiredApiKey"}, {"problem": "invalidApiKey"}, {"balance": 7}],
    ids=["paused", "expired", "revoked", "short"],
)
def test_the_next_healthy_key_is_chosen_before_the_post(cast: SimpleNamespace, sandbox: Any, ailment: dict):
    first = makers.make_key(cast.team, sandbox.hub.new_key(), label="First")
    second = makers.make_key(cast.team, sandbox.hub.new_key(), label="Second")
    Key.objects.filter(pk=first.pk).update(**ailment)
    generation = makers.make_generation(cast.team, cast.owner)

    assert worker.send_next()

    generation.refresh_from_db()
    assert (generation.state, generation.key) == (State.RUNNING, second)


def test_a_short_key_still_serves_where_there_is_no_other(cast: SimpleNamespace, sandbox: Any):
    key = makers.make_key(cast.team, sandbox.hub.new_key(), credits=3)
    generation = makers.make_generation(cast.team, cast.owner)

    assert worker.send_next()

    generation.refresh_from_db()
    assert generation.key == key


def test_a_refusal_is_not_tried_with_another_key(cast: SimpleNamespace, sandbox: Any):
    revoked, healthy = sandbox.hub.new_key(), sandbox.hub.new_key()
    makers.make_key(cast.team, revoked, label="First")
    makers.make_key(cast.team, healthy, label="Second")
    sandbox.hub.revoke(revoked)
    generation = makers.make_generation(cast.team, cast.owner)

    worker.send_next()

    generation.refresh_from_db()
    assert (generation.state, generation.error_code) == (State.FAILED, "invalidApiKey")
    assert sandbox.hub.requests(healthy)["submissions"] == 0


def test_a_key_with_one_slot_sends_one_at_a_time_whoever_asks(cast: SimpleNamespace):
    """Six people's work and six workers at once: the key's room is counted and taken under one lock."""
    key = makers.make_key(cast.team)
    Key.objects.filter(pk=key.pk).update(slots=1)
    for at in range(6):
        makers.make_generation(cast.team, makers.join(cast.team, f"p{at}@example.org"))
    start = threading.Barrier(6)

    def work() -> Generation | None:
        try:
            start.wait()
            return claim_next()
        finally:
            connection.close()

    with ThreadPoolExecutor(6) as pool:
        claimed = [one.result() for one in [pool.submit(work) for _ in range(6)]]

    assert sum(one is not None for one in claimed) == 1
    assert Generation.objects.filter(state=State.SENDING).count() == 1
