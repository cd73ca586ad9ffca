"""A multipart/form-data body that streams: files are opened one at a time and read in small blocks.

requests' own `files=` loads every file into memory, 1.6 GB for sixteen of 50 MB. A body that can be iterated and has
a length is sent block by block with a Content-Length; not every server accepts chunked encoding.
"""

import re
import secrets
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import BinaryIO

_BLOCK_SIZE = 64 * 1024  # bytes
_CONTENT_TYPE = re.compile(r"[a-z]+/[a-z0-9.+-]+")


@dataclass(frozen=True, slots=True)
class ReferencePart:
    """A reference image to send: its file name, content type, size in bytes, and how to open it for reading."""

    name: str
    content_type: str
    size: int
    open: Callable[[], BinaryIO]


class ReferenceReadError(Exception):
    """A file could not be read, or was shorter than its stated size, while it was being sent.

    Not an OSError: urllib3 takes those for the network's and may go on to wait for an answer.
    """


class MultipartBody:
    """Fields, then files, in the given order (RFC 7578). Iterating gives the body, `len()` its length in bytes."""

    def __init__(self, fields: Sequence[tuple[str, str]], files: Sequence[tuple[str, ReferencePart]]) -> None:
        boundary = secrets.token_hex(16)
        self.content_type = f"multipart/form-data; boundary={boundary}"
        self._fields = b"".join(_head(boundary, name) + _utf8(value) + b"\r\n" for name, value in fields)
        self._files = [(_head(boundary, name, part), part) for name, part in files]
        self._end = f"--{boundary}--\r\n".encode()

    def __len__(self) -> int:
        files = sum(len(head) + part.size + len(b"\r\n") for head, part in self._files)
        return len(self._fields) + files + len(self._end)

    def __iter__(self) -> Iterator[bytes]:
        yield self._fields
        for head, part in self._files:
            yield head
            yield from _read_blocks(part)
            yield b"\r\n"
        yield self._end


def _read_blocks(part: ReferencePart) -> Iterator[bytes]:
    left = part.size
    try:
        with part.open() as file:
            while left and (block := file.read(min(_BLOCK_SIZE, left))):
                left -= len(block)
                yield block
    except Exception as error:
        raise ReferenceReadError(f"a reference could not be read: {type(error).__name__}") from error
    if left:
        raise ReferenceReadError(f"a reference ended {left} bytes early")


def _head(boundary: str, name: str, part: ReferencePart | None = None) -> bytes:
    lines = [f"--{boundary}", f'Content-Disposition: form-data; name="{name}"']
    if part:
        known = _CONTENT_TYPE.fullmatch(part.content_type)
        # As browsers write it (HTML, multipart/form-data); other controls are dropped.
        name = part.name.replace('"', "%22").replace("\r", "%0D").replace("\n", "%0A")
        lines[1] += '; filename="' + re.sub("[\x00-\x1f\x7f]", "", name) + '"'
        lines.append(f"Content-Type: {part.content_type if known else 'application/octet-stream'}")
    return _utf8("\r\n".join(lines) + "\r\n\r\n")


def _utf8(text: str) -> bytes:
    return text.encode("utf-8", errors="replace")
