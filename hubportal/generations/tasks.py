"""Nudges for the worker: each carries an id or nothing, does one step, and may run twice or never."""

import uuid
from collections.abc import Iterable

from django.tasks import task
from django.utils import timezone

from hubportal.generations import timing
from hubportal.generations.account_checks import reconcile_accounts
from hubportal.generations.models import Image, ReferenceFile
from hubportal.generations.worker.download import download_image, make_reference_thumb
from hubportal.generations.worker.missing_parts import (
    make_missing_small_thumbs,
    read_missing_hashes,
    read_missing_palettes,
)
from hubportal.generations.worker.poll import poll_due
from hubportal.generations.worker.scheduling import anything_waiting
from hubportal.generations.worker.send import send_next
from hubportal.generations.worker.sweep import record_interrupted
from hubportal.generations.worker.sweep import sweep as find_left_behind


@task(queue_name="send")
def send() -> None:
    """Send the waiting generation whose turn it is: not always the one whose nudge this was."""
    accepted = send_next()
    if accepted and accepted.answered_at:
        _after_end(accepted.images.all())
    elif accepted:
        poll.enqueue()


@task(queue_name="poll")
def poll() -> None:
    """Ask about everything that is due, until the next round takes over."""
    for images in poll_due():
        _after_end(images)


def _after_end(images: Iterable[Image]) -> None:
    """Download the pictures of one that ended. It makes room for one that waits, too."""
    for image in images:
        download.enqueue(str(image.pk))
    if anything_waiting():
        send.enqueue()


@task(queue_name="download")
def download(image_id: str) -> None:
    """Fetch and store one picture."""
    download_image(uuid.UUID(image_id))


@task(queue_name="download")
def reference_thumb(reference_file_id: str) -> None:
    """Make the thumbnail of one reference image."""
    make_reference_thumb(uuid.UUID(reference_file_id))


@task(queue_name="looks")
def interrupted(key_id: str) -> None:
    """Say of what was being sent with this key when the worker died that nobody knows its outcome."""
    record_interrupted(uuid.UUID(key_id))


@task(queue_name="default")
def delete_unused_references() -> None:
    """Once an hour, as it looks at every reference: delete those that no order took."""
    ReferenceFile.objects.delete_unused(timezone.now())


@task(queue_name="download")
def make_small_thumbs(after: str = "") -> None:
    """Once an hour, and on at once while there is more: small thumbnails for what earlier versions kept."""
    if left_off := make_missing_small_thumbs(uuid.UUID(after) if after else None):
        make_small_thumbs.enqueue(str(left_off))


@task(queue_name="download")
def read_palettes(after: str = "") -> None:
    """Once an hour, and on at once while there is more: the colours of what earlier versions kept."""
    if left_off := read_missing_palettes(uuid.UUID(after) if after else None):
        read_palettes.enqueue(str(left_off))


@task(queue_name="download")
def read_hashes(after: str = "") -> None:
    """Once an hour, and on at once while there is more: the hashes of files that earlier versions kept."""
    if left_off := read_missing_hashes(uuid.UUID(after) if after else None):
        read_hashes.enqueue(str(left_off))


@task(queue_name="default")
def compare_balances() -> None:
    """Once a minute, where the hub told a balance: write down what moved there without passing here."""
    reconcile_accounts()


@task(queue_name="default")
def sweep() -> None:
    """Find what a crash or a lost nudge left behind."""
    left = find_left_behind()
    for _ in range(min(left.waiting, timing.SWEEP_SEND_TASKS)):
        send.enqueue()
    for key_id in left.interrupted:
        interrupted.enqueue(str(key_id))
    for image_id in left.images:
        download.enqueue(str(image_id))
    for reference_file_id in left.references:
        reference_thumb.enqueue(str(reference_file_id))
