"""Nudges for the worker: each carries an id or nothing, does one step, and may run twice or never."""

import uuid
from collections.abc import Iterable

from django.tasks import task

from hubportal.generations import clearing, steps
from hubportal.generations.models import Image

# Enough to keep every thread busy until the next sweep, and few enough while a key has no room for hundreds.
NUDGES = 20


@task(queue_name="send")
def send() -> None:
    """Send the waiting generation whose turn it is: not always the one whose nudge this was."""
    accepted = steps.send_next()
    if accepted and accepted.answered_at:
        _ended(accepted.images.all())
    elif accepted:
        follow.enqueue()


@task(queue_name="follow")
def follow() -> None:
    """Look at everything that is due, until the next beat of the clock takes over."""
    for images in steps.follow():
        _ended(images)


def _ended(images: Iterable[Image]) -> None:
    """Keep the pictures of one that ended. It makes room for one that waits, too."""
    for image in images:
        keep.enqueue(str(image.pk))
    if steps.anything_waiting():
        send.enqueue()


@task(queue_name="keep")
def keep(image_id: str) -> None:
    """Fetch and keep one picture."""
    steps.keep(uuid.UUID(image_id))


@task(queue_name="keep")
def keep_thumb(reference_file_id: str) -> None:
    """Make the thumbnail of one reference image."""
    steps.keep_thumb(uuid.UUID(reference_file_id))


@task(queue_name="default")
def sweep() -> None:
    """Find what a crash or a lost nudge left behind."""
    left = steps.sweep()
    for _generation in left.to_send[:NUDGES]:
        send.enqueue()
    for image_id in left.to_keep:
        keep.enqueue(str(image_id))
    for reference_file_id in left.to_thumb:
        keep_thumb.enqueue(str(reference_file_id))


@task(queue_name="default")
def clear_teams() -> None:
    """Clear away teams whose time is up, some of it at a time."""
    if clearing.clear_next():
        clear_teams.enqueue()
