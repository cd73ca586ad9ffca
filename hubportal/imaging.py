"""Image files: their type and size, told by their content, and thumbnails.

Knows no room, no model and no storage. The header is read while a person waits; decoding happens in the worker.
"""

import ctypes
import io
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from tempfile import TemporaryFile
from typing import IO

import pyvips
from PIL import Image as Pillow

# The largest image the hub makes has 4096 x 4096 pixels. A small file that decodes to more is an attack or a mistake.
MAX_PIXELS = 50_000_000
# Pixels of the longer side.
THUMBNAIL_SIDE = 640
# Content type and file name suffix by Pillow's name of the format.
FORMATS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}
_BLOCK_SIZE = 2**20  # bytes

# Pillow's own limit already raises while a header is read; MAX_PIXELS is checked before anything is decoded.
Pillow.MAX_IMAGE_PIXELS = None
# Pillow loads its formats when it first needs one; two threads of the worker needing one at once lose a race.
Pillow.init()
# No image is asked for twice, and each further thread holds so many strips more in memory.
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)
# Not every image can be decoded in strips (docs/decisions/thumbnails.md): at most one whole one is in memory.
_thumbnail_lock = threading.Lock()
# glibc keeps freed memory for each thread apart, and libvips has many short-lived ones. Other C libraries lack it.
_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _pad: 0)


class InvalidImage(Exception):
    """The file is not an image we accept. `reason` is unreadable, animated, truncated or too-many-pixels."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """Content type and file name suffix by content, width and height in pixels."""

    content_type: str
    suffix: str
    width: int
    height: int


def read_image_info(file: IO[bytes]) -> ImageInfo:
    """Read type and size from the header, however many pixels it states.

    Raises InvalidImage("unreadable") for what is no PNG, JPEG or WebP, and InvalidImage("animated").
    """
    file.seek(0)
    head = file.read(30)
    file.seek(0)
    # Pillow reads a WebP to its end to open it.
    return _read_webp_info(head) if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else _read_info_with_pillow(file)


def _read_info_with_pillow(file: IO[bytes]) -> ImageInfo:
    try:
        with Pillow.open(file, formats=["PNG", "JPEG"]) as picture:
            # A telephone's JPEG may have a depth map or a second view after the image; Pillow calls that MPO.
            name = "JPEG" if picture.format == "MPO" else picture.format or ""
            if name == "PNG" and getattr(picture, "is_animated", False):
                raise InvalidImage("animated")
            return ImageInfo(*FORMATS[name], picture.width, picture.height)
    except InvalidImage:
        raise
    except Exception:  # noqa: BLE001 - a hostile file raises more than Pillow documents, AssertionError for one
        raise InvalidImage("unreadable") from None


def _read_webp_info(head: bytes) -> ImageInfo:
    """Read the first chunk's header (RFC 9649, 2.5 to 2.7)."""
    chunk_type, body = head[12:16], head[20:]
    width = height = 0
    if chunk_type == b"VP8X":
        if body[:1] and body[0] & 2:
            raise InvalidImage("animated")
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    elif chunk_type == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif chunk_type == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    if not width * height:
        raise InvalidImage("unreadable")
    return ImageInfo(*FORMATS["WEBP"], width, height)


def check_complete(file: IO[bytes], info: ImageInfo) -> None:
    """Raise InvalidImage("truncated") when the end of the file is missing, without decoding it.

    Decoding would show that too, but takes seconds for a large image, and this runs while a person waits.
    """
    has_end = {"image/png": _has_png_end, "image/jpeg": _has_jpeg_end, "image/webp": _has_webp_end}
    if not has_end[info.content_type](file):
        raise InvalidImage("truncated")
    file.seek(0)


def _has_png_end(file: IO[bytes]) -> bool:
    """Walk the chunks to IEND (W3C PNG, 5.3)."""
    file.seek(8)
    while len(header := file.read(8)) == 8:
        if header[4:] == b"IEND":
            return True
        file.seek(int.from_bytes(header[:4]) + 4, io.SEEK_CUR)
    return False


def _has_jpeg_end(file: IO[bytes]) -> bool:
    """Walk the segments to the start of scan, then look for an end of image (ITU-T T.81, B.1).

    Cameras append data after the end, and embed thumbnails with an end of their own before the scan.
    """
    file.seek(2)
    while len(header := file.read(4)) == 4 and header[0] == 0xFF:
        file.seek(int.from_bytes(header[2:]) - 2, io.SEEK_CUR)
        if header[1] == 0xDA:
            break
    last = b""
    while block := file.read(_BLOCK_SIZE):
        if b"\xff\xd9" in last + block:
            return True
        last = block[-1:]
    return False


def _has_webp_end(file: IO[bytes]) -> bool:
    """Compare the RIFF size with the file's (RFC 9649, 2.4)."""
    file.seek(4)
    stated = int.from_bytes(file.read(4), "little") + 8
    return file.seek(0, io.SEEK_END) >= stated


def make_thumbnail(file: IO[bytes]) -> bytes:
    """Decode the whole image and return a WebP: sRGB, upright, without metadata, at most 640 pixels a side.

    Raises InvalidImage for whatever a decoder raises, and for more than 50 million pixels; OSError when the file
    can't be read. One thumbnail is made at a time in a process.
    """
    _read_through(file)
    info = read_image_info(file)
    if info.width * info.height > MAX_PIXELS:
        raise InvalidImage("too-many-pixels")
    with _thumbnail_lock, _open_descriptor(file) as descriptor:
        try:
            return _shrink(descriptor, info)
        except (OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - what a decoder raises for a hostile file is documented nowhere
            raise InvalidImage("unreadable") from None
        finally:
            _malloc_trim(0)


def _read_through(file: IO[bytes]) -> None:
    """Let a failing disk raise OSError here: Pillow and libvips take what can't be read for a broken image.

    Where libvips maps the file into memory (JPEG, WebP) a failing disk would even end the process.
    """
    file.seek(0)
    while file.read(_BLOCK_SIZE):
        pass


@contextmanager
def _open_descriptor(file: IO[bytes]) -> Iterator[int]:
    """Give libvips a descriptor: its own reader of Python files crashes the process when that is freed too early."""
    try:
        descriptor = file.fileno()
    except (AttributeError, OSError):
        with TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield copy.fileno()
        return
    # A buffered file remembers the position of its descriptor.
    position = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        yield descriptor
    finally:
        os.lseek(descriptor, position, os.SEEK_SET)


def _shrink(descriptor: int, info: ImageInfo) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    picture = _load(pyvips.Source.new_from_descriptor(descriptor), info)
    # Without a profile it is sRGB already, and converting it would double the time; CMYK is converted by a profile.
    to_srgb = picture.get_typeof("icc-profile-data") or picture.interpretation == "cmyk"
    profile = {"output_profile": "srgb"} if to_srgb else {}
    small = picture.thumbnail_image(THUMBNAIL_SIDE, height=THUMBNAIL_SIDE, size="down", **profile)
    return bytes(small.webpsave_buffer(Q=80, effort=0, keep="none"))


def _load(source: pyvips.Source, info: ImageInfo) -> pyvips.Image:
    """Decode a JPEG or a WebP at a smaller size where that leaves at least twice a thumbnail's."""
    spare = max(info.width, info.height) / (2 * THUMBNAIL_SIDE)
    options = {"access": "sequential", "fail_on": "error"}
    if info.content_type == "image/jpeg":
        return pyvips.Image.jpegload_source(
            source, shrink=max(n for n in (1, 2, 4, 8) if n <= max(spare, 1)), **options
        )
    if info.content_type == "image/webp":
        return pyvips.Image.webpload_source(source, scale=min(1 / spare, 1), **options)
    return pyvips.Image.pngload_source(source, **options)
