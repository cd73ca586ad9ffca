"""Nudges for the worker: each carries an id or nothing, does one step, and may run twice or never."""

import uuid
from collections.abc import Iterable

from django.tasks import task

from hubportal.generations import worker
from hubportal.generations.models import Image

# Enough to keep every thread busy until the next sweep, and few enough while a key has no room for hundreds.
NUDGES = 20


@task(queue_name="send")
def send() -> None:
    """Send the waiting generation whose turn it is: not always the one whose nudge this was."""
    accepted = worker.send_next()
    if accepted and accepted.answered_at:
        _ended(accepted.images.all())
    elif accepted:
        follow.enqueue()


@task(queue_name="follow")
def follow() -> None:
    """Look at everything that is due, until the next beat of the clock takes over."""
    for images in worker.follow():
        _ended(images)


def _ended(images: Iterable[Image]) -> None:
    """Keep the pictures of one that ended. It makes room for one that waits, too."""
    for image in images:
        keep.enqueue(str(image.pk))
    if worker.anything_waiting():
        send.enqueue()


@task(queue_name="keep")
def keep(image_id: str) -> None:
    """Fetch and keep one picture."""
    worker.keep(uuid.UUID(image_id))


@task(queue_name="keep")
def keep_thumb(reference_file_id: str) -> None:
    """Make the thumbnail of one reference image."""
    worker.keep_thumb(uuid.UUID(reference_file_id))


@task(queue_name="default")
def sweep() -> None:
    """Find what a crash or a lost nudge left behind."""
    left = worker.sweep()
    for _generation in left.to_send[:NUDGES]:
        send.enqueue()
    for image_id in left.to_keep:
        keep.enqueue(str(image_id))
    for reference_file_id in left.to_thumb:
        keep_thumb.enqueue(str(reference_file_id))
