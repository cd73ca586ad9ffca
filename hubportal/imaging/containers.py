"""The parts that PNG, JPEG and WebP files consist of, found without reading what is in them."""

import io
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import IO, Final

PNG_SIGNATURE: Final = b"\x89PNG\r\n\x1a\n"
_PNG_HEADER_START: Final = len(PNG_SIGNATURE)
_WEBP_CHUNKS_START: Final = 12
_BLOCK_SIZE: Final = 4096  # bytes
_MARKER: Final = re.compile(rb"\xff+([^\x00\xff])", re.DOTALL)
# Markers without content: temporary, restart, start of image (ITU-T T.81, B.1.1.3).
_BARE_MARKERS: Final = frozenset({0x01, *range(0xD0, 0xD9)})
START_OF_SCAN: Final = 0xDA
END_OF_IMAGE: Final = 0xD9


@dataclass(frozen=True, slots=True)
class Part:
    """A chunk or segment: its name, and where its content lies (bytes). The file may end before that does."""

    kind: bytes
    start: int
    length: int

    def read(self, file: IO[bytes]) -> bytes:
        file.seek(self.start)
        return file.read(self.length)


def png_chunks(file: IO[bytes]) -> Iterator[Part]:
    """All chunks to the end of the file or to IEND (W3C PNG, 5.3). The caller may seek in between."""
    at = _PNG_HEADER_START
    while True:
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        part = Part(header[4:], at + 8, int.from_bytes(header[:4]))
        yield part
        if part.kind == b"IEND":
            return
        at = part.start + part.length + 4


def jpeg_segments(file: IO[bytes]) -> Iterator[Part]:
    """The segments up to the first start of scan, that included; `kind` is the marker's second byte.

    What stands between two segments and is no marker is passed over, as libjpeg does, and browsers with it.
    """
    file.seek(2)
    while (marker := _next_marker(file)) is not None and marker != END_OF_IMAGE:
        if marker in _BARE_MARKERS:
            continue
        size = file.read(2)
        start = file.tell()
        if len(size) < 2 or (length := int.from_bytes(size) - 2) < 0:
            return
        yield Part(bytes([marker]), start, length)
        if marker == START_OF_SCAN:
            return
        file.seek(start + length)


def _next_marker(file: IO[bytes]) -> int | None:
    """The next marker, the file left behind it; None at the end of the file."""
    rest = b""
    while block := file.read(_BLOCK_SIZE):
        block = rest + block
        if found := _MARKER.search(block):
            file.seek(found.end() - len(block), io.SEEK_CUR)
            return found[1][0]
        rest = b"\xff" if block.endswith(b"\xff") else b""
    return None


def webp_chunks(file: IO[bytes]) -> Iterator[Part]:
    """All chunks to the end that the file states for itself (RFC 9649, 2.3 and 2.4)."""
    file.seek(4)
    end = int.from_bytes(file.read(4), "little") + 8
    at = _WEBP_CHUNKS_START
    while at + 8 <= end:
        file.seek(at)
        header = file.read(8)
        if len(header) < 8:
            return
        part = Part(header[:4], at + 8, int.from_bytes(header[4:], "little"))
        yield part
        at = part.start + part.length + part.length % 2
