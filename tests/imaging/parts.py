"""Picture files made from their parts, byte by byte where no library writes them."""

import io
import struct
import zlib
from collections.abc import Iterable
from typing import Any

from PIL import Image as Pillow
from PIL import ImageCms

SIGNATURE = b"\x89PNG\r\n\x1a\n"
XMP_NAMESPACE = b"http://ns.adobe.com/xap/1.0/\x00"


def saved(picture: Pillow.Image, form: str, **how: Any) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out.getvalue()


def scene(size: tuple[int, int] = (64, 48), mode: str = "RGB") -> Pillow.Image:
    """Some colours, so that half of a file is half of a picture."""
    noise = [Pillow.effect_noise(size, 60 + 20 * at) for at in range(3)]
    return Pillow.merge("RGB", noise).convert(mode)


# PNG (W3C PNG) ----------------------------------------------------------------------------------------------


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


def ihdr(width: int, height: int, bits: int, colour: int, interlace: int = 0) -> bytes:
    return chunk(b"IHDR", struct.pack(">IIBBBBB", width, height, bits, colour, 0, 0, interlace))


def raw_png(
    bits: int, colour: int, before: bytes = b"", size: tuple[int, int] = (64, 48), after: bytes = b"", fill: int = 0x1B
) -> bytes:
    """A PNG of any depth and kind of colour, all of one value; `before` and `after` stand around its data."""
    samples = {0: 1, 2: 3, 3: 1, 4: 2, 6: 4}[colour]
    row = b"\0" + bytes([fill]) * ((size[0] * bits * samples + 7) // 8)
    data = chunk(b"IDAT", zlib.compress(row * size[1]))
    return SIGNATURE + ihdr(*size, bits, colour) + before + data + after + chunk(b"IEND", b"")


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """Further chunks right behind the header."""
    return png[:33] + b"".join(chunks) + png[33:]


def without_chunk(png: bytes, kind: bytes) -> bytes:
    start = png.index(kind) - 4
    return png[:start] + png[start + 12 + int.from_bytes(png[start : start + 4]) :]


def text_chunk(keyword: bytes, text: bytes, *, packed: bool = False) -> bytes:
    if packed:
        return chunk(b"zTXt", keyword + b"\0\0" + zlib.compress(text))
    return chunk(b"tEXt", keyword + b"\0" + text)


def xmp_chunk(packet: bytes, *, packed: bool = False) -> bytes:
    flag = b"\1\0" if packed else b"\0\0"
    return chunk(b"iTXt", b"XML:com.adobe.xmp\0" + flag + b"\0\0" + (zlib.compress(packet) if packed else packet))


# JPEG (ITU-T T.81, annex B) ---------------------------------------------------------------------------------


def segment(marker: int, content: bytes) -> bytes:
    return bytes((0xFF, marker)) + struct.pack(">H", len(content) + 2) + content


def with_segments(jpeg: bytes, *segments: bytes) -> bytes:
    """Further segments right behind the start of the image."""
    return jpeg[:2] + b"".join(segments) + jpeg[2:]


def profile_segments(profile: bytes, numbers: Iterable[tuple[int, int]] | None = None) -> bytes:
    """An ICC profile in as many segments as it takes (ICC.1, B.4), or with these numbers."""
    pieces = [profile[at : at + 60_000] for at in range(0, len(profile), 60_000)]
    numbers = numbers or [(at + 1, len(pieces)) for at in range(len(pieces))]
    return b"".join(
        segment(0xE2, b"ICC_PROFILE\0" + bytes(number) + piece) for number, piece in zip(numbers, pieces, strict=False)
    )


# WebP (RFC 9649) --------------------------------------------------------------------------------------------


def riff_chunk(kind: bytes, content: bytes) -> bytes:
    return kind + struct.pack("<I", len(content)) + content + b"\0" * (len(content) % 2)


def riff(*chunks: bytes) -> bytes:
    body = b"WEBP" + b"".join(chunks)
    return b"RIFF" + struct.pack("<I", len(body)) + body


def extended_webp(webp: bytes, size: tuple[int, int], *chunks: bytes, flags: int = 0) -> bytes:
    """A simple WebP in the extended form, with further chunks behind the picture."""
    head = bytes([flags, 0, 0, 0]) + (size[0] - 1).to_bytes(3, "little") + (size[1] - 1).to_bytes(3, "little")
    return riff(riff_chunk(b"VP8X", head), webp[12:], *chunks)


# Metadata ---------------------------------------------------------------------------------------------------


def srgb() -> bytes:
    return ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()


def large_profile(size: int = 2_500_000) -> bytes:
    """A profile that says the same with a private tag of many bytes, as those with tables for print have."""
    plain = srgb()
    count = int.from_bytes(plain[128:132])
    shift = 12
    entries = b"".join(
        plain[132 + 12 * at : 136 + 12 * at]
        + struct.pack(">I", int.from_bytes(plain[136 + 12 * at : 140 + 12 * at]) + shift)
        + plain[140 + 12 * at : 144 + 12 * at]
        for at in range(count)
    )
    body = plain[132 + 12 * count :]
    start = 132 + 12 * (count + 1) + len(body)
    start += -start % 4
    entry = b"zzzz" + struct.pack(">II", start, size)
    grown = plain[:128] + struct.pack(">I", count + 1) + entries + entry + body
    grown = grown.ljust(start, b"\0") + b"data\0\0\0\0".ljust(size, b"\0")
    return struct.pack(">I", len(grown)) + grown[4:]


def exif(orientation: int | None = None, *, gps: bool = False, order: str = "<", resolution: int = 0) -> bytes:
    """A TIFF header with IFD0, and a GPS IFD 45 degrees north, 9 degrees east, of Milan."""
    entries: list[bytes] = []
    extra = b""
    number = (orientation is not None) + gps + 3 * bool(resolution) + 1
    after = 8 + 2 + 12 * number + 4

    def put(content: bytes) -> int:
        nonlocal extra
        at = after + len(extra)
        extra += content
        return at

    def entry(tag: int, kind: int, count: int, value: bytes) -> bytes:
        return struct.pack(f"{order}HHI", tag, kind, count) + value.ljust(4, b"\0")

    long = f"{order}I"
    entries.append(entry(0x010F, 2, 7, struct.pack(long, put(b"Camera\0\0"))))
    if orientation is not None:
        entries.append(entry(0x0112, 3, 1, struct.pack(f"{order}H", orientation)))
    if resolution:
        at = put(struct.pack(f"{order}II", resolution, 1))
        entries += [entry(tag, 5, 1, struct.pack(long, at)) for tag in (0x011A, 0x011B)]
        entries.append(entry(0x0128, 3, 1, struct.pack(f"{order}H", 2)))
    if gps:
        degrees = put(struct.pack(f"{order}6I", 45, 1, 27, 1, 51, 1) + struct.pack(f"{order}6I", 9, 1, 11, 1, 24, 1))
        inner = struct.pack(f"{order}H", 4)
        inner += entry(1, 2, 2, b"N\0") + entry(2, 5, 3, struct.pack(long, degrees))
        inner += entry(3, 2, 2, b"E\0") + entry(4, 5, 3, struct.pack(long, degrees + 24))
        entries.append(entry(0x8825, 4, 1, struct.pack(long, put(inner + struct.pack(long, 0)))))
    mark = b"II*\0" if order == "<" else b"MM\0*"
    body = struct.pack(f"{order}H", len(entries)) + b"".join(entries) + struct.pack(long, 0)
    return mark + struct.pack(long, 8) + body + extra


def xmp(*, location: bool = True) -> bytes:
    """A packet as editors write it: the place as attributes, as elements and as a structure."""
    place = (
        b'exif:GPSLatitude="45,27.85N" exif:GPSLongitude="9,11.4E" photoshop:City="Milano" photoshop:Country="Italia">'
        b"<Iptc4xmpCore:Location>Duomo</Iptc4xmpCore:Location>"
        b"<exif:GPSAltitude>120/1</exif:GPSAltitude>"
        b"<Iptc4xmpExt:LocationShown><rdf:Bag><rdf:li Iptc4xmpExt:City='Milano'/></rdf:Bag></Iptc4xmpExt:LocationShown>"
    )
    return (
        b'<?xpacket begin="" id="W5M0MpCehiHzreSzNTczkc9d"?><x:xmpmeta xmlns:x="adobe:ns:meta/">'
        b'<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#"><rdf:Description rdf:about=""'
        b' xmlns:exif="http://ns.adobe.com/exif/1.0/" xmlns:photoshop="http://ns.adobe.com/photoshop/1.0/"'
        b' xmlns:Iptc4xmpCore="http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/"'
        b' xmlns:Iptc4xmpExt="http://iptc.org/std/Iptc4xmpExt/2008-02-29/" xmlns:dc="http://purl.org/dc/elements/1.1/"'
        b' photoshop:Credit="Anna" ' + (place if location else b">") + b"<dc:format>image/jpeg</dc:format>"
        b'</rdf:Description></rdf:RDF></x:xmpmeta><?xpacket end="w"?>'
    )
