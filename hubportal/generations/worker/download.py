"""Downloading: the bytes of a picture, fetched, checked, thumbnailed and stored."""

import hashlib
import uuid
from dataclasses import dataclass
from typing import Any, BinaryIO, cast
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
from hubportal.hub.download import fetch_image
from hubportal.hub.errors import HubError
from hubportal.hub.public_hosts import RequestFailed
from hubportal.hub.records import ImageRecord
from hubportal.imaging import (
    ImageInfo,
    InvalidImage,
    make_small_thumbnail,
    make_thumbnail,
    read_image_info,
    read_palette,
)
from hubportal.keys.clients import client_for

log = structlog.get_logger(__name__)

# However often it is fetched, it will be the same; and each time it would be a lot.
FINAL_PROBLEMS = ("too-large", "too-many-pixels")
# What can't be shown has no type: it goes out as a file to be saved (gallery/media.py).
FILE_TYPE = ""
# Names for what programs open that we don't, by how it begins; the rest of what comes is called .bin.
SUFFIXES_BY_BEGINNING = {b"GIF8": "gif", b"II*\0": "tif", b"MM\0*": "tif", b"BM": "bmp", b"\xff\x0a": "jxl"}
SUFFIXES_BY_BRAND = {b"avif": "avif", b"heic": "heic", b"mif1": "heic"}
# What an address answers that has died, as signed ones do (hub-api.md, Open).
DEAD_ADDRESS_PROBLEMS = ("gone", "http-400", "http-401", "http-403")


def download_image(pk: uuid.UUID) -> bool:
    """Fetch one picture and store it with its thumbnail. True when it is here now.

    What can't be fetched or stored is tried again over a day; the record keeps the address. What comes and can't be
    shown was paid for all the same: it is kept as a file, and a better one is tried for. Whatever goes wrong, the
    record says so and nobody holds the picture: only the database itself may fail here.
    """
    image = Image.objects.claim_for_download(pk)
    if image is None:
        return False
    try:
        with renewing(lambda: image.renew_lease(DOWNLOAD_LEASE)):
            if image.problem in DEAD_ADDRESS_PROBLEMS:
                _look_up_new_address(image)
            return _fetch_and_store(image)
    except RequestFailed as failure:
        _record_failure(image, failure.reason, REFUSED_ADDRESS_INTERVAL if failure.permanent else failure.retry_after)
    except OSError:
        log.exception("picture not stored", image=str(pk))
        _record_failure(image, "storage")
    except DatabaseFailed:
        raise
    except Exception:
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


@dataclass(frozen=True, slots=True)
class _Examined:
    """What came: type and sides where its structure tells them, and its thumbnail, or why there is none."""

    info: ImageInfo | None
    thumb: bytes | None
    problem: str = ""


def _examine(content: BinaryIO) -> _Examined:
    info = None
    try:
        info = read_image_info(content)
        return _Examined(info, make_thumbnail(content))
    except InvalidImage as failure:
        return _Examined(info, None, failure.reason)


def _fetch_and_store(image: Image) -> bool:
    """False, with nothing left behind, when the lease was lost meanwhile: another worker has the picture."""
    # A file that can be moved into its place: storing it takes no second copy, and never half of one.
    with TemporaryUploadedFile("picture", "", 0, None) as file:
        content = cast(BinaryIO, file.file)
        fetched = fetch_image(image.url, content, private_hosts=_allowed_hosts())
        examined = _examine(content)
        if examined.thumb is None and image.is_file and examined.info is None:
            # What is kept already is not replaced by what is no picture at all.
            _record_failure(image, examined.problem)
            return False
        former = image.original.name
        _store(image, _files(file, examined, fetched.size))
        if not _record_stored(image, examined.problem):
            return False
    if former:
        image.original.storage.delete(former)
    return image.is_shown


def _files(file: TemporaryUploadedFile, examined: _Examined, size: int) -> ImageFiles:
    info = examined.info
    content: Any = file.file
    content.seek(0)
    suffix = info.suffix if info else _suffix(content.read(12))
    content.seek(0)
    sha256 = hashlib.file_digest(content, "sha256").hexdigest()
    content.seek(0)
    small = make_small_thumbnail(examined.thumb) if examined.thumb is not None else None
    return ImageFiles(
        file,
        ContentFile(examined.thumb) if examined.thumb is not None else None,
        suffix,
        info.content_type if info and examined.thumb is not None else FILE_TYPE,
        size,
        info.width if info else None,
        info.height if info else None,
        ContentFile(small) if small is not None else None,
        read_palette(small) if small is not None else "",
        sha256,
    )


def _suffix(head: bytes) -> str:
    """The ending of a file that is no PNG, JPEG or WebP, so that a program that knows it opens it."""
    if head[4:8] == b"ftyp":
        return SUFFIXES_BY_BRAND.get(head[8:12], "bin")
    return next((suffix for start, suffix in SUFFIXES_BY_BEGINNING.items() if head.startswith(start)), "bin")


def _store(image: Image, files: ImageFiles) -> None:
    try:
        image.store(files)
    except Exception as error:
        # Each storage has exceptions of its own.
        image.delete_stored()
        raise OSError("the storage failed") from error


def _record_stored(image: Image, problem: str) -> bool:
    """Record what was stored: a picture, or with a problem a file. False, and it is deleted, when the lease is lost."""
    original = image.original.name
    try:
        if problem:
            log.warning("picture kept as a file", image=str(image.pk), reason=problem)
            recorded = image.record_kept_as_file(problem, final=problem in FINAL_PROBLEMS)
        else:
            recorded = image.record_downloaded()
    except DatabaseFailed:
        # It may have been written all the same: then the row knows the file.
        if Image.objects.filter(pk=image.pk, original=original).exists():
            raise
        image.delete_stored()
        raise
    if not recorded:
        log.warning("picture downloaded twice", image=str(image.pk))
        image.delete_stored()
    return recorded


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
