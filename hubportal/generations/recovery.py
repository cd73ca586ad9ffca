"""A generation found again by the hub's own id: the look-up, and taking up what it found."""

from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from django.db import transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.connections import release_connections
from hubportal.encryption import DecryptionError
from hubportal.generations.models import Generation
from hubportal.hub.errors import KeyRejected, NotFound
from hubportal.hub.records import GenerationRecord
from hubportal.keys.clients import client_for
from hubportal.keys.models import Key
from hubportal.teams.models import Team


class AlreadyHere(Exception):
    """Another generation of the team has this id: taking it up twice would count its credits twice."""


class Found(NamedTuple):
    """What the hub told this key of a generation, and when it was asked."""

    key: Key
    record: GenerationRecord
    asked_at: datetime


def look_up(generation: Generation, hub_id: str, *, as_new: bool) -> Found:
    """Ask for the hub's record: with the generation's key first, then the team's others. Costs nothing.

    as_new  the record will become a generation of its own, so this one may not have its id either

    Raises AlreadyHere; NotFound when none of the keys sees it; another HubError when the hub can't be asked now.
    """
    # Two keys of the same hub account see the same records, so a key and an id are not enough to tell them apart.
    having_it = Generation.objects.filter(team=generation.team_id, hub_id=hub_id)
    if (having_it if as_new else having_it.exclude(pk=generation.pk)).exists():
        raise AlreadyHere
    for key in _keys(generation):
        asked_at = timezone.now()
        release_connections()
        try:
            record = client_for(key, somebody_waits=True).generation(hub_id)
        except (DecryptionError, KeyRejected, NotFound):
            continue
        return Found(key, record, asked_at)
    raise NotFound("notFound")


def _keys(generation: Generation) -> list[Key]:
    keys = Key.objects.present().filter(team=generation.team_id)
    return sorted(keys, key=lambda key: key.pk != generation.key_id)


@transaction.atomic
def recover_as_new(
    old: Generation, key: Key, record: GenerationRecord, author: User, *, asked_at: datetime | None = None
) -> Generation:
    """Take up a record of the hub's that none of ours has, as a new generation that asks the same as `old`.

    It was accepted by the hub already, so nothing is checked or priced anew. Raises IntegrityError when one of ours
    has this id.
    """
    arrived = 0 if record.outcome == "running" else len(record.images)
    n = min(arrived or old.n, 4)
    price = None if old.expected_credits is None else old.expected_credits * n // old.n
    # Two generations write to the ledger here, which may be counted in two rows of its totals. So one recovery of the
    # team goes after the other, and what both of them lock is locked in this order.
    Generation.objects.select_for_update(of=("self",)).get(pk=old.pk)
    Team.objects.select_for_update(no_key=True).get(pk=old.team_id)
    old.record_found_elsewhere()
    parameters = replace(old.parameters, n=n)
    new, _ = Generation.objects.create_waiting(
        old.team, author, parameters, visibility=old.visibility, price=price, project=old.project
    )
    claimed = Generation.objects.claim_for_sending(new.pk, key)
    if claimed is None:
        raise RuntimeError("claimed by somebody before it was committed")
    claimed.record_accepted(record)
    if record.outcome != "running":
        claimed.record_answered(record, asked_at=asked_at)
    return claimed
