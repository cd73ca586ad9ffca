"""What pictures of earlier versions lack: small thumbnails, palettes, and the hashes of their files."""

import hashlib
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
    return _for_a_while(Image.objects.without_small_thumb(), _make_small_thumb, after)


def read_missing_palettes(after: uuid.UUID | None = None) -> uuid.UUID | None:
    """The same for palettes."""
    return _for_a_while(Image.objects.without_palette(), _read_palette, after)


def read_missing_hashes(after: uuid.UUID | None = None) -> uuid.UUID | None:
    """The same for hashes, for which every original is read whole."""
    return _for_a_while(Image.objects.without_hash(), _read_hash, after)


def _for_a_while(missing: ImageQuerySet, make: Callable[[Image], None], after: uuid.UUID | None) -> uuid.UUID | None:
    until = time.monotonic() + ROUND
    missing = missing.order_by("pk")
    while batch := list((missing.filter(pk__gt=after) if after else missing)[:BATCH_SIZE]):
        for image in batch:
            _make(image, make)
            after = image.pk
            if time.monotonic() > until:
                return after
    return None


def _make(image: Image, make: Callable[[Image], None]) -> None:
    try:
        make(image)
    except DatabaseFailed:
        raise
    except (OSError, InvalidImage) as error:
        log.warning("missing part not made", image=str(image.pk), reason=type(error).__name__)


def _make_small_thumb(image: Image) -> None:
    with image.thumb.open() as file:
        image.record_small_thumb(make_small_thumbnail(file.read()))


def _read_palette(image: Image) -> None:
    with image.thumb.open() as file:
        image.record_palette(read_palette(file.read()))


def _read_hash(image: Image) -> None:
    with image.original.open() as file:
        image.record_hash(hashlib.file_digest(file, "sha256").hexdigest())
