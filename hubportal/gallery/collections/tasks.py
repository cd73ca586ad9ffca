"""Tasks of collections. Each may run twice or never."""

from django.tasks import task

from hubportal.gallery.collections import ending


@task(queue_name="default")
def finish_collection_endings() -> None:
    """When a collection was deleted, and once an hour: take such ones off the pictures, some at a time."""
    if ending.finish_endings():
        finish_collection_endings.enqueue()
