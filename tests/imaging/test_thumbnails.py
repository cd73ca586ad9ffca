"""Thumbnails: what a browser would show of a file, small."""

import errno
import io
import os
import struct
import zlib
from pathlib import Path
from typing import IO, Any

import pytest
import pyvips
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from hubportal import imaging
from hubportal.imaging import thumbnails
from tests.imaging.collection import collection
from tests.imaging.parts import SIGNATURE, chunk, ihdr
from tests.makers import picture_bytes


def as_file(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def test_a_thumbnail_is_a_small_webp_of_the_same_shape():
    thumb = imaging.make_thumbnail(as_file(picture_bytes("PNG", (1536, 1024))))

    with Pillow.open(io.BytesIO(thumb)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (640, 427))


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused_before_it_is_decoded():
    parts = ihdr(30_000, 30_000, 1, 0) + chunk(b"IDAT", zlib.compress(bytes(1000))) + chunk(b"IEND", b"")
    bomb = as_file(SIGNATURE + parts)

    assert imaging.read_image_info(bomb).width == 30_000
    with pytest.raises(imaging.InvalidImage, match="too-many-pixels"):
        imaging.make_thumbnail(bomb)


def saved(picture: Pillow.Image, form: str, **how: Any) -> io.BytesIO:
    out = io.BytesIO()
    picture.save(out, form, **how)
    return out


def shown(file: IO[bytes]) -> Pillow.Image:
    """The thumbnail, decoded."""
    with Pillow.open(io.BytesIO(imaging.make_thumbnail(file))) as picture:
        picture.load()
    return picture


def about(colour: Any, wanted: tuple[int, ...], by: int = 12) -> bool:
    return all(abs(one - other) <= by for one, other in zip(colour, wanted, strict=True))


def red_over_blue(size: tuple[int, int] = (900, 600)) -> Pillow.Image:
    """Red is the left third, the rest blue: one sees which way is up."""
    picture = Pillow.new("RGB", size, "blue")
    picture.paste("red", (0, 0, size[0] // 3, size[1]))
    return picture


@pytest.mark.parametrize(
    ("form", "how"),
    [
        ("PNG", {}),
        ("JPEG", {"quality": 95}),
        ("JPEG", {"quality": 95, "progressive": True}),
        ("WEBP", {"quality": 95}),
        ("WEBP", {"lossless": True}),
    ],
)
def test_a_thumbnail_keeps_the_colours(form: str, how: dict[str, Any]):
    thumb = shown(saved(red_over_blue((3000, 2000)), form, **how))

    assert thumb.size == (640, 427)
    assert about(thumb.getpixel((50, 200)), (255, 0, 0))
    assert about(thumb.getpixel((600, 200)), (0, 0, 255))


@pytest.mark.parametrize("form", ["PNG", "JPEG"])
@pytest.mark.parametrize(("orientation", "size", "red_at"), [(3, (640, 427), (600, 200)), (6, (427, 640), (200, 50))])
def test_a_photo_taken_sideways_stands_upright(
    form: str, orientation: int, size: tuple[int, int], red_at: tuple[int, int]
):
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = orientation

    thumb = shown(saved(red_over_blue(), form, exif=exif))

    assert thumb.size == size
    assert about(thumb.getpixel(red_at), (255, 0, 0))
    assert not thumb.getexif()


def test_a_webp_lies_as_browsers_show_it_whatever_its_exif_says():
    exif = Pillow.Exif()
    exif[ExifTags.Base.Orientation] = 6

    thumb = shown(saved(red_over_blue(), "WEBP", exif=exif))

    assert thumb.size == (640, 427)
    assert about(thumb.getpixel((50, 200)), (255, 0, 0))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_colour_profile_is_applied_and_left_out(form: str):
    plain = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    # Red and blue change names in the table of tags: whoever heeds this profile shows red as blue.
    swapped = plain.replace(b"rXYZ", b"????", 1).replace(b"bXYZ", b"rXYZ", 1).replace(b"????", b"bXYZ", 1)

    thumb = shown(saved(Pillow.new("RGB", (64, 64), "red"), form, icc_profile=swapped, quality=95))

    assert about(thumb.getpixel((32, 32)), (0, 0, 255), by=30)
    assert "icc_profile" not in thumb.info


def test_a_jpeg_for_print_keeps_its_colours():
    picture = Pillow.new("CMYK", (600, 300), (0, 0, 0, 0))
    picture.paste((0, 255, 255, 0), (0, 0, 300, 300))

    thumb = shown(saved(picture, "JPEG", quality=95))

    assert about(thumb.getpixel((500, 150)), (255, 255, 255))
    red, green, blue = thumb.getpixel((100, 150))
    assert red > 200
    assert max(green, blue) < 80


def test_sixteen_bits_of_grey_are_not_all_white():
    picture = Pillow.new("I;16", (900, 300), 0x8000)

    thumb = shown(saved(picture, "PNG"))

    assert about(thumb.convert("RGB").getpixel((300, 100)), (128, 128, 128))


def test_sixteen_bits_of_each_colour_keep_their_shade():
    row = b"\0" + struct.pack(">HHH", 0xFF80, 0x8000, 0x0040) * 32
    head, data = struct.pack(">IIBBBBB", 32, 32, 16, 2, 0, 0, 0), zlib.compress(row * 32)
    content = b"\x89PNG\r\n\x1a\n" + b"".join(map(chunk, (b"IHDR", b"IDAT", b"IEND"), (head, data, b"")))

    thumb = shown(as_file(content))

    assert about(thumb.getpixel((16, 16)), (255, 128, 0))


def transparent_palette() -> Pillow.Image:
    picture = Pillow.new("P", (900, 600), 0)
    picture.putpalette([255, 0, 0, 0, 255, 0])
    picture.paste(1, (300, 0, 900, 600))
    return picture


def grey_and_clear() -> Pillow.Image:
    picture = Pillow.new("LA", (900, 600), (200, 255))
    picture.paste((0, 0), (300, 0, 900, 600))
    return picture


@pytest.mark.parametrize(
    ("file", "left"),
    [
        (saved(transparent_palette(), "PNG", transparency=1), (255, 0, 0, 255)),
        (saved(grey_and_clear(), "PNG"), (200, 200, 200, 255)),
        (saved(grey_and_clear().convert("RGBA"), "WEBP", lossless=True), (200, 200, 200, 255)),
    ],
    ids=["palette", "grey with alpha", "webp"],
)
def test_what_is_transparent_stays_transparent(file: io.BytesIO, left: tuple[int, ...]):
    thumb = shown(file)

    assert about(thumb.getpixel((100, 200)), left)
    assert thumb.getpixel((500, 200))[3] == 0


def cut(form: str, **how: Any) -> io.BytesIO:
    noise = Pillow.effect_noise((900, 900), 80).convert("RGB")
    whole = saved(noise, form, **how).getvalue()
    return as_file(whole[: len(whole) * 2 // 3])


@pytest.mark.parametrize(
    "file",
    [cut("PNG"), cut("JPEG"), cut("JPEG", progressive=True), cut("WEBP"), cut("WEBP", lossless=True)],
    ids=["png", "jpeg", "progressive", "webp", "lossless"],
)
def test_half_a_file_gets_no_thumbnail(file: io.BytesIO):
    with pytest.raises(imaging.InvalidImage, match="truncated"):
        imaging.make_thumbnail(file)


@pytest.mark.parametrize(
    "kind", ["png palette missing", "png palette behind the data", "jpeg without quantization tables"]
)
def test_what_has_no_pixel_to_show_is_unreadable(kind: str):
    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.make_thumbnail(as_file(collection()[kind]))


@pytest.mark.parametrize(
    "kind", ["png data with a wrong checksum", "png data of too few lines", "jpeg half with an end"]
)
def test_damage_within_a_file_leaves_it_a_thumbnail_as_browsers_show_it_all_the_same(kind: str):
    assert shown(as_file(collection()[kind])).size == (64, 48)


@pytest.mark.parametrize("kind", ["png profile that is none", "png profile not packed", "jpeg profile that is none"])
def test_a_profile_that_is_none_is_passed_over(kind: str):
    assert shown(as_file(collection()[kind])).size == (64, 48)


@pytest.mark.slow
@pytest.mark.parametrize("sides", [(12_000, 9000), (16_320, 12_240)], ids=["108 megapixels", "200 megapixels"])
def test_a_telephones_largest_jpeg_has_a_thumbnail(sides: tuple[int, int], tmp_path: Path):
    pyvips.Image.black(*sides).jpegsave(str(tmp_path / "a.jpg"))

    with (tmp_path / "a.jpg").open("rb") as file:
        assert shown(file).size == (640, 480)


def test_a_large_jpeg_that_must_be_decoded_whole_is_refused_before_that():
    small = saved(red_over_blue(), "JPEG", progressive=True).getvalue()
    sides = small.index(b"\xff\xc2") + 5
    vast = as_file(small[:sides] + struct.pack(">HH", 9000, 12_000) + small[sides + 4 :])

    with pytest.raises(imaging.InvalidImage, match="too-many-pixels"):
        imaging.make_thumbnail(vast)


@pytest.mark.parametrize("error", [AssertionError(), SyntaxError(), IndexError(), struct.error()], ids=repr)
def test_whatever_a_decoder_raises_the_picture_is_unreadable(error: Exception, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(thumbnails.pyvips.Image, "pngload_source", fail, raising=False)

    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.make_thumbnail(as_file(picture_bytes("PNG")))


def test_a_telephones_jpeg_with_a_second_picture_behind_has_a_thumbnail_of_the_first():
    file = saved(red_over_blue(), "MPO", save_all=True, append_images=[Pillow.new("RGB", (90, 60))])

    assert shown(file).size == (640, 427)


def test_a_file_can_be_read_on_after_its_thumbnail(tmp_path: Path):
    content = saved(Pillow.effect_noise((400, 400), 80), "PNG").getvalue()
    (tmp_path / "a.png").write_bytes(content)

    with (tmp_path / "a.png").open("rb") as file:
        imaging.make_thumbnail(file)
        file.seek(10)

        assert file.read() == content[10:]


class FailingDisk(io.FileIO):
    """A file whose other half the disk can't read."""

    def readinto(self, buffer: Any) -> int:
        if self.tell() == os.fstat(self.fileno()).st_size:
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return super().readinto(buffer) or 0


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_disk_that_fails_is_not_the_pictures_fault(form: str, tmp_path: Path):
    content = saved(Pillow.effect_noise((900, 900), 80), form).getvalue()
    (tmp_path / "a").write_bytes(content[: len(content) // 2])

    with io.BufferedReader(FailingDisk(tmp_path / "a")) as file, pytest.raises(OSError, match="Input/output error"):
        imaging.make_thumbnail(file)
