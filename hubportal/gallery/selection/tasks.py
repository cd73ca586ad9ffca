"""Tasks of what is selected. Each may run twice or never."""

import uuid

from django.tasks import task
from django.utils import timezone

from hubportal.gallery.models import Selection
from hubportal.gallery.selection import run


@task(queue_name="default")
def run_bulk_change(change_id: str) -> None:
    """Go on with a change of many pictures, and on at once while there is more."""
    if run.run_change(uuid.UUID(change_id)):
        run_bulk_change.enqueue(change_id)


@task(queue_name="default")
def carry_on_bulk_changes() -> None:
    """While there are any: take up changes that a crash or a lost nudge left behind."""
    for pk in run.left_behind():
        run_bulk_change.enqueue(str(pk))


@task(queue_name="default")
def delete_expired_selections() -> None:
    """Once an hour: forget what people selected a day ago, and how to undo what was done to it."""
    Selection.objects.delete_expired(timezone.now())
