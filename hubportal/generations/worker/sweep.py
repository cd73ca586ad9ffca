"""Sweeping: whatever a crash, or a clock that was set back, left behind is found by its lease and carried on."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from hubportal.generations import timing
from hubportal.generations.models import Generation, Image, ReferenceFile, State
from hubportal.keys.health import check
from hubportal.keys.models import Key


@dataclass(frozen=True, slots=True)
class LeftBehind:
    """What still has to be nudged.

    waiting      generations that are due to be sent
    interrupted  keys of generations whose worker died while it sent them
    images       pictures to download
    references   reference files without a thumbnail
    """

    waiting: int = 0
    interrupted: list[uuid.UUID] = field(default_factory=list)
    images: list[uuid.UUID] = field(default_factory=list)
    references: list[uuid.UUID] = field(default_factory=list)


def sweep() -> LeftBehind:
    """Name what can be carried on."""
    now = timezone.now()
    most = timing.SWEEP_BATCH_SIZE
    interrupted = Generation.objects.lost_while_sending(now).order_by().values_list("key", flat=True)
    return LeftBehind(
        waiting=Generation.objects.due_to_send(now)[:most].count(),
        interrupted=[key for key in interrupted.distinct()[:most] if key],
        images=list(Image.objects.due_to_download(now).values_list("pk", flat=True)[:most]),
        references=list(ReferenceFile.objects.without_thumb().values_list("pk", flat=True)[:most]),
    )


def anything_left_behind() -> bool:
    """Whether a sweep would find something."""
    now = timezone.now()
    kinds: tuple[QuerySet[Any], ...] = (
        Generation.objects.due_to_send(now),
        Generation.objects.lost_while_sending(now),
        Image.objects.due_to_download(now),
        ReferenceFile.objects.without_thumb(),
    )
    return any(rows.exists() for rows in kinds)


def record_interrupted(key_id: uuid.UUID) -> None:
    """The worker died while it sent these with this key: nobody knows what became of them.

    The hub is asked for the balance once, not once a generation: it may be slow, and there may be many.
    """
    lost = list(Generation.objects.lost_while_sending(timezone.now()).filter(key=key_id)[: timing.SWEEP_BATCH_SIZE])
    if not lost:
        return
    key = Key.objects.get(pk=key_id)
    balance = None if check(key) else key.balance
    for generation in lost:
        generation.record_unknown("interrupted", balance_after=balance)


def restart_waits(now: datetime) -> None:
    """Let nothing wait for a moment that was written down while the clock was ahead (operations/clock_monitor.py).

    What was to be tried later is tried now, which costs nothing: a hub that asked for a pause asks again. Whoever
    holds a lease renews it by the new clock, and the leases of the dead run out as they were meant to.
    """
    moving = Generation.objects.open().filter(answered_at=None)
    moving.filter(state=State.WAITING, due_at__gt=now).update(due_at=now)
    moving.filter(state=State.RUNNING, due_at__gt=now).update(due_at=now)
    for state, lease in ((State.RUNNING, timing.POLL_LEASE), (State.SENDING, timing.SEND_LEASE)):
        moving.filter(state=state, lease_until__gt=now + lease).update(lease_until=now + lease)
    images = Image.objects.filter(thumb="", due_at__isnull=False)
    images.filter(due_at__gt=now).update(due_at=now)
    images.filter(lease_until__gt=now + timing.DOWNLOAD_LEASE).update(lease_until=now + timing.DOWNLOAD_LEASE)
    Key.objects.filter(busy_until__gt=now).update(busy_until=None)
