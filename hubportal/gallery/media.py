"""Stored files for people: which file an address means, and the headers it is sent with."""

import uuid
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.http import FileResponse, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response, patch_vary_headers
from django.utils.encoding import iri_to_uri

from hubportal.accounts.models import User
from hubportal.gallery.filenames import content_disposition
from hubportal.gallery.queries import find_picture, find_reference
from hubportal.generations.models import Image, Reference
from hubportal.imaging import FORMATS

log = structlog.get_logger(__name__)

THUMBNAIL_KINDS: Final = ("thumb", "thumb-small")
PICTURE_KINDS: Final = ("original", "download", *THUMBNAIL_KINDS)
REFERENCE_KINDS: Final = ("reference", "reference-thumb")
SUFFIXES: Final = dict(FORMATS.values())
# Bytes a read: a picture has megabytes, and each read is a turn through every layer above.
BLOCK_SIZE: Final = 2**16
# The browser may store it, but asks each time: access may have ended since.
ASK_EACH_TIME: Final = "private, no-cache"
# What was seen may be seen for an hour more, in the same browser and session (docs/decisions/thumbnail-caching.md).
KEEP_FOR_AN_HOUR: Final = "private, max-age=3600, immutable"


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file somebody may have. `etag` changes whenever its bytes do; `is_small`: thumbnails, read at once."""

    name: str
    content_type: str
    etag: str
    disposition: str
    is_small: bool = False

    def response_to(self, request: HttpRequest) -> HttpResponseBase | None:
        """The file, or 304 where the browser has it; None where the storage has lost it."""
        response = get_conditional_response(request, etag=self.etag) or self._respond()
        if response is not None:
            self._set_headers(response)
        return response

    def _respond(self) -> HttpResponseBase | None:
        if settings.MEDIA_SENDFILE:
            return self._leave_to_proxy(*settings.MEDIA_SENDFILE)
        try:
            file = default_storage.open(self.name)
            if self.is_small:
                with file:
                    return HttpResponse(file.read(), content_type=self.content_type)
        except FileNotFoundError:
            log.error("stored_file_missing", file=self.name)
            return None
        response = FileResponse(file, content_type=self.content_type)
        response.block_size = BLOCK_SIZE
        return response

    def _leave_to_proxy(self, header: str, prefix: str) -> HttpResponse:
        """No bytes, and the file's address for the proxy before us."""
        address = iri_to_uri(prefix + self.name) if prefix else default_storage.path(self.name)
        return HttpResponse(content_type=self.content_type, headers={header: address})

    def _set_headers(self, response: HttpResponseBase) -> None:
        response["ETag"] = self.etag
        response["Cache-Control"] = KEEP_FOR_AN_HOUR if self.is_small else ASK_EACH_TIME
        # Also a browser's own copy is for the session that fetched it.
        patch_vary_headers(response, ("Cookie",))
        # What a picture may do when it is opened by itself: nothing.
        response["Content-Security-Policy"] = "default-src 'none'; sandbox"
        response["Content-Disposition"] = self.disposition


def find_stored_file(user: User, pk: uuid.UUID, kind: str) -> StoredFile | None:
    """What this address means to this person; None where it means nothing, or is none of theirs."""
    if kind in REFERENCE_KINDS:
        reference = find_reference(user, pk)
        return _stored_reference(reference, kind) if reference else None
    image = find_picture(user, pk) if kind in PICTURE_KINDS else None
    return _stored_picture(image, kind) if image else None


def _stored_picture(image: Image, kind: str) -> StoredFile | None:
    if image.is_file:
        return _kept_file(image) if kind not in THUMBNAIL_KINDS else None
    if kind in THUMBNAIL_KINDS:
        return _thumbnail(image, kind)
    if image.content_type not in SUFFIXES:
        return None
    return StoredFile(
        str(image.original),
        image.content_type,
        etag=_etag(image, "original"),
        disposition=_disposition(image, SUFFIXES[image.content_type], attachment=kind == "download"),
    )


def _thumbnail(image: Image, kind: str) -> StoredFile:
    # Until the worker has made a small one, the other stands in.
    small = kind == "thumb-small" and bool(image.thumb_small)
    return StoredFile(
        str(image.thumb_small if small else image.thumb),
        "image/webp",
        etag=_etag(image, "thumb-small" if small else "thumb"),
        disposition=_disposition(image, "webp", attachment=False),
        is_small=True,
    )


def _kept_file(image: Image) -> StoredFile:
    """A picture that can't be shown, as a file to be saved: no browser opens it here."""
    return StoredFile(
        str(image.original),
        "application/octet-stream",
        # Another attempt may bring other bytes.
        etag=_etag(image, "file"),
        disposition=_disposition(image, PurePath(str(image.original)).suffix.lstrip("."), attachment=True),
    )


def _etag(image: Image, what: str) -> str:
    """Bytes are written once, when the picture is stored."""
    kept_at = image.kept_at.timestamp() if image.kept_at else 0
    return f'"{image.pk.hex}-{what}-{kept_at:.6f}"'


def _disposition(image: Image, suffix: str, *, attachment: bool) -> str:
    return content_disposition(image.generation.prompt, suffix, place=image.position + 1, attachment=attachment)


def _stored_reference(reference: Reference, kind: str) -> StoredFile | None:
    stored = reference.stored
    # Until the worker has made one, the picture itself stands in.
    thumb = kind == "reference-thumb" and bool(stored.thumb)
    file, content_type = (stored.thumb, "image/webp") if thumb else (stored.file, stored.content_type)
    if content_type not in SUFFIXES:
        return None
    return StoredFile(
        str(file.name),
        content_type,
        etag=f'"{stored.sha256}{"-thumb" if thumb else ""}"',
        disposition=content_disposition(PurePath(reference.name).stem, SUFFIXES[content_type], attachment=False),
    )
