"""Telling pictures by their content: type, sides as shown, whether animated, whether the end is there.

One examination for what people upload and for what the hub made. It is no stricter than browsers (Chromium is what
tests/imaging compares it with): what stands in profiles, texts and other metadata never makes a picture none.
"""

import io
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import IO, Final, NoReturn

from hubportal.imaging.containers import (
    END_OF_IMAGE,
    PNG_SIGNATURE,
    START_OF_SCAN,
    jpeg_segments,
    png_chunks,
    webp_chunks,
)
from hubportal.imaging.exif import EXIF_PREFIX, read_orientation

# Content type and file name suffix by the format's name.
FORMATS: Final = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}
_BLOCK_SIZE: Final = 2**20  # bytes

# Depths in bits by colour type (W3C PNG, table 11.1), and samples a pixel.
_PNG_DEPTHS: Final = {0: (1, 2, 4, 8, 16), 2: (8, 16), 3: (1, 2, 4, 8), 4: (8, 16), 6: (8, 16)}
_PNG_PALETTE: Final = 3
# Start of frame: baseline, extended and progressive, by Huffman or arithmetic coding (ITU-T T.81, table B.1). The
# others, lossless and hierarchical, no browser shows.
_JPEG_FRAMES: Final = frozenset({0xC0, 0xC1, 0xC2, 0xC9, 0xCA})
_JPEG_PROGRESSIVE: Final = frozenset({0xC2, 0xCA})
_JPEG_OTHER_FRAMES: Final = frozenset({0xC3, 0xC5, 0xC6, 0xC7, 0xCB, 0xCD, 0xCE, 0xCF})


class InvalidImage(Exception):
    """The file is not an image we accept. `reason` is unreadable, animated, truncated, too-many-pixels or empty."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """Content type and file name suffix by content; width and height in pixels, as shown.

    `orientation` (1 to 8, Exif's) is what a viewer applies, and what the sides have in them already. `progressive`: a
    JPEG of which nothing can be decoded before all of it was read.
    """

    content_type: str
    suffix: str
    width: int
    height: int
    orientation: int = 1
    animated: bool = False
    progressive: bool = False


def read_image_info(file: IO[bytes]) -> ImageInfo:
    """Read type and sides from the file's structure, however many pixels it states.

    Raises InvalidImage("unreadable") for what is no PNG, JPEG or WebP, or one that no browser shows a pixel of.
    """
    file.seek(0)
    head = file.read(16)
    if head.startswith(PNG_SIGNATURE):
        info = _read_png_info(file)
    elif head.startswith(b"\xff\xd8\xff"):
        info = _read_jpeg_info(file)
    elif head[:4] == b"RIFF" and head[8:12] == b"WEBP":
        info = _read_webp_info(file)
    else:
        _refuse()
    file.seek(0)
    return info


def _refuse() -> NoReturn:
    raise InvalidImage("unreadable")


def _info(
    form: str, sides: tuple[int, int], orientation: int = 1, *, animated: bool = False, progressive: bool = False
) -> ImageInfo:
    # Orientations from 5 on lie on their side.
    width, height = reversed(sides) if orientation >= 5 else sides
    if not width * height:
        _refuse()
    return ImageInfo(*FORMATS[form], width, height, orientation, animated, progressive)


def _read_png_info(file: IO[bytes]) -> ImageInfo:
    """Read the chunks before the data. Exif behind the data is not heeded by Chromium either."""
    file.seek(8)
    header = file.read(25)
    if header[:8] != b"\0\0\0\x0dIHDR" or zlib.crc32(header[4:21]).to_bytes(4) != header[21:]:
        _refuse()
    sides = int.from_bytes(header[8:12]), int.from_bytes(header[12:16])
    depth, colour = header[16], header[17]
    if depth not in _PNG_DEPTHS.get(colour, ()):
        _refuse()
    orientation, frames, seen = 0, 0, set()
    for chunk in png_chunks(file):
        if chunk.kind == b"IDAT":
            break
        # A capital first letter: the picture can't be shown without knowing this chunk (W3C PNG, 5.4).
        if chunk.kind[:1].isupper() and chunk.kind != b"PLTE" and (chunk.kind != b"IHDR" or b"IHDR" in seen):
            _refuse()
        seen.add(chunk.kind)
        if chunk.kind == b"eXIf":
            orientation = orientation or read_orientation(chunk.read(file))
        elif chunk.kind == b"acTL":
            frames = int.from_bytes(chunk.read(file)[:4])
    else:
        _refuse()
    if colour == _PNG_PALETTE and b"PLTE" not in seen:
        _refuse()
    return _info("PNG", sides, orientation or 1, animated=frames > 1)


def _read_jpeg_info(file: IO[bytes]) -> ImageInfo:
    """Read the segments before the scan; of several Exif segments the first one counts, as in Chromium."""
    sides, orientation, progressive = (0, 0), 0, False
    for segment in jpeg_segments(file):
        marker = segment.kind[0]
        if marker == START_OF_SCAN:
            return _info("JPEG", sides, orientation or 1, progressive=progressive)
        if marker in _JPEG_OTHER_FRAMES:
            _refuse()
        if marker in _JPEG_FRAMES:
            frame = segment.read(file)
            if len(frame) < 6 or frame[0] != 8:
                _refuse()
            sides = int.from_bytes(frame[3:5]), int.from_bytes(frame[1:3])
            progressive = marker in _JPEG_PROGRESSIVE
        elif marker == 0xE1 and not orientation:
            content = segment.read(file)
            if content.startswith(EXIF_PREFIX):
                orientation = read_orientation(content[len(EXIF_PREFIX) :])
    _refuse()


def _read_webp_info(file: IO[bytes]) -> ImageInfo:
    """Read up to the picture's own header (RFC 9649, 2.5 to 2.7). Chromium heeds no Exif in a WebP."""
    canvas, animated = (0, 0), False
    for chunk in webp_chunks(file):
        if chunk.kind == b"VP8X":
            head = chunk.read(file)[:10].ljust(10, b"\0")
            animated = bool(head[0] & 2)
            canvas = int.from_bytes(head[4:7], "little") + 1, int.from_bytes(head[7:10], "little") + 1
        elif chunk.kind == b"ANMF" and animated:
            return _info("WEBP", canvas, animated=True)
        elif chunk.kind in (b"VP8 ", b"VP8L"):
            file.seek(chunk.start)
            sides = _read_webp_sides(chunk.kind, file.read(10))
            if canvas not in ((0, 0), sides):
                _refuse()
            return _info("WEBP", sides)
    _refuse()


def _read_webp_sides(kind: bytes, head: bytes) -> tuple[int, int]:
    if kind == b"VP8L" and head[:1] == b"\x2f":
        bits = int.from_bytes(head[1:5], "little")
        return ((bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1) if len(head) >= 5 else (0, 0)
    if kind == b"VP8 " and head[3:6] == b"\x9d\x01\x2a":
        return int.from_bytes(head[6:8], "little") & 0x3FFF, int.from_bytes(head[8:10], "little") & 0x3FFF
    return 0, 0


def check_complete(file: IO[bytes], info: ImageInfo) -> None:
    """Raise InvalidImage("truncated") when the end of the picture is missing, without decoding it.

    Decoding would show that too, but takes seconds for a large image, and this runs while a person waits. Browsers
    show what there is of such a file; who pays for a picture made after it should know first.
    """
    has_end: dict[str, Callable[[IO[bytes]], bool]] = {
        "image/png": _has_png_end,
        "image/jpeg": _has_jpeg_end,
        "image/webp": _has_webp_end,
    }
    is_complete = has_end[info.content_type](file)
    file.seek(0)
    if not is_complete:
        raise InvalidImage("truncated")


def _has_png_end(file: IO[bytes]) -> bool:
    """Walk the chunks to IEND (W3C PNG, 5.3); where it is missing, see whether the data come to their end."""
    return any(chunk.kind == b"IEND" for chunk in png_chunks(file)) or _has_png_data(file)


def _has_png_data(file: IO[bytes]) -> bool:
    """Whether the packed data end by themselves. Unpacks them a block at a time, and never more than a bomb's worth."""
    unpacker, left = zlib.decompressobj(), 2**30
    for chunk in png_chunks(file):
        if chunk.kind != b"IDAT":
            continue
        packed = chunk.read(file)
        while packed and left > 0 and not unpacker.eof:
            try:
                left -= len(unpacker.decompress(packed, _BLOCK_SIZE)) + 1
            except zlib.error:
                return False
            packed = unpacker.unconsumed_tail
    return unpacker.eof


def _has_jpeg_end(file: IO[bytes]) -> bool:
    """Walk the segments to the start of scan, then look for an end of image (ITU-T T.81, B.1).

    Cameras append data after the end, and embed thumbnails with an end of their own before the scan.
    """
    for segment in jpeg_segments(file):
        file.seek(segment.start + segment.length)
    last = b""
    while block := file.read(_BLOCK_SIZE):
        if bytes((0xFF, END_OF_IMAGE)) in last + block:
            return True
        last = block[-1:]
    return False


def _has_webp_end(file: IO[bytes]) -> bool:
    """Compare the RIFF size with the file's (RFC 9649, 2.4)."""
    file.seek(4)
    stated = int.from_bytes(file.read(4), "little") + 8
    return file.seek(0, io.SEEK_END) >= stated
