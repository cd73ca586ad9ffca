"""The worker's steps, as a test calls them one by one."""

from hubportal.generations.worker import sweep as sweeping
from hubportal.generations.worker.download import download_image, make_reference_thumb
from hubportal.generations.worker.poll import poll_due
from hubportal.generations.worker.scheduling import anything_waiting, claim, in_turn
from hubportal.generations.worker.send import send, send_next

__all__ = [
    "anything_waiting",
    "claim",
    "download_image",
    "in_turn",
    "make_reference_thumb",
    "poll_due",
    "send",
    "send_next",
    "sweep",
]


def sweep() -> sweeping.LeftBehind:
    """A sweep, and the tasks it asks for of what was interrupted."""
    left = sweeping.sweep()
    for key_id in left.interrupted:
        sweeping.record_interrupted(key_id)
    return left
