"""Keeping: the bytes of a picture, fetched, checked, thumbnailed and stored."""

import uuid
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import Error as DatabaseFailed

from hubportal.encryption import DecryptionError
from hubportal.generations.models import Image, ReferenceFile
from hubportal.generations.worker.lease import kept_alive
from hubportal.hub.download import DownloadFailed, fetch_image
from hubportal.hub.errors import HubError
from hubportal.hub.records import ImageRecord
from hubportal.imaging import InvalidImage, make_thumbnail, read_image_info
from hubportal.keys.clients import client_for

log = structlog.get_logger(__name__)

# However often it is fetched, it will be the same; and each time it would be a lot.
NEVER_KEPT = ("too-large", "too-many-pixels")
# What an address answers that has died, as signed ones do (hub-api.md, Open).
DEAD_ADDRESS = ("gone", "http-400", "http-401", "http-403")
# Seconds: an address we don't go to becomes a good one only when the operator names its host.
REFUSED_REST = 3600.0


def keep(pk: uuid.UUID) -> bool:
    """Fetch one picture and keep it with its thumbnail. True when it is kept now.

    What can't be fetched or stored is tried again over a day; the record keeps the address. Whatever goes wrong,
    the record says so and nobody holds the picture: only the database itself may fail here.
    """
    image = Image.objects.claim(pk)
    if image is None:
        return False
    try:
        with kept_alive(image.renew_lease):
            if image.problem in DEAD_ADDRESS:
                _ask_for_new_address(image)
            _fetch_and_store(image)
    except DownloadFailed as failure:
        _not_kept(image, failure.reason, REFUSED_REST if failure.permanent else failure.retry_after)
    except InvalidImage as failure:
        _not_kept(image, failure.reason)
    except OSError:
        log.exception("picture not stored", image=str(pk))
        _not_kept(image, "storage")
    except DatabaseFailed:
        raise
    except Exception:
        # A hostile file finds exceptions in Pillow that its documentation doesn't know.
        log.exception("picture not read", image=str(pk))
        _not_kept(image, "unreadable")
    return image.kept_at is not None


def _ask_for_new_address(image: Image) -> None:
    """Look at the hub's record once more, which costs nothing; the old address stays where that tells no other."""
    generation = image.generation
    if generation.key is None:
        return
    try:
        record = client_for(generation.key).generation(generation.hub_id)
    except (HubError, DecryptionError) as error:
        log.info("no new address", image=str(image.pk), why=str(error))
        return
    told = _same_picture(image, record.images)
    if told and told.url != image.url:
        image.record_moved(told.url)


def _same_picture(image: Image, told: tuple[ImageRecord, ...]) -> ImageRecord | None:
    """This picture in a record: the one with its id, or in its place where the hub gave no ids."""
    if image.hub_id:
        return next((one for one in told if one.id == image.hub_id), None)
    return told[image.position] if image.position < len(told) else None


def _fetch_and_store(image: Image) -> None:
    # A file that can be moved into its place: storing it takes no second copy, and never half of one.
    with TemporaryUploadedFile("picture", "", 0, None) as file:
        bytes_ = cast(BinaryIO, file.file)
        fetched = fetch_image(image.url, bytes_, private_hosts=hosts_allowed())
        found = read_image_info(bytes_)
        thumb = make_thumbnail(bytes_)
        bytes_.seek(0)
        try:
            image.record_kept(
                original=file,
                thumb=ContentFile(thumb),
                suffix=found.suffix,
                content_type=found.content_type,
                size=fetched.size,
                width=found.width,
                height=found.height,
            )
        except DatabaseFailed:
            _take_back(image)
            raise
        except Exception as error:
            # Each storage has exceptions of its own.
            _take_back(image)
            raise OSError("the storage failed") from error


def _take_back(image: Image) -> None:
    """Remove what was stored just now, unless the row got to know of it: the next try stores it anew."""
    stored = image.original.name
    image.kept_at = None
    if stored and not Image.objects.filter(pk=image.pk, original=stored).exists():
        for file in (image.original, image.thumb):
            if file:
                file.delete(save=False)


def _not_kept(image: Image, reason: str, rest: float | None = None) -> None:
    log.warning("picture not kept", image=str(image.pk), reason=reason)
    image.record_not_kept(reason, retry_after=rest, final=reason in NEVER_KEPT)


def keep_thumb(pk: uuid.UUID) -> None:
    """Make the thumbnail of a reference image, once."""
    stored = ReferenceFile.objects.without_thumb().filter(pk=pk).first()
    if stored is None:
        return
    try:
        with stored.file.open() as file:
            stored.record_thumb(make_thumbnail(file))
    except InvalidImage:
        stored.record_thumb(None)
    except (OSError, DatabaseFailed):
        # Not the picture's fault: the sweep tries again.
        raise
    except Exception:
        log.exception("reference not read", reference=str(pk))
        stored.record_thumb(None)


def hosts_allowed() -> frozenset[str]:
    """Hosts that may be private: the hub's own, and those the operator named."""
    return frozenset({*settings.HUB_IMAGE_HOSTS, urlsplit(settings.HUB_BASE_URL).hostname or ""})
