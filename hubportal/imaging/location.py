"""Taking out of a file where its picture was taken: Exif's GPS data, and places in XMP and IPTC.

The file is changed where it stands and keeps its length: pixels, orientation, colour profile and everything that
points somewhere stay as they are. What is packed and tells a place can't be changed so, and is overwritten whole.
"""

import binascii
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import IO, Final

from hubportal.imaging.containers import Part, png_chunks, webp_chunks
from hubportal.imaging.examination import ImageInfo
from hubportal.imaging.exif import EXIF_PREFIX, clear_location
from hubportal.imaging.xmp import clear_iptc, clear_xmp, tells_place

_BLOCK_SIZE: Final = 2**20  # bytes
_MAX_UNPACKED: Final = 2**24  # bytes

_XMP: Final = b"http://ns.adobe.com/xap/1.0/\0"
_XMP_EXTENSION: Final = b"http://ns.adobe.com/xmp/extension/\0"
# Behind its name an extension has a digest, the whole length and its place (XMP specification part 3, 1.1.3.1).
_XMP_EXTENSION_HEADER: Final = len(_XMP_EXTENSION) + 32 + 4 + 4
_PHOTOSHOP: Final = b"Photoshop 3.0\0"
# Where a telephone's video behind the picture was taken (QuickTime file format, user data), with a language.
_VIDEO_PLACE: Final = b"\xa9xyz"
_VIDEO_PLACE_TEXT: Final = re.compile(rb"\xa9xyz..\x15\xc7([+-]\d[0-9.+/-]*)", re.DOTALL)

_PNG_XMP: Final = b"XML:com.adobe.xmp"
_PNG_RAW_PROFILE: Final = b"Raw profile type "
# A text that says nothing, in the place of one that told too much.
_PNG_EMPTY_TEXT: Final = b"Comment\0"

_clear_exif = partial(clear_location, clear_xmp=clear_xmp)


def remove_location(file: IO[bytes], info: ImageInfo) -> bool:
    """Overwrite in the file what says where the picture was taken. False where nothing did."""
    remove = {"image/png": _clear_png, "image/jpeg": _clear_jpeg, "image/webp": _clear_webp}[info.content_type]
    changed = remove(file)
    file.flush()
    file.seek(0)
    return changed


# JPEG -------------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Found:
    name: bytes
    at: int


def _clear_jpeg(file: IO[bytes]) -> bool:
    """Telephones append further pictures and a video, each with the place once more: the whole file is searched."""
    changed = False
    for found in list(_find_names(file, (EXIF_PREFIX, _XMP, _XMP_EXTENSION, _PHOTOSHOP, _VIDEO_PLACE))):
        changed |= _clear_video(file, found.at) if found.name == _VIDEO_PLACE else _clear_segment(file, found)
    return changed


def _find_names(file: IO[bytes], names: tuple[bytes, ...]) -> Iterator[_Found]:
    """Where each of these stands in the file."""
    overlap = max(map(len, names)) - 1
    file.seek(0)
    at, rest = 0, b""
    while block := file.read(_BLOCK_SIZE):
        window = rest + block
        for name in names:
            place = -1
            while (place := window.find(name, place + 1)) >= 0:
                # What lies in the overlap as a whole was found in the block before.
                if place + len(name) > len(rest):
                    yield _Found(name, at - len(rest) + place)
        at += len(block)
        rest = window[-overlap:]


def _clear_segment(file: IO[bytes], found: _Found) -> bool:
    """Change an application segment that begins with this name; anything else with it is none of ours."""
    if found.at < 4:
        return False
    file.seek(found.at - 4)
    header = file.read(4)
    if header[:2] not in (b"\xff\xe1", b"\xff\xed"):
        return False
    content = bytearray(file.read(int.from_bytes(header[2:]) - 2))
    start = _XMP_EXTENSION_HEADER if found.name == _XMP_EXTENSION else len(found.name)
    body = content[start:]
    if not _clear_body(found.name, body):
        return False
    _write(file, found.at + start, body)
    return True


def _clear_body(name: bytes, body: bytearray) -> bool:
    if name == EXIF_PREFIX:
        return _clear_exif(body)
    if name == _XMP:
        return clear_xmp(body)
    if name == _PHOTOSHOP:
        return clear_iptc(body)
    # An extension is cut anywhere, in the middle of a place too.
    if not tells_place(bytes(body)):
        return False
    body[:] = b" " * len(body)
    return True


def _clear_video(file: IO[bytes], at: int) -> bool:
    file.seek(at)
    found = _VIDEO_PLACE_TEXT.match(file.read(256))
    if not found:
        return False
    _write(file, at, b"free")
    _write(file, at + found.start(1), b" " * len(found[1]))
    return True


# PNG and WebP -----------------------------------------------------------------------------------------------


def _clear_png(file: IO[bytes]) -> bool:
    changed = False
    for chunk in png_chunks(file):
        content = bytearray(chunk.read(file)) if chunk.kind in (b"eXIf", b"iTXt", b"tEXt", b"zTXt") else bytearray()
        if len(content) == chunk.length and content and (kind := _clear_png_chunk(chunk.kind, content)):
            _write(file, chunk.start - 4, kind + content + zlib.crc32(kind + content).to_bytes(4))
            changed = True
    return changed


def _clear_png_chunk(kind: bytes, content: bytearray) -> bytes | None:
    """Change a chunk's content. Returns its kind, which may be another one then; None where nothing is changed."""
    if kind == b"eXIf":
        return kind if _clear_exif(content) else None
    keyword, _, rest = bytes(content).partition(b"\0")
    if kind == b"iTXt" and keyword == _PNG_XMP and rest[:1] == b"\0":
        return kind if _clear_png_xmp(content) else None
    if (keyword == _PNG_XMP or keyword.startswith(_PNG_RAW_PROFILE)) and _text_tells_place(kind, rest):
        content[:] = _PNG_EMPTY_TEXT.ljust(len(content))[: len(content)]
        return b"tEXt"
    return None


def _clear_png_xmp(content: bytearray) -> bool:
    """Change the packet behind keyword, two flags, language and translated keyword (W3C PNG, 11.3.3.4)."""
    start = len(_PNG_XMP) + 3
    for _ in range(2):
        start = content.find(b"\0", start) + 1
        if not start:
            return False
    packet = content[start:]
    changed = clear_xmp(packet)
    content[start:] = packet
    return changed


def _text_tells_place(kind: bytes, rest: bytes) -> bool:
    """Whether a text behind its keyword tells a place: XMP, or Exif or IPTC in hexadecimal as ImageMagick writes it."""
    text = rest
    if kind != b"tEXt":
        packed = rest[1:] if kind == b"zTXt" else rest[2:].partition(b"\0")[2].partition(b"\0")[2]
        unpacker = zlib.decompressobj()
        try:
            text = unpacker.decompress(packed, _MAX_UNPACKED)
        except zlib.error:
            return False
        if unpacker.unconsumed_tail:
            return True
    return tells_place(text) or _hexadecimal_tells_place(text)


def _hexadecimal_tells_place(text: bytes) -> bool:
    """ImageMagick's form: a line with the profile's name, one with its length, then its bytes."""
    _name, _, body = text.lstrip().partition(b"\n")
    _length, _, digits = body.lstrip().partition(b"\n")
    try:
        content = bytearray(binascii.unhexlify(b"".join(digits.split())))
    except binascii.Error:
        return False
    if content.startswith(EXIF_PREFIX):
        return _clear_exif(content[len(EXIF_PREFIX) :])
    return clear_iptc(content) or tells_place(bytes(content))


def _clear_webp(file: IO[bytes]) -> bool:
    changed = False
    for chunk in webp_chunks(file):
        if chunk.kind in (b"EXIF", b"XMP "):
            changed |= _clear_webp_chunk(file, chunk)
    return changed


def _clear_webp_chunk(file: IO[bytes], chunk: Part) -> bool:
    content = bytearray(chunk.read(file))
    start = len(EXIF_PREFIX) if content.startswith(EXIF_PREFIX) else 0
    body = content[start:]
    if not (clear_xmp(body) if chunk.kind == b"XMP " else _clear_exif(body)):
        return False
    _write(file, chunk.start + start, body)
    return True


def _write(file: IO[bytes], at: int, content: bytes | bytearray) -> None:
    file.seek(at)
    file.write(content)
