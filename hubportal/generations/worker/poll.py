"""Following: one look at the hub serves every browser."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import timedelta

import structlog
from django.utils import timezone

from hubportal.encryption import DecryptionError
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.shutdown import stopping
from hubportal.hub.client import HubClient
from hubportal.hub.errors import HubBusy, HubError, KeyRejected, NotFound
from hubportal.hub.records import GenerationRecord
from hubportal.keys.clients import client_for
from hubportal.keys.health import problem_of
from hubportal.keys.models import UNUSABLE_CODES, Key

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
# A key that can't look now may be able to, or another may be added, but not within seconds.
KEYLESS_REST = timedelta(minutes=1)

type Door = tuple[Key, HubClient]


@dataclass(frozen=True, slots=True)
class Look:
    """What one look told, and the key it was told to; None where there was no key to look with."""

    told: GenerationRecord | HubError
    key: Key | None

    @property
    def code(self) -> str:
        """Why nothing was told, in a word; "" when something was."""
        if isinstance(self.told, HubBusy):
            return "busy"
        if isinstance(self.told, KeyRejected) and self.key:
            return problem_of(self.told)
        return self.told.code if isinstance(self.told, HubError) else ""


def follow(lasting: timedelta = ROUND) -> Iterator[list[Image]]:
    """Look at what is due until the round is over or nothing runs; yield the pictures of each that ended."""
    until = time.monotonic() + lasting.total_seconds()
    with ThreadPoolExecutor(max_workers=AT_ONCE, thread_name_prefix="look") as pool:
        while True:
            due = Generation.objects.claim_for_looking(BATCH)
            yield from _look_at(due, pool)
            if time.monotonic() >= until or stopping.is_set():
                return
            if not due:
                if not Generation.objects.filter(state=State.RUNNING, answered_at=None).exists():
                    return
                stopping.wait(REST.total_seconds())


def _look_at(due: list[Generation], pool: ThreadPoolExecutor) -> Iterator[list[Image]]:
    doors = _doors(due)
    looks = pool.map(lambda generation: _ask(generation, doors[generation.pk]), due)
    for generation, look in zip(due, looks, strict=True):
        images = _learn(generation, look)
        if images is not None:
            yield images


def _doors(due: list[Generation]) -> dict[uuid.UUID, list[Door]]:
    """What each generation can be looked at with: its own key, and while that one is dead its team's others too.

    A look costs nothing, and a key of the same hub account sees the same generations (hub-api.md, Endpoints).
    """
    orphans = {generation.team_id for generation in due if not _is_alive(generation.key)}
    others = list(Key.objects.present().filter(team__in=orphans).exclude(problem__in=UNUSABLE_CODES))
    clients = {key: _client(key) for key in {*others, *(generation.key for generation in due)}}
    doors = {}
    for generation in due:
        spare = [] if _is_alive(generation.key) else [key for key in others if key.team_id == generation.team_id]
        keys = dict.fromkeys((generation.key, *spare))
        doors[generation.pk] = [(key, client) for key in keys if key and (client := clients[key])]
    return doors


def _is_alive(key: Key | None) -> bool:
    return key is not None and key.removed_at is None and key.problem not in UNUSABLE_CODES


def _client(key: Key | None) -> HubClient | None:
    """None for a key whose secret is gone or does not open."""
    if key is None or key.removed_at:
        return None
    try:
        return client_for(key)
    except DecryptionError:
        log.error("key does not open", key=str(key.pk))
        return None


def _ask(generation: Generation, doors: list[Door]) -> Look:
    """Look with its own key, or failing that with the first that sees it: a 404 for another key proves nothing."""
    # Runs on a bare thread: no database here.
    in_vain = Look(KeyRejected("noKey"), None)
    for key, client in doors:
        is_own = key == generation.key
        try:
            return Look(client.generation(generation.hub_id), key)
        except HubError as error:
            if not isinstance(error, KeyRejected if is_own else KeyRejected | NotFound):
                return Look(error, key)
            in_vain = Look(error, key) if is_own else in_vain
    return in_vain


def _learn(generation: Generation, look: Look) -> list[Image] | None:
    """Write down what a look told. Returns the pictures to keep if it was the last, None if it was not."""
    told = look.told
    if isinstance(told, GenerationRecord) and told.outcome != "running":
        # A balance that another key read is no sign of life of its own key.
        is_own = look.key == generation.key
        return generation.record_answered(told if is_own else replace(told, balance=None))
    age = timezone.now() - (generation.accepted_at or generation.created_at)
    if age > DEADLINE:
        generation.record_unknown(look.code if isinstance(told, KeyRejected) else "deadline")
    elif isinstance(told, NotFound) and age > LAG:
        generation.record_unknown("notFound")
    elif isinstance(told, GenerationRecord):
        generation.record_look(told.status)
    else:
        _nothing_learned(generation, told, look)
    return None


def _nothing_learned(generation: Generation, error: HubError, look: Look) -> None:
    pause = timedelta(seconds=min(error.retry_after or 0, 3600))
    if isinstance(error, KeyRejected):
        pause = max(pause, KEYLESS_REST)
        if look.key:
            look.key.record_problem(look.code)
    # That the hub doesn't know it yet is taken for its lag.
    generation.record_look(trouble="" if isinstance(error, NotFound) else look.code, again_in=pause)
