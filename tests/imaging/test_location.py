"""Taking the place out of photos, and nothing else."""

import io
import re
import zlib
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import ExifTags
from PIL import Image as Pillow

from hubportal import imaging
from tests.imaging.parts import (
    XMP_NAMESPACE,
    chunk,
    exif,
    extended_webp,
    profile_segments,
    riff_chunk,
    saved,
    scene,
    segment,
    srgb,
    text_chunk,
    with_chunks,
    with_segments,
    xmp,
    xmp_chunk,
)

PLACES = re.compile(rb"45,27|9,11|Milano|Italia|Duomo|\xa9xyz|\+45\.46|GPSL")
PROFILE = segment(
    0xED, b"Photoshop 3.0\x008BIM\4\4\0\0\0\0\0\x1d\x1c\2\x5a\0\6Milano\x1c\2\x69\0\4Boat\x1c\2\x65\0\0\0"
)
EXTENSION = b"http://ns.adobe.com/xmp/extension/\0" + b"0" * 32 + bytes(8)


def raw_profile(name: str, content: bytes, *, packed: bool = True) -> bytes:
    digits = content.hex().encode()
    lines = b"\n".join(digits[at : at + 72] for at in range(0, len(digits), 72))
    text = f"\n{name}\n{len(content):8}\n".encode() + lines + b"\n"
    return text_chunk(b"Raw profile type " + name.encode(), text, packed=packed)


def video() -> bytes:
    """The beginning of what a telephone appends: a file type box, and where it was."""
    place = b"+45.4641+009.1919/"
    return b"\0\0\0\x10ftypmp42\0\0\0\0" + b"\0\0\0\x1e\xa9xyz\0\x12\x15\xc7" + place


JPEG = saved(scene(), "JPEG")
PNG = saved(scene(), "PNG")
WEBP = saved(scene(), "WEBP")
SIZE = (64, 48)

WITH_PLACE = {
    "jpeg exif, little end first": with_segments(JPEG, segment(0xE1, b"Exif\0\0" + exif(6, gps=True))),
    "jpeg exif, big end first": with_segments(JPEG, segment(0xE1, b"Exif\0\0" + exif(6, gps=True, order=">"))),
    "jpeg xmp": with_segments(JPEG, segment(0xE1, XMP_NAMESPACE + xmp())),
    "jpeg xmp in utf-16": with_segments(
        JPEG, segment(0xE1, XMP_NAMESPACE + xmp().decode("latin-1").encode("utf-16-le"))
    ),
    "jpeg xmp without an end": with_segments(JPEG, segment(0xE1, XMP_NAMESPACE + b"<exif:GPSLatitude>45,27N")),
    "jpeg xmp extension": with_segments(JPEG, segment(0xE1, EXTENSION + xmp())),
    "jpeg iptc": with_segments(JPEG, PROFILE),
    "jpeg of all": with_segments(
        JPEG, segment(0xE1, b"Exif\0\0" + exif(8, gps=True)), segment(0xE1, XMP_NAMESPACE + xmp()), PROFILE
    ),
    "jpeg with a second photo": JPEG + with_segments(JPEG, segment(0xE1, b"Exif\0\0" + exif(1, gps=True))),
    "jpeg with a video": JPEG + video(),
    "png exif": with_chunks(PNG, chunk(b"eXIf", exif(6, gps=True))),
    "png exif behind the data": PNG[:-12] + chunk(b"eXIf", exif(6, gps=True)) + PNG[-12:],
    "png xmp": with_chunks(PNG, xmp_chunk(xmp())),
    "png xmp packed": with_chunks(PNG, xmp_chunk(xmp(), packed=True)),
    "png raw exif": with_chunks(PNG, raw_profile("exif", b"Exif\0\0" + exif(1, gps=True))),
    "png raw exif, not packed": with_chunks(PNG, raw_profile("APP1", b"Exif\0\0" + exif(1, gps=True), packed=False)),
    "png raw xmp": with_chunks(PNG, raw_profile("xmp", xmp())),
    "png raw iptc": with_chunks(PNG, raw_profile("iptc", PROFILE[18:])),
    "webp exif": extended_webp(WEBP, SIZE, riff_chunk(b"EXIF", exif(6, gps=True)), flags=8),
    "webp exif with a prefix": extended_webp(WEBP, SIZE, riff_chunk(b"EXIF", b"Exif\0\0" + exif(6, gps=True)), flags=8),
    "webp xmp": extended_webp(WEBP, SIZE, riff_chunk(b"XMP ", xmp()), flags=4),
}
WITHOUT_PLACE = {
    "jpeg": JPEG,
    "jpeg exif": with_segments(JPEG, segment(0xE1, b"Exif\0\0" + exif(6))),
    "jpeg xmp": with_segments(JPEG, segment(0xE1, XMP_NAMESPACE + xmp(location=False))),
    "jpeg profile": with_segments(JPEG, profile_segments(srgb())),
    "jpeg comment on places": with_segments(JPEG, segment(0xFE, b"Exif\0\0 and Photoshop 3.0\0 are names")),
    "png": PNG,
    "png exif": with_chunks(PNG, chunk(b"eXIf", exif(6))),
    "png xmp": with_chunks(PNG, xmp_chunk(xmp(location=False), packed=True)),
    "png text on places": with_chunks(PNG, text_chunk(b"Comment", b"exif:GPSLatitude is a name")),
    "webp": WEBP,
    "webp exif": extended_webp(WEBP, SIZE, riff_chunk(b"EXIF", exif(6)), flags=8),
}


def removed(content: bytes) -> tuple[bool, bytes]:
    file = io.BytesIO(content)
    changed = imaging.remove_location(file, imaging.read_image_info(file))
    return changed, file.getvalue()


def unpacked(content: bytes) -> bytes:
    """The file with what is packed or written in digits inside it."""
    parts = [content]
    for found in re.finditer(rb"\x78[\x01\x5e\x9c\xda]", content):
        try:
            parts.append(zlib.decompressobj().decompress(content[found.start() :]))
        except zlib.error:
            continue
    digits = [re.sub(rb"\s", b"", part) for part in parts]
    return b"".join(
        [
            *parts,
            *(bytes.fromhex(found.decode()) for part in digits for found in re.findall(rb"(?:[0-9a-f]{2}){40,}", part)),
        ]
    )


def pixels(content: bytes) -> bytes:
    with Pillow.open(io.BytesIO(content)) as picture:
        return picture.tobytes()


def gps(content: bytes) -> dict[int, object]:
    with Pillow.open(io.BytesIO(content)) as picture:
        return dict(picture.getexif().get_ifd(ExifTags.IFD.GPSInfo))


@pytest.mark.parametrize("kind", WITH_PLACE)
def test_the_place_goes_and_the_picture_stays(kind: str):
    before = WITH_PLACE[kind]

    changed, after = removed(before)

    assert changed
    assert len(after) == len(before)
    assert not PLACES.search(unpacked(after).replace(b"\0", b""))
    assert gps(after) == {}
    assert pixels(after) == pixels(before)
    assert imaging.read_image_info(io.BytesIO(after)) == imaging.read_image_info(io.BytesIO(before))


@pytest.mark.parametrize("kind", [kind for kind in WITH_PLACE if "exif" in kind and "raw" not in kind])
def test_the_numbers_of_the_place_are_gone_and_the_rest_of_exif_is_there(kind: str):
    before = WITH_PLACE[kind]
    assert gps(before)

    after = removed(before)[1]

    with Pillow.open(io.BytesIO(after)) as picture:
        assert picture.getexif()[ExifTags.Base.Make] == "Camera"
        assert picture.getexif()[ExifTags.Base.Orientation] == 6
    for number in (45, 27, 51):
        assert number.to_bytes(4, "little") + b"\1\0\0\0" not in after
        assert number.to_bytes(4) + b"\0\0\0\1" not in after


@pytest.mark.parametrize("kind", ["jpeg xmp", "png xmp", "webp xmp"])
def test_the_rest_of_an_xmp_packet_stays(kind: str):
    after = removed(WITH_PLACE[kind])[1]

    packet = re.search(rb"<x:xmpmeta.*</x:xmpmeta>", after, re.DOTALL)
    assert packet
    described = ElementTree.fromstring(packet[0].decode())[0][0]
    assert list(described.attrib.values()) == ["", "Anna"]
    assert [element.text for element in described] == ["image/jpeg"]


def test_the_rest_of_iptc_stays():
    assert b"\x1c\2\x69\0\4Boat" in removed(WITH_PLACE["jpeg iptc"])[1]


@pytest.mark.parametrize("kind", WITHOUT_PLACE)
def test_a_file_that_tells_no_place_stays_byte_for_byte(kind: str):
    assert removed(WITHOUT_PLACE[kind]) == (False, WITHOUT_PLACE[kind])


@pytest.mark.parametrize("kind", [kind for kind in WITH_PLACE if kind.startswith("png")])
def test_every_checksum_of_a_png_is_right_afterwards(kind: str):
    after = removed(WITH_PLACE[kind])[1]

    at = 8
    while at < len(after):
        length = int.from_bytes(after[at : at + 4])
        assert zlib.crc32(after[at + 4 : at + 8 + length]).to_bytes(4) == after[at + 8 + length : at + 12 + length]
        at += 12 + length


def test_what_was_cleared_is_clear_the_second_time():
    once = removed(WITH_PLACE["jpeg of all"])[1]

    assert removed(once) == (False, once)


@pytest.mark.parametrize("kind", ["jpeg of all", "png exif", "webp exif"])
@given(data=st.data())
def test_a_garbled_file_keeps_its_length_and_breaks_nothing(kind: str, data: st.DataObject):
    content = bytearray(WITH_PLACE[kind])
    for _ in range(data.draw(st.integers(1, 8))):
        content[data.draw(st.integers(30, 600))] = data.draw(st.integers(0, 255))
    file = io.BytesIO(content)
    try:
        info = imaging.read_image_info(file)
    except imaging.InvalidImage:
        return

    imaging.remove_location(file, info)

    assert len(file.getvalue()) == len(content)


@pytest.mark.parametrize("kind", ["jpeg of all", "png exif", "webp exif"])
@pytest.mark.parametrize("number", [0, 1, 255, 0x7FFF, 0xFFFF])
def test_a_directory_that_says_it_is_longer_than_its_file_keeps_its_length(kind: str, number: int):
    content = bytearray(WITH_PLACE[kind])
    tiff = min(at for order in (b"II*\0", b"MM\0*") if (at := content.find(order)) >= 0)
    order = "little" if content[tiff : tiff + 2] == b"II" else "big"
    directory = tiff + int.from_bytes(content[tiff + 4 : tiff + 8], order)  # type: ignore[arg-type]
    content[directory : directory + 2] = number.to_bytes(2, order)  # type: ignore[arg-type]
    file = io.BytesIO(content)

    imaging.remove_location(file, imaging.read_image_info(file))

    assert len(file.getvalue()) == len(content)
