"""Sweeping: whatever a crash left behind is found by its lease and carried on."""

import uuid
from dataclasses import dataclass, field

from django.utils import timezone

from hubportal.generations.models import Generation, Image, ReferenceFile
from hubportal.keys.health import check

MOST = 200


@dataclass(frozen=True, slots=True)
class Left:
    """What still has to be nudged: generations, pictures, references without a thumbnail."""

    to_send: list[uuid.UUID] = field(default_factory=list)
    to_keep: list[uuid.UUID] = field(default_factory=list)
    to_thumb: list[uuid.UUID] = field(default_factory=list)


def sweep() -> Left:
    """Settle what can't go on, and name what can be carried on."""
    now = timezone.now()
    for generation in Generation.objects.left_sending(now).select_related("key")[:MOST]:
        _interrupted(generation)
    ReferenceFile.objects.drop_unused(now)
    return Left(
        to_send=list(Generation.objects.left_waiting(now).values_list("pk", flat=True)[:MOST]),
        to_keep=list(Image.objects.to_keep(now).values_list("pk", flat=True)[:MOST]),
        to_thumb=list(ReferenceFile.objects.without_thumb().values_list("pk", flat=True)[:MOST]),
    )


def _interrupted(generation: Generation) -> None:
    """The worker died, or lost its way, between writing `sending` down and writing down the answer."""
    balance = None
    if generation.key and not check(generation.key):
        balance = generation.key.balance
    generation.record_unknown("interrupted", balance_after=balance)
