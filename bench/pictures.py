"""Pictures as large as a reference may be: noise that no format can press, so each is as many bytes as pixels say."""

import struct
import zlib
from pathlib import Path
from random import Random

BYTES = 50 * 10**6  # of one
SIDE = 4080  # pixels, three bytes each
BLOCK_ROWS = 64


def large_png(path: Path, seed: int) -> None:
    """A PNG of almost 50 MB (W3C PNG, 5 and 11), written row by row."""
    chance, packer = Random(seed), zlib.compressobj(0)  # noqa: S311 - no secret is drawn from it
    with path.open("wb") as file:
        file.write(b"\x89PNG\r\n\x1a\n")
        file.write(_chunk(b"IHDR", struct.pack(">IIBBBBB", SIDE, SIDE, 8, 2, 0, 0, 0)))
        for first in range(0, SIDE, BLOCK_ROWS):
            rows = b"".join(b"\0" + chance.randbytes(SIDE * 3) for _ in range(min(BLOCK_ROWS, SIDE - first)))
            if pressed := packer.compress(rows):
                file.write(_chunk(b"IDAT", pressed))
        file.write(_chunk(b"IDAT", packer.flush()))
        file.write(_chunk(b"IEND", b""))


def _chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))
