"""An archive's bytes while they are sent: originals untouched, a file at a time, no database and little memory.

The server ends an answer that breaks off like any other, so only its length tells a reader that it is not whole: what
is known beforehand must come, or nothing more may.
"""

import hashlib
from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import structlog
from django.core.files import File
from django.core.files.storage import default_storage
from zipstream import ZipStream

from hubportal.connections import release_connections
from hubportal.gallery.archive import manifest
from hubportal.gallery.archive.manifest import Manifest

log = structlog.get_logger(__name__)

# Bytes a read: each is a turn through every layer above.
BLOCK_SIZE: Final = 2**18


class ArchiveBroken(Exception):
    """A file went, or was cut short, while the archive was sent."""


@dataclass(frozen=True, slots=True)
class Member:
    """A file of the archive: its name there, its name in the storage, its size in bytes, its hash where it is known."""

    name: str
    file: str
    size: int
    sha256: str = ""


class PictureArchive:
    """The archive's bytes, to be read once; `length` of them. `close` when it was read, or nobody wants it any more."""

    def __init__(self, members: Sequence[Member], listed: Manifest) -> None:
        self._manifest, self._hashes = listed, list[str]()
        self._open: File[bytes] | None = None
        self._closers: list[Callable[[], object]] = [listed.close]
        self._zip = ZipStream(sized=True)
        for member in members:
            self._zip.add(self._read(member), member.name, size=member.size)
        self._zip.add(self._list(), manifest.NAME, size=listed.length)
        self.length = len(self._zip)
        self._blocks = self._pass_on()

    def when_closed(self, act: Callable[[], object]) -> None:
        """Call this too at the end, however it comes."""
        self._closers.append(act)

    def __iter__(self) -> Iterator[bytes]:
        return self._blocks

    def close(self) -> None:
        """Close what is open. A second time does nothing."""
        self._blocks.close()
        if self._open:
            self._open.close()
        while self._closers:
            self._closers.pop()()

    def _pass_on(self) -> Generator[bytes]:
        # A reader may take an hour: no connection is held for so long.
        release_connections()
        yield from self._zip

    def _read(self, member: Member) -> Iterator[bytes]:
        """The file's bytes, as many as were promised. Raises ArchiveBroken."""
        # Hashing takes as long as all else together: only what earlier versions kept without a hash.
        digest, left = None if member.sha256 else hashlib.sha256(), member.size
        try:
            with default_storage.open(member.file) as file:
                self._open = file
                while left and (block := file.read(min(BLOCK_SIZE, left))):
                    left -= len(block)
                    if digest:
                        digest.update(block)
                    yield block
        except OSError as error:
            log.error("archive_broken", file=member.file, error=str(error))
            raise ArchiveBroken(member.file) from error
        if left:
            log.error("archive_broken", file=member.file, bytes_missing=left)
            raise ArchiveBroken(member.file)
        if digest:
            self._hashes.append(digest.hexdigest())

    def _list(self) -> Iterator[bytes]:
        yield from self._manifest.read(iter(self._hashes))
