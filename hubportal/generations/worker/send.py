"""Sending: the one step that spends."""

import time
import uuid
from datetime import timedelta
from typing import BinaryIO, cast

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.utils import timezone

from hubportal.encryption import DecryptionError
from hubportal.generations.intervals import resend_interval
from hubportal.generations.models import Generation, Reference, State
from hubportal.generations.worker.lease import kept_alive
from hubportal.generations.worker.scheduling import turns
from hubportal.hub.client import ReferencePart, Submission
from hubportal.hub.errors import HubBusy, HubError, HubGarbled, KeyRejected
from hubportal.hub.records import GenerationRecord
from hubportal.keys.clients import client_for
from hubportal.keys.health import check, problem_of
from hubportal.keys.models import Key

log = structlog.get_logger(__name__)

# After this long of not getting through, the person is told, who has been charged nothing.
GIVE_UP_AFTER = timedelta(hours=1)
BUSY_GIVE_UP_AFTER = timedelta(hours=24)
# Seconds between the tries to write down an acceptance: a database that is restarted is back within a minute or two.
WRITE_AGAIN_IN = (0.2, 1.0, 5.0, 10.0, 30.0, 60.0)


def send_next() -> Generation | None:
    """Send the waiting generation whose turn it is (steps/turns.py). Returns it if the hub accepted it."""
    for pk in turns():
        generation = claim(pk)
        if generation is not None:
            return _submit(generation)
    return None


def send(pk: uuid.UUID) -> Generation | None:
    """Send this waiting generation. Returns it if the hub accepted it."""
    generation = claim(pk)
    return _submit(generation) if generation else None


def claim(pk: uuid.UUID) -> Generation | None:
    """Choose the key and write down that the POST is about to start; None when it is not to be sent by us now.

    `sending` is committed before the POST. Only a request of which nothing was accepted is tried again; every
    answer that leaves doubt ends as `unknown` (house.md, Spending happens once).
    """
    waiting = Generation.objects.filter(pk=pk, state=State.WAITING).first()
    if waiting is None:
        return None
    keys = Key.objects.candidates(waiting.team_id, waiting.expected_credits)
    if not keys:
        waiting.record_refused("noKey", "")
        return None
    return Generation.objects.claim_for_sending(pk, keys[0])


def _submit(generation: Generation) -> Generation | None:
    key = cast(Key, generation.key)
    try:
        client = client_for(key)
    except DecryptionError:
        key.record_problem("decryptionFailed")
        generation.record_refused("decryptionFailed", "")
        return None
    references = [_part(reference) for reference in generation.references.select_related("stored")]
    asked = Submission(
        model=generation.model,
        prompt=generation.prompt,
        size=generation.size,
        quality=generation.effort,
        n=generation.n,
    )
    with kept_alive(generation.renew_lease):
        try:
            record = client.submit(asked, references)
            accepted = _written_down(generation, key, record)
        except HubError as error:
            _not_accepted(generation, key, error)
            return None
        except IntegrityError:
            _not_accepted(generation, key, HubGarbled(detail="the id of another generation"))
            return None
    key.record_accepted()
    if record.outcome != "running":
        accepted.record_answered(record)
    return accepted


def _written_down(generation: Generation, key: Key, record: GenerationRecord) -> Generation:
    """Write the hub's id down, and don't give up lightly: without it nobody finds again what was paid for."""
    for pause in WRITE_AGAIN_IN:
        try:
            return _taken_up(generation, key, record)
        except (OperationalError, InterfaceError):
            # To the log at least: an admin can bring it back by this id.
            log.exception("acceptance not written down", generation=str(generation.pk), hub_id=record.id)
        time.sleep(pause)
        connection.close_if_unusable_or_obsolete()
    return _taken_up(generation, key, record)


def _taken_up(generation: Generation, key: Key, record: GenerationRecord) -> Generation:
    """The generation, accepted; a new one in its place if people settled it before this answer came."""
    # What an earlier try remembers may have been rolled back.
    generation = Generation.objects.select_related("key", "team", "author").get(pk=generation.pk)
    if generation.hub_id == record.id or generation.record_accepted(record):
        return generation
    return Generation.objects.recover(generation, key, record, generation.author)


def _not_accepted(generation: Generation, key: Key, error: HubError) -> None:
    log.info("submission not accepted", generation=str(generation.pk), kind=type(error).__name__, code=error.code)
    if error.outcome_unknown:
        check(key)
        generation.record_unknown(error.code, balance_after=None if key.problem else key.balance)
    elif error.may_resend_post:
        _not_sent(generation, key, error)
    else:
        code = error.code
        if isinstance(error, KeyRejected):
            code = problem_of(error)
            key.record_problem(code)
        generation.record_refused(code, error.message)


def _not_sent(generation: Generation, key: Key, error: HubError) -> None:
    """Nothing was accepted or charged: try again, but not for ever."""
    code, patience = error.code, GIVE_UP_AFTER
    if isinstance(error, HubBusy):
        code, patience = "busy", BUSY_GIVE_UP_AFTER
        key.record_busy(Generation.objects.in_flight().filter(key=key).count(), error.retry_after)
    if timezone.now() - generation.not_sent_since(code) > patience:
        generation.record_refused(code, "")
        return
    pause = timedelta(seconds=min(error.retry_after or 0, 3600))
    generation.record_not_sent(code, again_in=max(pause, resend_interval(generation.attempts)))


def _part(reference: Reference) -> ReferencePart:
    stored = reference.stored
    return ReferencePart(
        name=reference.name,
        content_type=stored.content_type,
        size=stored.size,
        open=lambda: cast(BinaryIO, stored.file.storage.open(str(stored.file.name), "rb")),
    )
