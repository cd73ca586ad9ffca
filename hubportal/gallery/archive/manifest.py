"""The list of what is in an archive of pictures, and of what isn't: manifest.csv."""

import secrets
from collections.abc import Iterable, Iterator
from datetime import UTC
from enum import StrEnum
from tempfile import SpooledTemporaryFile
from typing import Any

from django.conf import settings

from hubportal.csv_export import BLOCK_SIZE, MAX_IN_MEMORY, CsvExport
from hubportal.generations.models import Image

NAME = "manifest.csv"
COLUMNS = (
    *("file", "picture", "prompt", "model", "size", "tier", "effort", "project", "person", "made", "credits"),
    *("sha256", "missing"),
)
HASH_LENGTH = 64


class Missing(StrEnum):
    """Why a picture that was asked for is not in the archive (docs/operations.md, Exports)."""

    DELETED = "deleted"
    NOT_DOWNLOADED = "not downloaded"
    LOST = "lost"


class Manifest:
    """Rows written out beforehand, and their length. Unknown hashes, all equally long, are filled in when it is read.

    One of thousands of long prompts lies on the disk.
    """

    def __init__(self) -> None:
        self._file = SpooledTemporaryFile(MAX_IN_MEMORY, dir=str(settings.FILE_UPLOAD_TEMP_DIR))  # noqa: SIM115 - `close`
        # Stands where a hash will be. Nobody can have written it into a prompt.
        self._placeholder = secrets.token_hex(HASH_LENGTH // 2)
        self.length = 0

    def write(self, pictures: Iterable[tuple[Image, str | Missing]]) -> None:
        """All rows: of each picture under what name it is in the archive, or why it is not. Read once."""
        CsvExport(COLUMNS, (self._cells(image, file) for image, file in pictures)).write_to(self._file)
        self.length = self._file.tell()

    def _cells(self, image: Image, file: str | Missing) -> Iterable[Any]:
        generation, is_missing = image.generation, isinstance(file, Missing)
        shape = f"{image.width}x{image.height}" if image.width and image.height else generation.size
        return (
            *("" if is_missing else str(file), str(image.pk), generation.prompt, generation.model, shape),
            *(generation.tier, generation.effort, str(generation.project or ""), str(generation.author)),
            *(image.created_at.astimezone(UTC).isoformat(timespec="seconds"), _credits(image)),
            *("" if is_missing else image.sha256 or self._placeholder, str(file) if is_missing else ""),
        )

    def read(self, hashes: Iterator[str]) -> Iterator[bytes]:
        """The file in blocks. `hashes`: of each picture that is there without one, in hex, in the order of the rows."""
        self._file.seek(0)
        placeholder, block = self._placeholder.encode(), b""
        for line in self._file:
            block += line.replace(placeholder, next(hashes).encode()) if placeholder in line else line
            if len(block) >= BLOCK_SIZE:
                yield block
                block = b""
        yield block

    def close(self) -> None:
        self._file.close()


def _credits(image: Any) -> str:
    """What the picture cost: its share of its generation's credits; "" while nothing was charged."""
    cost = image.generation.cost
    return "" if cost is None else f"{cost / image.made:.2f}".removesuffix("00").removesuffix(".")
