"""Receiving files: on disk, hashed as they arrive, and never more or larger than a reference may be."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import SkipFile, TemporaryFileUploadHandler

# hub-api.md, Submitting: up to 16 files, each up to 50 MB. Which of 10^6 or 2^20 is not said; the larger is let in.
MAX_FILES = 16
MAX_BYTES = 50 * 2**20


@dataclass(frozen=True, slots=True)
class SkippedUpload:
    """A file that was not received: `too-many` or `too-large`."""

    name: str
    reason: str


class CappedUploadHandler(TemporaryFileUploadHandler):
    """Put each file into FILE_UPLOAD_TEMP_DIR with its SHA-256; read past those that are too large or too many.

    What was read past is listed in `request.skipped_uploads`, so that the form can name it, and the fields that
    follow it in the body are still read.
    """

    file: TemporaryUploadedFile
    _received = 0

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self._hash, self._bytes = hashlib.sha256(), 0
        self._received += 1
        if self._received > MAX_FILES:
            self._skip("too-many")

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self._bytes += len(raw_data)
        if self._bytes > MAX_BYTES:
            self._skip("too-large")
        self._hash.update(raw_data)
        super().receive_data_chunk(raw_data, start)

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        done = super().file_complete(file_size)
        self.file.sha256 = self._hash.hexdigest()  # type: ignore[attr-defined]
        return done

    def _skip(self, reason: str) -> None:
        skipped = self.request.__dict__.setdefault("skipped_uploads", [])
        skipped.append(SkippedUpload(self.file_name or "", reason))
        raise SkipFile
