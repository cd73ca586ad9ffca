"""Tasks of the gallery. Each may run twice or never."""

from django.tasks import task

from hubportal.gallery import picture_bin


@task(queue_name="default")
def purge_bin() -> None:
    """Once an hour: delete the files of pictures that have been in the bin for seven days."""
    picture_bin.purge_bin()
