"""Thumbnails: what a browser would show of a file, small.

Decoding happens in the worker, one picture at a time in a process (docs/decisions/thumbnails.md).
"""

import ctypes
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from tempfile import TemporaryFile
from typing import IO, Final

import pyvips

from hubportal.imaging.examination import ImageInfo, InvalidImage, check_complete, read_image_info

# The largest image the hub makes has 4096 x 4096 pixels. A small file that decodes to more is an attack or a mistake.
MAX_PIXELS: Final = 50_000_000
# A JPEG that isn't progressive is decoded at an eighth of its sides: those of telephones have up to 200 million.
MAX_SEQUENTIAL_JPEG_PIXELS: Final = 270_000_000
# Pixels of the longer side, of both widths: for screens with two pixels for one, and for a row of the gallery.
THUMBNAIL_SIDE: Final = 640
SMALL_THUMBNAIL_SIDE: Final = 320
_BLOCK_SIZE: Final = 2**20  # bytes

# No image is asked for twice, and each further thread holds so many strips more in memory.
pyvips.cache_set_max(0)
pyvips.concurrency_set(1)
# Not every image can be decoded in strips (docs/decisions/thumbnails.md): at most one whole one is in memory.
_thumbnail_lock = threading.Lock()
# glibc keeps freed memory for each thread apart, and libvips has many short-lived ones. Other C libraries lack it.
_malloc_trim = getattr(ctypes.CDLL(None), "malloc_trim", lambda _pad: 0)


def make_thumbnail(file: IO[bytes]) -> bytes:
    """Decode the whole image and return a WebP: sRGB, upright, without metadata, at most 640 pixels a side.

    Damage inside a file that has its end is passed over, as browsers do. Raises InvalidImage for what has no end, for
    whatever a decoder raises, and for too many pixels; OSError when the file can't be read. One thumbnail is made at a
    time in a process.
    """
    _read_through(file)
    info = read_image_info(file)
    check_complete(file, info)
    is_shrunk = info.content_type == "image/jpeg" and not info.progressive
    if info.width * info.height > (MAX_SEQUENTIAL_JPEG_PIXELS if is_shrunk else MAX_PIXELS):
        raise InvalidImage("too-many-pixels")
    with _thumbnail_lock, open_descriptor(file) as descriptor:
        try:
            return _shrink(descriptor, info)
        except (OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - what a decoder raises for a hostile file is documented nowhere
            raise InvalidImage("unreadable") from None
        finally:
            _malloc_trim(0)


def make_small_thumbnail(thumbnail: bytes) -> bytes:
    """A thumbnail again, at most 320 pixels a side: WebP from the WebP that `make_thumbnail` made.

    Raises InvalidImage for what is no such thing.
    """
    with _thumbnail_lock:
        try:
            picture = pyvips.Image.webpload_buffer(thumbnail)
            small = picture.thumbnail_image(SMALL_THUMBNAIL_SIDE, height=SMALL_THUMBNAIL_SIDE, size="down")
            return _as_webp(small)
        except pyvips.Error:
            raise InvalidImage("unreadable") from None


def _as_webp(picture: pyvips.Image) -> bytes:
    return bytes(picture.webpsave_buffer(Q=80, effort=0, keep="none"))


def _read_through(file: IO[bytes]) -> None:
    """Let a failing disk raise OSError here: Pillow and libvips take what can't be read for a broken image.

    Where libvips maps the file into memory (JPEG, WebP) a failing disk would even end the process.
    """
    file.seek(0)
    while file.read(_BLOCK_SIZE):
        pass


@contextmanager
def open_descriptor(file: IO[bytes]) -> Iterator[int]:
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
    return _as_webp(_upright(picture, info, THUMBNAIL_SIDE))


def open_whole(descriptor: int, info: ImageInfo, side: int) -> pyvips.Image:
    """The picture upright in sRGB, no side longer than `side` pixels. It is decoded when it is written."""
    os.lseek(descriptor, 0, os.SEEK_SET)
    source = pyvips.Source.new_from_descriptor(descriptor)
    loaders = {
        "image/jpeg": pyvips.Image.jpegload_source,
        "image/webp": pyvips.Image.webpload_source,
        "image/png": pyvips.Image.pngload_source,
    }
    return _upright(loaders[info.content_type](source, access="sequential", fail_on="none"), info, side)


def _upright(picture: pyvips.Image, info: ImageInfo, side: int) -> pyvips.Image:
    picture = picture.copy()
    # libvips also heeds Exif where browsers don't; the thumbnail must lie as the original is shown.
    picture.set_type(pyvips.GValue.gint_type, "orientation", info.orientation)
    # Without a profile it is sRGB already, and converting it would double the time; CMYK is converted by a profile.
    to_srgb = picture.get_typeof("icc-profile-data") or picture.interpretation == "cmyk"
    profile = {"output_profile": "srgb"} if to_srgb else {}
    return picture.thumbnail_image(side, height=side, size="down", **profile)


def _load(source: pyvips.Source, info: ImageInfo) -> pyvips.Image:
    """Decode a JPEG or a WebP at a smaller size where that leaves at least twice a thumbnail's."""
    spare = max(info.width, info.height) / (2 * THUMBNAIL_SIDE)
    options = {"access": "sequential", "fail_on": "none"}
    if info.content_type == "image/jpeg":
        return pyvips.Image.jpegload_source(
            source, shrink=max(n for n in (1, 2, 4, 8) if n <= max(spare, 1)), **options
        )
    if info.content_type == "image/webp":
        return pyvips.Image.webpload_source(source, scale=min(1 / spare, 1), **options)
    return pyvips.Image.pngload_source(source, **options)
