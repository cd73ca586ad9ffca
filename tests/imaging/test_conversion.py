"""A picture in another format: its pixels and sides, and that others read what is told of it."""

import io
from datetime import UTC, datetime
from typing import Any
from xml.etree import ElementTree

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pillow
from PIL import features

from hubportal.imaging import CONVERSIONS, InvalidImage, PictureFacts, convert
from hubportal.imaging.conversion import SOURCE_TYPE, xmp_packet

MADE = datetime(2026, 11, 30, 7, 15, 42, tzinfo=UTC)
FACTS = PictureFacts("A boat <at> “dusk”", "A boat & a tram, 夕暮れ", "Mina & Co", MADE, 'gpt "image" 2')
NAMES = {
    "dc": "http://purl.org/dc/elements/1.1/",
    "xmp": "http://ns.adobe.com/xap/1.0/",
    "photoshop": "http://ns.adobe.com/photoshop/1.0/",
    "ext": "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "rdf": "http://www.w3.org/1999/02/22-rdf-syntax-ns#",
}


def encoded(size: tuple[int, int] = (60, 40), mode: str = "RGB", form: str = "PNG", **options: Any) -> io.BytesIO:
    out = io.BytesIO()
    Pillow.new(mode, size, "teal" if mode.startswith("RGB") else 90).save(out, form, **options)
    out.seek(0)
    return out


def opened(content: bytes) -> Pillow.Image:
    picture = Pillow.open(io.BytesIO(content))
    picture.load()
    return picture


def packet_of(picture: Pillow.Image) -> bytes:
    """What Pillow, which has no code in common with libvips, finds."""
    found = picture.info.get("xmp") or picture.info.get("XML:com.adobe.xmp")
    return found.encode() if isinstance(found, str) else found


def description_of(packet: bytes) -> ElementTree.Element:
    xml = packet.decode().partition("?>")[2].rpartition("<?")[0]
    found = ElementTree.fromstring(xml).find("rdf:RDF/rdf:Description", NAMES)
    assert found is not None
    return found


@pytest.mark.parametrize("name", CONVERSIONS)
def test_every_format_is_that_and_looks_as_before(name: str) -> None:
    made = opened(convert(encoded(), name, 0, FACTS))

    assert (made.format, made.size) == (name.upper(), (60, 40))
    red, green, blue = made.convert("RGB").getpixel((30, 20))  # type: ignore[misc]
    assert max(abs(red), abs(green - 128), abs(blue - 128)) <= 6


@pytest.mark.parametrize("name", CONVERSIONS)
def test_others_read_what_is_told_of_it(name: str) -> None:
    description = description_of(packet_of(opened(convert(encoded(), name, 0, FACTS))))

    def text(path: str) -> str | None:
        return description.findtext(path, namespaces=NAMES)

    assert text("dc:title/rdf:Alt/rdf:li") == FACTS.title
    assert text("dc:description/rdf:Alt/rdf:li") == FACTS.description
    assert text("dc:creator/rdf:Seq/rdf:li") == FACTS.creator
    assert description.get(f"{{{NAMES['xmp']}}}CreatorTool") == FACTS.tool
    assert description.get(f"{{{NAMES['xmp']}}}CreateDate") == "2026-11-30T07:15:42+00:00"
    assert description.get(f"{{{NAMES['ext']}}}DigitalSourceType") == SOURCE_TYPE


@pytest.mark.parametrize(
    ("size", "side", "made"),
    [((60, 40), 30, (30, 20)), ((40, 60), 30, (20, 30)), ((60, 40), 512, (60, 40)), ((60, 40), 0, (60, 40))],
)
def test_no_side_is_longer_than_asked_and_none_grows(size: tuple[int, int], side: int, made: tuple[int, int]) -> None:
    assert opened(convert(encoded(size), "webp", side, FACTS)).size == made


def test_what_can_be_seen_through_becomes_white_where_the_format_has_none() -> None:
    clear = io.BytesIO()
    Pillow.new("RGBA", (8, 8), (0, 0, 0, 0)).save(clear, "PNG")

    jpeg, webp = (opened(convert(clear, name, 0, FACTS)) for name in ("jpeg", "webp"))

    assert jpeg.getpixel((4, 4)) == (255, 255, 255)
    assert webp.convert("RGBA").getpixel((4, 4))[3] == 0  # type: ignore[index]


@pytest.mark.parametrize("mode", ["L", "LA", "P", "1", "I;16"])
@pytest.mark.parametrize("name", CONVERSIONS)
def test_every_kind_of_png_is_converted(mode: str, name: str) -> None:
    picture = io.BytesIO()
    Pillow.new(mode, (20, 10)).save(picture, "PNG")

    assert opened(convert(picture, name, 0, FACTS)).size == (20, 10)


def test_a_picture_on_its_side_is_put_upright() -> None:
    exif = Pillow.Exif()
    exif[0x0112] = 6
    turned = encoded((60, 40), form="JPEG", exif=exif)

    made = opened(convert(turned, "png", 0, FACTS))

    assert made.size == (40, 60)
    assert 0x0112 not in made.getexif()


@pytest.mark.parametrize("content", [b"", b"no picture", encoded().getvalue()[:60]])
def test_what_is_no_picture_is_said_to_be_none(content: bytes) -> None:
    with pytest.raises(InvalidImage):
        convert(io.BytesIO(content), "webp", 0, FACTS)


@given(st.text(max_size=50), st.text(max_size=50))
def test_whatever_somebody_wrote_the_packet_is_xml(title: str, tool: str) -> None:
    safe = title.encode("utf-8", "ignore").decode(), tool.encode("utf-8", "ignore").decode()

    packet = xmp_packet(PictureFacts(safe[0], safe[0], safe[0], MADE, safe[1]))

    assert description_of(packet) is not None


def test_pillow_here_reads_all_four() -> None:
    assert features.check("avif")
    assert features.check("webp")
