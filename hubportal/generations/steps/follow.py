"""Following: one look at the hub serves every browser."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import structlog
from django.utils import timezone

from hubportal.generations.models import Generation, Image, State
from hubportal.hub.client import HubClient
from hubportal.hub.errors import HubError, KeyRejected, NotFound
from hubportal.hub.records import GenerationRecord
from hubportal.keys.sealing import SealBroken
from hubportal.keys.vault import client_for

log = structlog.get_logger(__name__)

# The clock beats every ten seconds (settings.TASKS); a round lasts a little longer, so that no gap opens.
ROUND = timedelta(seconds=11)
BATCH = 64
AT_ONCE = 8
REST = timedelta(seconds=0.3)
# After this nobody expects an answer any more, and people are asked (shared/hub-api.md gives no limit).
DEADLINE = timedelta(hours=24)
# A 404 this soon after acceptance is taken for replication lag (hub-api.md, Open).
LAG = timedelta(minutes=10)

Look = GenerationRecord | HubError


def follow(lasting: timedelta = ROUND) -> Iterator[list[Image]]:
    """Look at what is due until the round is over or nothing is running; yield pictures to keep as they appear."""
    until = time.monotonic() + lasting.total_seconds()
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="look") as pool:
        while True:
            due = Generation.objects.claim_for_looking(BATCH)
            yield from _look_at(due, pool)
            if time.monotonic() >= until:
                return
            if not due:
                if not Generation.objects.filter(state=State.RUNNING, answered_at=None).exists():
                    return
                time.sleep(REST.total_seconds())


def _look_at(due: list[Generation], pool: ThreadPoolExecutor) -> Iterator[list[Image]]:
    clients = _clients(due)
    asked = [generation for generation in due if generation.key_id in clients]
    for generation in due:
        if generation.key_id not in clients:
            _nothing_learned(generation, timedelta(minutes=1))
    looks = pool.map(lambda g: _ask(clients[g.key_id], g.hub_id), asked)
    for generation, look in zip(asked, looks, strict=True):
        if images := _learn(generation, look):
            yield images


def _clients(due: list[Generation]) -> dict[uuid.UUID, HubClient]:
    """One client a key; keys whose secret is gone or does not open have none."""
    clients = {}
    for key in {generation.key_id: generation.key for generation in due}.values():
        if key is None or key.removed_at:
            continue
        try:
            clients[key.pk] = client_for(key)
        except SealBroken:
            log.error("key does not open", key=str(key.pk))
    return clients


def _ask(client: HubClient, hub_id: str) -> Look:
    # Runs on a bare thread: no database here.
    try:
        return client.generation(hub_id)
    except HubError as error:
        return error


def _learn(generation: Generation, look: Look) -> list[Image]:
    """Write down what a look told. Returns the pictures to keep, if it was the last."""
    if isinstance(look, GenerationRecord) and look.outcome != "running":
        return generation.record_answered(look)
    age = timezone.now() - (generation.accepted_at or generation.created_at)
    if age > DEADLINE:
        generation.record_unknown("deadline")
    elif isinstance(look, NotFound) and age > LAG:
        generation.record_unknown("notFound")
    elif isinstance(look, GenerationRecord):
        generation.record_look(look.status)
    else:
        _explain(generation, look)
    return []


def _explain(generation: Generation, error: HubError) -> None:
    if isinstance(error, KeyRejected) and generation.key:
        generation.key.record_problem(error.code)
    _nothing_learned(generation, timedelta(seconds=min(error.retry_after or 0, 3600)))


def _nothing_learned(generation: Generation, again_in: timedelta) -> None:
    generation.record_look("", again_in=again_in)
