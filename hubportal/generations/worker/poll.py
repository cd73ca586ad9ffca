"""Polling: one look at the hub serves every browser. The hub has no webhooks, so this is how an outcome is learned."""

import time
import uuid
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

import structlog
from django.db.models import Count, Min
from django.utils import timezone

from hubportal.encryption import DecryptionError
from hubportal.generations import timing
from hubportal.generations.models import Generation, Image, State
from hubportal.generations.models.generation import GenerationQuerySet
from hubportal.generations.models.leases import is_free
from hubportal.generations.shutdown import stopping
from hubportal.generations.worker.lease import renewing
from hubportal.hub.client import HubClient
from hubportal.hub.errors import HubBusy, HubError, KeyRejected, NotFound
from hubportal.hub.records import GenerationRecord
from hubportal.keys.clients import client_for
from hubportal.keys.health import problem_of
from hubportal.keys.models import UNUSABLE_CODES, Key

log = structlog.get_logger(__name__)

# Seconds. What is due within these may be another worker's by the time that it is claimed.
MIN_PAUSE = 0.02
PAUSE_PER_RUNNING, MAX_BATCH_PAUSE = 0.005, 0.3

type KeyClient = tuple[Key, HubClient]


@dataclass(frozen=True, slots=True)
class Look:
    """What the hub answered about one generation, the key it was asked with (None where there was none), and when."""

    answer: GenerationRecord | HubError
    key: Key | None
    asked_at: datetime

    @property
    def code(self) -> str:
        """Why nothing was learned, in a word; "" when something was."""
        if isinstance(self.answer, HubBusy):
            return "busy"
        if isinstance(self.answer, KeyRejected) and self.key:
            return problem_of(self.answer)
        return self.answer.code if isinstance(self.answer, HubError) else ""


def poll_due(lasting: timedelta | None = None) -> Iterator[list[Image]]:
    """Ask about what is due until the round is over or nothing runs; yield the pictures of each that ended.

    A round lasts POLL_ROUND; zero is one batch.
    """
    until = time.monotonic() + (timing.POLL_ROUND if lasting is None else lasting).total_seconds()
    with ThreadPoolExecutor(max_workers=timing.POLL_THREADS, thread_name_prefix="poll") as pool:
        while True:
            due = Generation.objects.claim_for_polling(timing.POLL_BATCH_SIZE)
            if due:
                yield from _poll(due, pool)
            if time.monotonic() >= until or stopping.is_set():
                return
            if not due:
                running = _running().aggregate(count=Count("pk"), next=Min("due_at", filter=is_free(timezone.now())))
                if not running["count"]:
                    return
                stopping.wait(_pause(running["next"], running["count"]))


def anything_running() -> bool:
    """Whether the hub is making something, so that somebody has to look."""
    return _running().exists()


def _running() -> GenerationQuerySet:
    return Generation.objects.open().filter(state=State.RUNNING, answered_at=None)


def _pause(next_due: datetime | None, running: int) -> float:
    """Seconds until the next look; not longer than POLL_PAUSE, since another generation may be accepted meanwhile.

    The more are running the longer, so that each search finds several that are due.
    """
    wait = (next_due - timezone.now()).total_seconds() if next_due else timing.POLL_PAUSE
    least = min(max(MIN_PAUSE, PAUSE_PER_RUNNING * running), MAX_BATCH_PAUSE)
    return min(max(wait, least), timing.POLL_PAUSE)


def _poll(due: list[Generation], pool: ThreadPoolExecutor) -> Iterator[list[Image]]:
    """A hub that hangs makes a batch last for minutes: the lease is renewed, so that nobody asks a second time."""
    clients = _clients(due)
    lease_id = due[0].lease_id
    with renewing(lambda: Generation.objects.renew_poll_lease(lease_id)):
        looks = pool.map(lambda generation: _ask(generation, clients[generation.pk]), due)
        for generation, look in zip(due, looks, strict=True):
            images = _record(generation, look)
            if images is not None:
                yield images


def _clients(due: list[Generation]) -> dict[uuid.UUID, list[KeyClient]]:
    """What to ask about each generation with: its own key, and while that one is dead its team's others too.

    A look costs nothing, and a key of the same hub account sees the same generations (hub-api.md, Endpoints).
    """
    orphaned = {generation.team_id for generation in due if not _is_alive(generation.key)}
    others = list(Key.objects.present().filter(team__in=orphaned).exclude(problem__in=UNUSABLE_CODES))
    by_key = {key: _client(key) for key in {*others, *(generation.key for generation in due)}}
    clients = {}
    for generation in due:
        spare = [] if _is_alive(generation.key) else [key for key in others if key.team_id == generation.team_id]
        keys = dict.fromkeys((generation.key, *spare))
        clients[generation.pk] = [(key, client) for key in keys if key and (client := by_key[key])]
    return clients


def _is_alive(key: Key | None) -> bool:
    return key is not None and key.removed_at is None and key.problem not in UNUSABLE_CODES


def _client(key: Key | None) -> HubClient | None:
    """None for a key whose secret is gone or can't be decrypted."""
    if key is None or key.removed_at:
        return None
    try:
        return client_for(key)
    except DecryptionError:
        log.error("key can't be decrypted", key=str(key.pk))
        return None


def _ask(generation: Generation, clients: list[KeyClient]) -> Look:
    """Ask with its own key, or failing that with the first that sees it: a 404 for another key proves nothing."""
    # Runs on a bare thread: no database here.
    failed = Look(KeyRejected("noKey"), None, timezone.now())
    for key, client in clients:
        is_own, asked_at = key == generation.key, timezone.now()
        try:
            return Look(client.generation(generation.hub_id), key, asked_at)
        except HubError as error:
            if not isinstance(error, KeyRejected if is_own else KeyRejected | NotFound):
                return Look(error, key, asked_at)
            failed = Look(error, key, asked_at) if is_own else failed
    return failed


def _record(generation: Generation, look: Look) -> list[Image] | None:
    """Write down what was learned. Returns the pictures to download if it was the last word, None if it was not."""
    answer = look.answer
    if isinstance(answer, GenerationRecord) and answer.outcome != "running":
        # A balance that another key read is no sign of life of its own key.
        is_own = look.key == generation.key
        record = answer if is_own else replace(answer, balance=None)
        return generation.record_answered(record, asked_at=look.asked_at)
    age = timezone.now() - (generation.accepted_at or generation.created_at)
    if age > timing.POLL_DEADLINE:
        generation.record_unknown(look.code if isinstance(answer, KeyRejected) else "deadline")
    elif isinstance(answer, NotFound) and age > timing.REPLICATION_LAG:
        generation.record_unknown("notFound")
    elif isinstance(answer, GenerationRecord):
        generation.record_polled(answer.status)
    else:
        _record_failure(generation, answer, look)
    return None


def _record_failure(generation: Generation, error: HubError, look: Look) -> None:
    pause = timing.retry_after(error.retry_after)
    if isinstance(error, KeyRejected):
        pause = max(pause, timing.POLL_INTERVAL_WITHOUT_KEY)
        if look.key:
            look.key.record_problem(look.code)
    # That the hub doesn't know it yet is taken for its lag.
    problem = "" if isinstance(error, NotFound) else look.code
    generation.record_polled(problem=problem, again_in=pause)
