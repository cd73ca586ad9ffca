"""Tasks of tags. Each may run twice or never."""

from django.tasks import task

from hubportal.gallery.tags import ending


@task(queue_name="default")
def finish_tag_endings() -> None:
    """When a tag was deleted or merged, and once an hour: take such ones off the pictures, some at a time."""
    if ending.finish_endings():
        finish_tag_endings.enqueue()
