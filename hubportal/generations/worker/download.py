"""Downloading: the bytes of a picture, fetched, checked, thumbnailed and stored."""

import uuid
from typing import BinaryIO, cast
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import Error as DatabaseFailed

from hubportal.encryption import DecryptionError
from hubportal.generations.models import Image, ImageFiles, ReferenceFile
from hubportal.generations.timing import DOWNLOAD_LEASE, REFUSED_ADDRESS_INTERVAL
from hubportal.generations.worker.lease import renewing
from hubportal.hub.download import DownloadFailed, fetch_image
from hubportal.hub.errors import HubError
from hubportal.hub.records import ImageRecord
from hubportal.imaging import InvalidImage, make_thumbnail, read_image_info
from hubportal.keys.clients import client_for

log = structlog.get_logger(__name__)

# However often it is fetched, it will be the same; and each time it would be a lot.
FINAL_PROBLEMS = ("too-large", "too-many-pixels")
# What an address answers that has died, as signed ones do (hub-api.md, Open).
DEAD_ADDRESS_PROBLEMS = ("gone", "http-400", "http-401", "http-403")


def download_image(pk: uuid.UUID) -> bool:
    """Fetch one picture and store it with its thumbnail. True when it is here now.

    What can't be fetched or stored is tried again over a day; the record keeps the address. Whatever goes wrong,
    the record says so and nobody holds the picture: only the database itself may fail here.
    """
    image = Image.objects.claim_for_download(pk)
    if image is None:
        return False
    try:
        with renewing(lambda: image.renew_lease(DOWNLOAD_LEASE)):
            if image.problem in DEAD_ADDRESS_PROBLEMS:
                _look_up_new_address(image)
            return _fetch_and_store(image)
    except DownloadFailed as failure:
        _record_failure(image, failure.reason, REFUSED_ADDRESS_INTERVAL if failure.permanent else failure.retry_after)
    except InvalidImage as failure:
        _record_failure(image, failure.reason)
    except OSError:
        log.exception("picture not stored", image=str(pk))
        _record_failure(image, "storage")
    except DatabaseFailed:
        raise
    except Exception:
        # A hostile file finds exceptions in Pillow that its documentation doesn't know.
        log.exception("picture not read", image=str(pk))
        _record_failure(image, "unreadable")
    return False


def _look_up_new_address(image: Image) -> None:
    """Look at the hub's record once more, which costs nothing; the old address stays where that tells no other."""
    generation = image.generation
    if generation.key is None:
        return
    try:
        record = client_for(generation.key).generation(generation.hub_id)
    except (HubError, DecryptionError) as error:
        log.info("no new address", image=str(image.pk), why=str(error))
        return
    same = _same_picture(image, record.images)
    if same and same.url != image.url:
        image.record_moved(same.url)


def _same_picture(image: Image, images: tuple[ImageRecord, ...]) -> ImageRecord | None:
    """This picture in a record: the one with its id, or in its place where the hub gave no ids."""
    if image.hub_id:
        return next((one for one in images if one.id == image.hub_id), None)
    return images[image.position] if image.position < len(images) else None


def _fetch_and_store(image: Image) -> bool:
    """False, with nothing left behind, when the lease was lost meanwhile: another worker has the picture."""
    # A file that can be moved into its place: storing it takes no second copy, and never half of one.
    with TemporaryUploadedFile("picture", "", 0, None) as file:
        content = cast(BinaryIO, file.file)
        fetched = fetch_image(image.url, content, private_hosts=_allowed_hosts())
        info = read_image_info(content)
        thumb = make_thumbnail(content)
        content.seek(0)
        sides = {"width": info.width, "height": info.height}
        files = ImageFiles(file, ContentFile(thumb), info.suffix, info.content_type, fetched.size, **sides)
        try:
            image.store(files)
        except Exception as error:
            # Each storage has exceptions of its own.
            image.delete_stored()
            raise OSError("the storage failed") from error
        return _record_downloaded(image)


def _record_downloaded(image: Image) -> bool:
    original = image.original.name
    try:
        if image.record_downloaded():
            return True
    except DatabaseFailed:
        # It may have been written all the same: then the row knows the file.
        if Image.objects.filter(pk=image.pk, original=original).exists():
            raise
        image.delete_stored()
        raise
    log.warning("picture downloaded twice", image=str(image.pk))
    image.delete_stored()
    return False


def _record_failure(image: Image, reason: str, retry_after: float | None = None) -> None:
    log.warning("picture not downloaded", image=str(image.pk), reason=reason)
    image.record_not_downloaded(reason, retry_after=retry_after, final=reason in FINAL_PROBLEMS)


def make_reference_thumb(pk: uuid.UUID) -> None:
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


def _allowed_hosts() -> frozenset[str]:
    """Hosts that may be private: the hub's own, and those the operator named."""
    return frozenset({*settings.HUB_IMAGE_HOSTS, urlsplit(settings.HUB_BASE_URL).hostname or ""})
