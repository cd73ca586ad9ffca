"""A picture in another format and size, with what is told of it as XMP.

libvips writes all of them, in strips where the format lets it; AVIF has the whole picture in memory. The worker's task.
"""

import struct
import threading
import zlib
from dataclasses import dataclass
from datetime import datetime
from typing import IO, Any, Final
from xml.sax.saxutils import escape, quoteattr

import pyvips

from hubportal.imaging.examination import InvalidImage, check_complete, read_image_info
from hubportal.imaging.thumbnails import MAX_PIXELS, open_descriptor, open_whole

# By the name of a format: its type, the ending of a file, and how libvips writes it.
CONVERSIONS: Final[dict[str, tuple[str, str, dict[str, Any]]]] = {
    "png": ("image/png", "png", {"compression": 6}),
    "jpeg": ("image/jpeg", "jpg", {"Q": 92}),
    "webp": ("image/webp", "webp", {"Q": 90, "effort": 2}),
    "avif": ("image/avif", "avif", {"Q": 70, "effort": 2}),
}
# IPTC NewsCodes, digitalsourcetype: made by a model that learned from pictures.
SOURCE_TYPE: Final = "http://cv.iptc.org/newscodes/digitalsourcetype/trainedAlgorithmicMedia"
# At most one whole picture is in memory for this, beside one for a thumbnail.
_lock = threading.Lock()
# Bytes of a PNG's signature and first chunk.
_PNG_HEADER: Final = 33
# What XML 1.0 can't hold at all.
_UNWRITABLE: Final = {*range(0x20), *range(0xD800, 0xE000), 0xFFFE, 0xFFFF} - {0x9, 0xA, 0xD}


@dataclass(frozen=True, slots=True)
class PictureFacts:
    """What is told of a picture: its title, what it was described by, who made it, when (UTC) and with what."""

    title: str
    description: str
    creator: str
    made_at: datetime
    tool: str


def convert(file: IO[bytes], name: str, side: int, facts: PictureFacts) -> bytes:
    """The picture in the format of this name, upright, sRGB, no side longer than `side` pixels (0: as it is).

    It is never made larger. Raises InvalidImage for whatever a decoder raises; OSError when the file can't be read.
    """
    info = read_image_info(file)
    check_complete(file, info)
    if info.width * info.height > MAX_PIXELS:
        raise InvalidImage("too-many-pixels")
    with _lock, open_descriptor(file) as descriptor:
        try:
            picture = open_whole(descriptor, info, side or max(info.width, info.height))
            return _write(picture, name, xmp_packet(facts))
        except (OSError, MemoryError):
            raise
        except Exception:  # noqa: BLE001 - what a decoder raises for a hostile file is documented nowhere
            raise InvalidImage("unreadable") from None


def _write(picture: pyvips.Image, name: str, packet: bytes) -> bytes:
    _type, suffix, options = CONVERSIONS[name]
    if name == "jpeg" and picture.hasalpha():
        picture = picture.flatten(background=255)
    if picture.format != "uchar":
        picture = picture.cast("uchar", shift=picture.format == "ushort")
    if name == "png":
        return _with_itxt(bytes(picture.write_to_buffer(f".{suffix}", keep="none", **options)), packet)
    picture = picture.copy()
    picture.set_type(pyvips.GValue.blob_type, "xmp-data", packet)
    return bytes(picture.write_to_buffer(f".{suffix}", keep="xmp", **options))


def _with_itxt(png: bytes, packet: bytes) -> bytes:
    """The PNG with XMP where part 3 of its specification has it: libvips writes Latin-1 text (zTXt), no iTXt.

    The chunk (PNG, 11.3.3.4), uncompressed and of no language, follows the header.
    """
    chunk = b"iTXtXML:com.adobe.xmp\0\0\0\0\0" + packet
    length, check = struct.pack(">I", len(chunk) - 4), struct.pack(">I", zlib.crc32(chunk))
    return png[:_PNG_HEADER] + length + chunk + check + png[_PNG_HEADER:]


def xmp_packet(facts: PictureFacts) -> bytes:
    """XMP (ISO 16684-1): title, description and creator (Dublin Core), date, tool, and IPTC's source type."""
    made_at = facts.made_at.isoformat(timespec="seconds")
    attributes = {
        "xmlns:dc": "http://purl.org/dc/elements/1.1/",
        "xmlns:xmp": "http://ns.adobe.com/xap/1.0/",
        "xmlns:photoshop": "http://ns.adobe.com/photoshop/1.0/",
        "xmlns:Iptc4xmpExt": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
        "xmp:CreateDate": made_at,
        "xmp:CreatorTool": _text(facts.tool),
        "photoshop:DateCreated": made_at,
        "Iptc4xmpExt:DigitalSourceType": SOURCE_TYPE,
    }
    written = " ".join(f"{name}={quoteattr(value)}" for name, value in attributes.items())
    xml = (
        '<?xpacket begin="\ufeff" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        '<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#">'
        f'<rdf:Description rdf:about="" {written}>'
        f"<dc:title>{_alternatives(facts.title)}</dc:title>"
        f"<dc:description>{_alternatives(facts.description)}</dc:description>"
        f"<dc:creator><rdf:Seq><rdf:li>{escape(_text(facts.creator))}</rdf:li></rdf:Seq></dc:creator>"
        '</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
    return xml.encode()


def _alternatives(text: str) -> str:
    return f'<rdf:Alt><rdf:li xml:lang="x-default">{escape(_text(text))}</rdf:li></rdf:Alt>'


def _text(text: str) -> str:
    return text.translate(dict.fromkeys(_UNWRITABLE))
