"""What a file really is, told by its content; and thumbnails. Runs in the worker, or on a header alone."""

import io
from dataclasses import dataclass
from typing import IO

from PIL import Image as Pillow

# The largest the hub makes is 4096 x 4096; a small file that unfolds to more is an attack or a mistake.
MOST_PIXELS = 50_000_000
# Pillow's own limit stands in the way of reading a header; ours is applied before anything is decoded.
Pillow.MAX_IMAGE_PIXELS = None
# Pillow loads its formats when it first needs one; two of the worker's threads needing one at once lose a race.
Pillow.init()
THUMB_SIDE = 640
FORMATS = {"PNG": ("image/png", "png"), "JPEG": ("image/jpeg", "jpg"), "WEBP": ("image/webp", "webp")}


class NotAPicture(Exception):
    """The bytes are not a picture we keep. `reason` is a short word: unreadable, animated, too-many-pixels."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


@dataclass(frozen=True, slots=True)
class Found:
    """What a picture is: its type by content, and its sides in pixels."""

    content_type: str
    suffix: str
    width: int
    height: int


def _open(file: IO[bytes]) -> Pillow.Image:
    file.seek(0)
    try:
        return Pillow.open(file, formats=list(FORMATS))
    except (OSError, SyntaxError, ValueError):
        # Pillow reads a WebP to its end when it opens it, and fails here when there is none.
        file.seek(0)
        cut = (head := file.read(12))[:4] == b"RIFF" and head[8:] == b"WEBP" and not _webp_ends(file)
        raise NotAPicture("truncated" if cut else "unreadable") from None


def examine(file: IO[bytes]) -> Found:
    """Tell type and size from the header, however large it says the picture is. Raises NotAPicture."""
    with _open(file) as picture:
        if getattr(picture, "is_animated", False):
            raise NotAPicture("animated")
        content_type, suffix = FORMATS[picture.format or ""]
        return Found(content_type, suffix, picture.width, picture.height)


def check_whole(file: IO[bytes], found: Found) -> None:
    """Raise NotAPicture("truncated") when the end of the file is missing, without decoding it.

    Decoding would say so too, but takes seconds for a large picture, and this runs while a person waits.
    """
    ends = {"image/png": _png_ends, "image/jpeg": _jpeg_ends, "image/webp": _webp_ends}
    if not ends[found.content_type](file):
        raise NotAPicture("truncated")
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
    """A WebP whose longer side is at most 640 px, without metadata. Decodes the whole picture.

    Raises NotAPicture when it can't be decoded to the end, or has more than 50 million pixels.
    """
    with _open(file) as picture:
        if picture.width * picture.height > MOST_PIXELS:
            raise NotAPicture("too-many-pixels")
        try:
            picture.draft("RGB", (THUMB_SIDE * 2, THUMB_SIDE * 2))
            small = picture.convert("RGBA" if picture.has_transparency_data else "RGB")
            small.thumbnail((THUMB_SIDE, THUMB_SIDE), reducing_gap=2.0)
        except (OSError, SyntaxError, ValueError):
            raise NotAPicture("unreadable") from None
    out = io.BytesIO()
    small.save(out, "WEBP", quality=80, method=0)
    return out.getvalue()
