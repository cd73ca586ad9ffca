"""Tasks of the gallery. Each may run twice or never."""

import uuid

from django.tasks import task
from django.utils import timezone

from hubportal.gallery import bulk_run, collection_ending, conversion_run, picture_bin, tag_ending
from hubportal.gallery.models import Conversion, Selection


@task(queue_name="default")
def purge_bin() -> None:
    """Once an hour: delete the files of pictures that have been in the bin for seven days."""
    picture_bin.purge_bin()


@task(queue_name="default")
def run_bulk_change(change_id: str) -> None:
    """Go on with a change of many pictures, and on at once while there is more."""
    if bulk_run.run_change(uuid.UUID(change_id)):
        run_bulk_change.enqueue(change_id)


@task(queue_name="default")
def carry_on_bulk_changes() -> None:
    """While there are any: take up changes that a crash or a lost nudge left behind."""
    for pk in bulk_run.left_behind():
        run_bulk_change.enqueue(str(pk))


@task(queue_name="default")
def delete_expired_selections() -> None:
    """Once an hour: forget what people selected a day ago, and how to undo what was done to it."""
    Selection.objects.delete_expired(timezone.now())


@task(queue_name="default")
def convert(conversion_id: str) -> None:
    """Make one picture in another format."""
    conversion_run.convert_picture(uuid.UUID(conversion_id))


@task(queue_name="default")
def delete_expired_conversions() -> None:
    """Once an hour: forget pictures in other formats that were asked for a day ago."""
    Conversion.objects.delete_expired(timezone.now())


@task(queue_name="default")
def finish_endings() -> None:
    """When a tag or a collection was deleted, and once an hour: take such ones off the pictures, some at a time."""
    more = [tag_ending.finish_endings(), collection_ending.finish_endings()]
    if any(more):
        finish_endings.enqueue()
