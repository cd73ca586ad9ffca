"""Stored files for people: which file an address means, and the headers it is sent with."""

import uuid
from dataclasses import dataclass
from pathlib import PurePath
from typing import Final

import structlog
from django.db.models.fields.files import FieldFile
from django.http import FileResponse, HttpRequest
from django.http.response import HttpResponseBase
from django.utils.cache import get_conditional_response

from hubportal.accounts.models import User
from hubportal.gallery.filenames import content_disposition
from hubportal.gallery.queries import find_picture, find_reference
from hubportal.generations.models import Image, Reference
from hubportal.imaging import FORMATS

log = structlog.get_logger(__name__)

PICTURE_KINDS: Final = ("original", "thumb", "download")
REFERENCE_KINDS: Final = ("reference", "reference-thumb")
SUFFIXES: Final = dict(FORMATS.values())
# Bytes a read: a picture has megabytes, and each read is a turn through every layer above.
BLOCK_SIZE: Final = 2**16


@dataclass(frozen=True, slots=True)
class StoredFile:
    """A stored file somebody may have. `etag` changes whenever its bytes do."""

    file: FieldFile
    content_type: str
    etag: str
    disposition: str

    def response_to(self, request: HttpRequest) -> HttpResponseBase | None:
        """The file, or 304 where the browser has it; None where the storage has lost it."""
        response = get_conditional_response(request, etag=self.etag) or self._open()
        if response is not None:
            self._set_headers(response)
        return response

    def _open(self) -> FileResponse | None:
        try:
            response = FileResponse(self.file.open("rb"), content_type=self.content_type)
        except FileNotFoundError:
            log.error("stored_file_missing", file=self.file.name)
            return None
        response.block_size = BLOCK_SIZE
        return response

    def _set_headers(self, response: HttpResponseBase) -> None:
        response["ETag"] = self.etag
        # The browser may store it, but asks each time: access may have ended since.
        response["Cache-Control"] = "private, no-cache"
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
        return _kept_file(image) if kind != "thumb" else None
    thumb = kind == "thumb"
    file, content_type = (image.thumb, "image/webp") if thumb else (image.original, image.content_type)
    if not file or image.kept_at is None or content_type not in SUFFIXES:
        return None
    return StoredFile(
        file,
        content_type,
        # Bytes are written once, when the picture is stored.
        etag=f'"{image.pk.hex}-{"thumb" if thumb else "original"}-{image.kept_at.timestamp():.6f}"',
        disposition=content_disposition(
            image.generation.prompt, SUFFIXES[content_type], place=image.position + 1, attachment=kind == "download"
        ),
    )


def _kept_file(image: Image) -> StoredFile:
    """A picture that can't be shown, as a file to be saved: no browser opens it here."""
    suffix = PurePath(image.original.name or "").suffix.lstrip(".")
    kept_at = image.kept_at.timestamp() if image.kept_at else 0
    return StoredFile(
        image.original,
        "application/octet-stream",
        # Another attempt may bring other bytes.
        etag=f'"{image.pk.hex}-file-{kept_at:.6f}"',
        disposition=content_disposition(image.generation.prompt, suffix, place=image.position + 1, attachment=True),
    )


def _stored_reference(reference: Reference, kind: str) -> StoredFile | None:
    stored = reference.stored
    # Until the worker has made one, the picture itself stands in.
    thumb = kind == "reference-thumb" and bool(stored.thumb)
    file, content_type = (stored.thumb, "image/webp") if thumb else (stored.file, stored.content_type)
    if content_type not in SUFFIXES:
        return None
    return StoredFile(
        file,
        content_type,
        etag=f'"{stored.sha256}{"-thumb" if thumb else ""}"',
        disposition=content_disposition(PurePath(reference.name).stem, SUFFIXES[content_type], attachment=False),
    )
