"""Sending: the one step that spends."""

import time
import uuid
from typing import BinaryIO, cast

import structlog
from django.db import IntegrityError, InterfaceError, OperationalError, connection
from django.utils import timezone

from hubportal.encryption import DecryptionError
from hubportal.generations.models import Generation, Reference
from hubportal.generations.recovery import recover_as_new
from hubportal.generations.timing import (
    SEND_DEADLINE,
    SEND_DEADLINE_WHILE_BUSY,
    SEND_LEASE,
    WRITE_RETRY_INTERVALS,
    resend_interval,
    retry_after,
)
from hubportal.generations.worker.lease import renewing
from hubportal.generations.worker.scheduling import claim, claim_next
from hubportal.hub.client import ReferencePart
from hubportal.hub.errors import HubBusy, HubError, HubGarbled, KeyRejected
from hubportal.hub.records import GenerationRecord
from hubportal.keys.clients import client_for
from hubportal.keys.health import check, problem_of
from hubportal.keys.models import Key

log = structlog.get_logger(__name__)


def send_next() -> Generation | None:
    """Send the waiting generation whose turn it is. Returns it if the hub accepted it."""
    claimed = claim_next()
    return _submit(claimed) if claimed else None


def send(pk: uuid.UUID) -> Generation | None:
    """Send this waiting generation, if there is a key with room for it. Returns it if the hub accepted it."""
    claimed = claim(pk)
    return _submit(claimed) if claimed else None


def _submit(generation: Generation) -> Generation | None:
    """Ask the hub for it: `sending` is committed already (scheduling.claim).

    Only a request of which nothing was accepted is tried again; every answer that leaves doubt ends as `unknown`
    (house.md, Spending happens once).
    """
    key = cast(Key, generation.key)
    try:
        client = client_for(key)
    except DecryptionError:
        key.record_problem("decryptionFailed")
        generation.record_refused("decryptionFailed", "")
        return None
    references = [_part(reference) for reference in generation.references.select_related("stored")]
    asked_at = timezone.now()
    with renewing(lambda: generation.renew_lease(SEND_LEASE)):
        try:
            record = client.submit(generation.parameters, references)
            accepted = _record_acceptance(generation, key, record)
        except HubError as error:
            _not_accepted(generation, key, error)
            return None
        except IntegrityError:
            _not_accepted(generation, key, HubGarbled(detail="the id of another generation"))
            return None
    key.record_accepted()
    if record.outcome != "running":
        accepted.record_answered(record, asked_at=asked_at)
    return accepted


def _record_acceptance(generation: Generation, key: Key, record: GenerationRecord) -> Generation:
    """Write the hub's id down, and don't give up lightly: without it nobody finds again what was paid for."""
    for pause in WRITE_RETRY_INTERVALS:
        try:
            return _accept(generation, key, record)
        except (OperationalError, InterfaceError):
            # To the log at least: an admin can bring it back by this id.
            log.exception("acceptance not written down", generation=str(generation.pk), hub_id=record.id)
        time.sleep(pause)
        connection.close_if_unusable_or_obsolete()
    return _accept(generation, key, record)


def _accept(generation: Generation, key: Key, record: GenerationRecord) -> Generation:
    """The generation, accepted; a new one in its place if people settled it before this answer came."""
    # What an earlier try remembers may have been rolled back.
    generation = Generation.objects.select_related("key", "team", "author").get(pk=generation.pk)
    if generation.hub_id == record.id or generation.record_accepted(record):
        return generation
    return recover_as_new(generation, key, record, generation.author)


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
    code, deadline = error.code, SEND_DEADLINE
    if isinstance(error, HubBusy):
        code, deadline = "busy", SEND_DEADLINE_WHILE_BUSY
        key.record_busy(Generation.objects.count_in_flight(key), error.retry_after)
    if timezone.now() - generation.unsent_since_for(code) > deadline:
        generation.record_refused(code, "")
        return
    pause = max(retry_after(error.retry_after), resend_interval(generation.attempts))
    generation.record_not_sent(code, again_in=pause)


def _part(reference: Reference) -> ReferencePart:
    stored = reference.stored
    return ReferencePart(
        name=reference.name,
        content_type=stored.content_type,
        size=stored.size,
        open=lambda: cast(BinaryIO, stored.file.storage.open(str(stored.file.name), "rb")),
    )
