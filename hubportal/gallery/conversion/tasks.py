"""Tasks of pictures in other formats. Each may run twice or never."""

import uuid

from django.tasks import task
from django.utils import timezone

from hubportal.gallery.conversion import run
from hubportal.gallery.models import Conversion


@task(queue_name="default")
def convert(conversion_id: str) -> None:
    """Make one picture in another format."""
    run.convert_picture(uuid.UUID(conversion_id))


@task(queue_name="default")
def delete_expired_conversions() -> None:
    """Once an hour: forget pictures in other formats that were asked for a day ago."""
    Conversion.objects.delete_expired(timezone.now())
