"""What pictures of earlier versions lack: small thumbnails, and palettes."""

import time
import uuid
from collections.abc import Callable
from typing import Final

import structlog
from django.db import Error as DatabaseFailed

from hubportal.generations.models import Image, ImageQuerySet
from hubportal.imaging import InvalidImage, make_small_thumbnail, read_palette

log = structlog.get_logger(__name__)

BATCH_SIZE: Final = 50
# Seconds: other work of the same thread waits no longer.
ROUND: Final = 10.0


def make_missing_small_thumbs(after: uuid.UUID | None = None) -> uuid.UUID | None:
    """Make small thumbnails for a while, in the order of the ids. May run twice at once.

    Gives the id after which to go on when the time was up before all were made. What can't be made (its file is lost
    or damaged) is passed over, and tried again an hour later.
    """
    return _for_a_while(
        Image.objects.without_small_thumb(),
        lambda image, content: image.record_small_thumb(make_small_thumbnail(content)),
        after,
    )


def read_missing_palettes(after: uuid.UUID | None = None) -> uuid.UUID | None:
    """The same for palettes."""
    return _for_a_while(
        Image.objects.without_palette(), lambda image, content: image.record_palette(read_palette(content)), after
    )


def _for_a_while(
    missing: ImageQuerySet, make: Callable[[Image, bytes], object], after: uuid.UUID | None
) -> uuid.UUID | None:
    until = time.monotonic() + ROUND
    missing = missing.order_by("pk")
    while batch := list((missing.filter(pk__gt=after) if after else missing)[:BATCH_SIZE]):
        for image in batch:
            _make(image, make)
        after = batch[-1].pk
        if time.monotonic() > until:
            return after
    return None


def _make(image: Image, make: Callable[[Image, bytes], object]) -> None:
    try:
        with image.thumb.open() as file:
            content = file.read()
        make(image, content)
    except DatabaseFailed:
        raise
    except (OSError, InvalidImage) as error:
        log.warning("missing part not made", image=str(image.pk), reason=type(error).__name__)
