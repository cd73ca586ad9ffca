"""Keeping: the bytes of a picture, fetched, checked, thumbnailed and stored."""

import tempfile
import uuid
from urllib.parse import urlsplit

import structlog
from django.conf import settings
from django.core.files.base import ContentFile, File

from hubportal.generations.models import Image, ReferenceFile
from hubportal.generations.pictures import NotAPicture, examine, thumbnail
from hubportal.generations.steps.lease import kept_alive
from hubportal.hub.download import DownloadFailed, fetch_image

log = structlog.get_logger(__name__)


def keep(pk: uuid.UUID) -> bool:
    """Fetch one picture and keep it with its thumbnail. True when it is kept now.

    What can't be fetched is tried again over a day; the record keeps the address.
    """
    image = Image.objects.claim(pk)
    if image is None:
        return False
    with tempfile.TemporaryFile(dir=settings.FILE_UPLOAD_TEMP_DIR) as bytes_:
        try:
            with kept_alive(image.renew_lease):
                fetched = fetch_image(image.url, bytes_, private_hosts=hosts_allowed())
                found = examine(bytes_)
                thumb = thumbnail(bytes_)
        except DownloadFailed as failure:
            log.warning("picture not fetched", image=str(pk), reason=failure.reason)
            image.record_not_kept(failure.reason, retry_after=failure.retry_after, final=failure.permanent)
            return False
        except NotAPicture as failure:
            log.warning("not a picture", image=str(pk), reason=failure.reason)
            image.record_not_kept(failure.reason)
            return False
        bytes_.seek(0)
        image.record_kept(
            original=File(bytes_),
            thumb=ContentFile(thumb),
            suffix=found.suffix,
            content_type=found.content_type,
            size=fetched.size,
            width=found.width,
            height=found.height,
        )
    return True


def keep_thumb(pk: uuid.UUID) -> None:
    """Make the thumbnail of a reference image, once."""
    stored = ReferenceFile.objects.without_thumb().filter(pk=pk).first()
    if stored is None:
        return
    try:
        with stored.file.open() as file:
            stored.record_thumb(thumbnail(file))
    except NotAPicture:
        stored.record_thumb(None)


def hosts_allowed() -> frozenset[str]:
    """Hosts that may be private: the hub's own, and those the operator named."""
    return frozenset({*settings.HUB_IMAGE_HOSTS, urlsplit(settings.HUB_BASE_URL).hostname or ""})
