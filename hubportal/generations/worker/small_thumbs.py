"""Small thumbnails for pictures that earlier versions kept with a large one alone."""

import time
import uuid
from typing import Final

import structlog
from django.db import Error as DatabaseFailed

from hubportal.generations.models import Image
from hubportal.imaging import InvalidImage, make_small_thumbnail

log = structlog.get_logger(__name__)

BATCH_SIZE: Final = 50
# Seconds: other work of the same thread waits no longer.
ROUND: Final = 10.0


def make_missing_small_thumbs(after: uuid.UUID | None = None) -> uuid.UUID | None:
    """Make small thumbnails for a while, in the order of the ids. May run twice at once.

    Gives the id after which to go on when the time was up before all were made. What can't be made (its file is lost
    or damaged) is passed over, and tried again an hour later.
    """
    until = time.monotonic() + ROUND
    missing = Image.objects.without_small_thumb().order_by("pk")
    while batch := list((missing.filter(pk__gt=after) if after else missing)[:BATCH_SIZE]):
        for image in batch:
            _make(image)
        after = batch[-1].pk
        if time.monotonic() > until:
            return after
    return None


def _make(image: Image) -> None:
    try:
        with image.thumb.open() as file:
            image.record_small_thumb(make_small_thumbnail(file.read()))
    except DatabaseFailed:
        raise
    except (OSError, InvalidImage) as error:
        log.warning("small thumbnail not made", image=str(image.pk), reason=type(error).__name__)
