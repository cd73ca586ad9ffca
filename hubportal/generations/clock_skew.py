"""Everything that waits here waits for a moment of the wall clock, and wall clocks are set back."""

from datetime import datetime

from hubportal.generations.models import Generation, Image, State
from hubportal.generations.models.image import KEEP_LEASE
from hubportal.generations.models.queries import LOOK_LEASE, SEND_LEASE
from hubportal.keys.models import Key


def begin_anew(now: datetime) -> None:
    """Let nothing wait for a moment that was written down when the clock was ahead.

    What was to be tried later is tried now, which costs nothing: a hub that asked for a pause asks again. Whoever
    holds a lease renews it by the new clock, and the leases of the dead run out as they were meant to.
    """
    moving = Generation.objects.filter(answered_at=None)
    moving.filter(state=State.WAITING, due_at__gt=now).update(due_at=now)
    moving.filter(state=State.RUNNING, due_at__gt=now).update(due_at=now, held_until=None)
    moving.filter(state=State.RUNNING, lease_until__gt=now + LOOK_LEASE).update(lease_until=now + LOOK_LEASE)
    moving.filter(state=State.SENDING, lease_until__gt=now + SEND_LEASE).update(lease_until=now + SEND_LEASE)
    pictures = Image.objects.filter(kept_at=None)
    pictures.filter(due_at__gt=now).update(due_at=now)
    pictures.filter(lease_until__gt=now + KEEP_LEASE).update(lease_until=now + KEEP_LEASE)
    Key.objects.filter(busy_until__gt=now).update(busy_until=None)
