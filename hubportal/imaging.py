"""What a file really is, told by its content; and thumbnails. Runs in the worker, or on a header alone."""

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

# The largest the hub makes is 4096 x 4096; a small file that unfolds to more is an attack or a mistake.
MAX_PIXELS = 50_000_000
# Pillow's own limit stands in the way of reading a header; ours is applied before anything is decoded.
Pillow.MAX_IMAGE_PIXELS = None
# Pillow loads its formats when it first needs one; two of the worker's threads needing one at once lose a race.
Pillow.init()
THUMB_SIDE = 640
FORMATS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}

# No picture is asked for twice, and each thread more is so many strips more.
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)
# Not every picture can be decoded in strips (docs/decisions/thumbnails.md): at most one is in memory.
_ONE_AT_A_TIME = threading.Lock()
# glibc keeps what was freed for each thread apart, and libvips has many that come and go. Elsewhere it isn't there.
_give_memory_back = getattr(ctypes.CDLL(None), "malloc_trim", lambda _keep: 0)


class InvalidImage(Exception):
    """The bytes are not a picture we keep. `reason` is unreadable, animated, truncated or too-many-pixels."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class ImageInfo:
    """What a picture is: its type by content, and its sides in pixels."""

    content_type: str
    suffix: str
    width: int
    height: int


def examine(file: IO[bytes]) -> ImageInfo:
    """Tell type and size from the header, however large it says the picture is. Raises InvalidImage."""
    file.seek(0)
    head = file.read(30)
    file.seek(0)
    # Pillow reads a WebP to its end to open it.
    return _examine_webp(head) if head[:4] == b"RIFF" and head[8:12] == b"WEBP" else _examine_with_pillow(file)


def _examine_with_pillow(file: IO[bytes]) -> ImageInfo:
    try:
        with Pillow.open(file, formats=["PNG", "JPEG"]) as picture:
            # A telephone's JPEG may have a depth map or a second view behind the picture; then Pillow calls it MPO.
            form = "JPEG" if picture.format == "MPO" else picture.format or ""
            if form == "PNG" and getattr(picture, "is_animated", False):
                raise InvalidImage("animated")
            return ImageInfo(*FORMATS[form], picture.width, picture.height)
    except InvalidImage:
        raise
    except Exception:  # noqa: BLE001 - a hostile file finds some that Pillow's documentation doesn't know
        raise InvalidImage("unreadable") from None


def _examine_webp(head: bytes) -> ImageInfo:
    """Read the first chunk's header (RFC 9649, 2.5 to 2.7)."""
    kind, body = head[12:16], head[20:]
    width = height = 0
    if kind == b"VP8X":
        if body[:1] and body[0] & 2:
            raise InvalidImage("animated")
        width, height = (int.from_bytes(body[at : at + 3], "little") + 1 for at in (4, 7))
    elif kind == b"VP8L" and body[:1] == b"\x2f":
        bits = int.from_bytes(body[1:5], "little")
        width, height = (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    elif kind == b"VP8 " and body[3:6] == b"\x9d\x01\x2a":
        width, height = (int.from_bytes(body[at : at + 2], "little") & 0x3FFF for at in (6, 8))
    if not width * height:
        raise InvalidImage("unreadable")
    return ImageInfo(*FORMATS["WEBP"], width, height)


def check_whole(file: IO[bytes], found: ImageInfo) -> None:
    """Raise InvalidImage("truncated") when the end of the file is missing, without decoding it.

    Decoding would say so too, but takes seconds for a large picture, and this runs while a person waits.
    """
    ends = {"image/png": _png_ends, "image/jpeg": _jpeg_ends, "image/webp": _webp_ends}
    if not ends[found.content_type](file):
        raise InvalidImage("truncated")
    file.seek(0)


def _png_ends(file: IO[bytes]) -> bool:
    """Walk the chunks to IEND (W3C PNG, 5.3)."""
    file.seek(8)
    while len(header := file.read(8)) == 8:
        if header[4:] == b"IEND":
            return True
        file.seek(int.from_bytes(header[:4]) + 4, io.SEEK_CUR)
    return False


def _jpeg_ends(file: IO[bytes]) -> bool:
    """Walk the segments to the start of scan, then look for an end of image (ITU-T T.81, B.1).

    Cameras append things after the end, and put thumbnails with an end of their own before the scan.
    """
    file.seek(2)
    while len(header := file.read(4)) == 4 and header[0] == 0xFF:
        file.seek(int.from_bytes(header[2:]) - 2, io.SEEK_CUR)
        if header[1] == 0xDA:
            break
    last = b""
    while block := file.read(2**20):
        if b"\xff\xd9" in last + block:
            return True
        last = block[-1:]
    return False


def _webp_ends(file: IO[bytes]) -> bool:
    """Compare the RIFF size with the file's (Google's WebP container specification)."""
    file.seek(4)
    stated = int.from_bytes(file.read(4), "little") + 8
    return file.seek(0, io.SEEK_END) >= stated


def thumbnail(file: IO[bytes]) -> bytes:
    """A WebP in sRGB whose longer side is at most 640 px, upright, without metadata. Decodes the whole picture.

    Raises InvalidImage when it can't be decoded to the end, or has more than 50 million pixels, and OSError when it
    can't be read. One is made at a time in a process.
    """
    _read_through(file)
    found = examine(file)
    if found.width * found.height > MAX_PIXELS:
        raise InvalidImage("too-many-pixels")
    with _ONE_AT_A_TIME, _descriptor(file) as descriptor:
        try:
            return _shrink(descriptor, found)
        except pyvips.Error:
            raise InvalidImage("unreadable") from None
        finally:
            _give_memory_back(0)


def _read_through(file: IO[bytes]) -> None:
    """Let the disk fail here, with OSError: to Pillow and libvips what can't be read is a broken picture.

    Where libvips maps the file into memory (JPEG, WebP) it would end the process.
    """
    file.seek(0)
    while file.read(2**20):
        pass


@contextmanager
def _descriptor(file: IO[bytes]) -> Iterator[int]:
    """What libvips reads from. Its own reading through a Python file ends the process when that is freed too early."""
    try:
        descriptor = file.fileno()
    except (AttributeError, OSError):
        with TemporaryFile() as copy:
            file.seek(0)
            shutil.copyfileobj(file, copy)
            copy.flush()
            yield copy.fileno()
        return
    # A buffered file remembers where its descriptor stands.
    stands = os.lseek(descriptor, 0, os.SEEK_CUR)
    try:
        yield descriptor
    finally:
        os.lseek(descriptor, stands, os.SEEK_SET)


def _shrink(descriptor: int, found: ImageInfo) -> bytes:
    os.lseek(descriptor, 0, os.SEEK_SET)
    source = pyvips.Source.new_from_descriptor(descriptor)
    picture = _load(source, found)
    # Without a profile it is sRGB already, and saying so would cost as much again; CMYK is converted by one.
    to_srgb = picture.get_typeof("icc-profile-data") or picture.interpretation == "cmyk"
    profile = {"output_profile": "srgb"} if to_srgb else {}
    small = picture.thumbnail_image(THUMB_SIDE, height=THUMB_SIDE, size="down", **profile)
    return bytes(small.webpsave_buffer(Q=80, effort=0, keep="none"))


def _load(source: pyvips.Source, found: ImageInfo) -> pyvips.Image:
    """A JPEG and a WebP are decoded at a smaller size where that leaves twice a thumbnail's or more."""
    spare = max(found.width, found.height) / (2 * THUMB_SIDE)
    how = {"access": "sequential", "fail_on": "error"}
    if found.content_type == "image/jpeg":
        return pyvips.Image.jpegload_source(source, shrink=max(n for n in (1, 2, 4, 8) if n <= max(spare, 1)), **how)
    if found.content_type == "image/webp":
        return pyvips.Image.webpload_source(source, scale=min(1 / spare, 1), **how)
    return pyvips.Image.pngload_source(source, **how)
