"""Sending: the one step that spends."""

import uuid
from datetime import timedelta
from typing import BinaryIO, cast

import structlog
from django.utils import timezone

from hubportal.generations.models import Generation, Reference, State
from hubportal.generations.pace import resend_interval
from hubportal.generations.steps.lease import kept_alive
from hubportal.hub.client import ReferencePart, Submission
from hubportal.hub.errors import HubError, HubUnreachable, KeyRejected
from hubportal.keys.health import check
from hubportal.keys.models import Key
from hubportal.keys.sealing import SealBroken
from hubportal.keys.vault import client_for

log = structlog.get_logger(__name__)

# A hub that can't be reached for this long: tell the person, who has been charged nothing.
GIVE_UP_AFTER = timedelta(hours=1)


def send(pk: uuid.UUID) -> bool:
    """Claim a waiting generation and submit it. True when the hub accepted it.

    `sending` is committed before the POST. Only a request of which nothing was accepted is tried again; every
    answer that leaves doubt ends as `unknown` (house.md, Spending happens once).
    """
    waiting = Generation.objects.filter(pk=pk, state=State.WAITING).first()
    if waiting is None:
        return False
    key = Key.objects.usable().filter(team=waiting.team_id).first()
    if key is None:
        waiting.record_refused("noKey", "")
        return False
    generation = Generation.objects.claim_for_sending(pk, key)
    return generation is not None and _submit(generation, key)


def _submit(generation: Generation, key: Key) -> bool:
    try:
        client = client_for(key)
    except SealBroken:
        generation.record_refused("sealBroken", "")
        return False
    references = [_part(reference) for reference in generation.references.select_related("stored")]
    asked = Submission(
        model=generation.model,
        prompt=generation.prompt,
        size=generation.size,
        quality=generation.effort,
        n=generation.n,
    )
    try:
        with kept_alive(generation.renew_lease):
            record = client.submit(asked, references)
    except HubError as error:
        _not_accepted(generation, key, error)
        return False
    generation.record_accepted(record)
    if record.outcome != "running":
        generation.record_answered(record)
    return True


def _not_accepted(generation: Generation, key: Key, error: HubError) -> None:
    log.info("submission not accepted", generation=str(generation.pk), kind=type(error).__name__, code=error.code)
    if error.outcome_unknown:
        check(key)
        generation.record_unknown(error.code, balance_after=None if key.problem else key.balance)
    elif error.may_resend_post and not _given_up(generation, error):
        pause = timedelta(seconds=min(error.retry_after or 0, 3600))
        generation.record_not_sent(error.code, again_in=max(pause, resend_interval(generation.attempts)))
    else:
        if isinstance(error, KeyRejected):
            key.record_problem(error.code)
        generation.record_refused(error.code, error.message)


def _given_up(generation: Generation, error: HubError) -> bool:
    """Whether a hub nobody can connect to was tried for long enough; a busy one is waited for."""
    return isinstance(error, HubUnreachable) and timezone.now() - generation.created_at > GIVE_UP_AFTER


def _part(reference: Reference) -> ReferencePart:
    stored = reference.stored
    return ReferencePart(
        name=reference.name,
        content_type=stored.content_type,
        size=stored.size,
        open=lambda: cast(BinaryIO, stored.file.storage.open(str(stored.file.name), "rb")),
    )
