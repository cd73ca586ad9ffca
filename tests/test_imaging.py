"""What a file really is, told by its content."""

import errno
import io
import os
import struct
import zlib
from pathlib import Path
from typing import IO, Any

import pytest
from PIL import ExifTags, ImageCms
from PIL import Image as Pillow

from hubportal import imaging
from tests.makers import picture_bytes


def as_file(content: bytes) -> io.BytesIO:
    return io.BytesIO(content)


def animated(form: str) -> bytes:
    frames = [Pillow.new("RGB", (8, 8), colour) for colour in ("red", "blue")]
    out = io.BytesIO()
    frames[0].save(out, form, save_all=True, append_images=frames[1:], duration=100)
    return out.getvalue()


@pytest.mark.parametrize(
    ("form", "content_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg"), ("WEBP", "image/webp")]
)
def test_type_and_size_are_told_by_the_content(form: str, content_type: str):
    found = imaging.read_image_info(as_file(picture_bytes(form, (64, 48))))

    assert (found.content_type, found.width, found.height) == (content_type, 64, 48)


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(content: bytes):
    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.read_image_info(as_file(content))


def test_a_gif_is_not_among_the_types():
    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.read_image_info(as_file(picture_bytes("GIF")))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_animation_is_refused(form: str):
    with pytest.raises(imaging.InvalidImage, match="animated"):
        imaging.read_image_info(as_file(animated(form)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_file_without_its_end_is_truncated(form: str):
    noise = Pillow.effect_noise((200, 200), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, form)
    whole = out.getvalue()

    imaging.check_complete(as_file(whole), imaging.read_image_info(as_file(whole)))
    cut = as_file(whole[: len(whole) * 2 // 3])
    with pytest.raises(imaging.InvalidImage, match="truncated"):
        imaging.check_complete(cut, imaging.read_image_info(cut))


def test_a_jpeg_with_a_thumbnail_inside_is_still_truncated_without_its_own_end():
    out = io.BytesIO()
    Pillow.effect_noise((200, 200), 80).convert("RGB").save(out, "JPEG", comment=picture_bytes("JPEG"))
    cut = out.getvalue()[:-2000]
    assert b"\xff\xd9" in cut

    with pytest.raises(imaging.InvalidImage, match="truncated"):
        imaging.check_complete(as_file(cut), imaging.read_image_info(as_file(cut)))


def test_what_a_camera_appends_after_the_end_does_no_harm():
    content = picture_bytes("JPEG") + b"\x00" * 100_000

    imaging.check_complete(as_file(content), imaging.read_image_info(as_file(content)))


def test_a_thumbnail_is_a_small_webp_of_the_same_shape():
    thumb = imaging.make_thumbnail(as_file(picture_bytes("PNG", (1536, 1024))))

    with Pillow.open(io.BytesIO(thumb)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (640, 427))


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused_before_it_is_decoded():
    out = io.BytesIO()
    Pillow.new("1", (30_000, 30_000)).save(out, "PNG")
    bomb = as_file(out.getvalue())

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


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
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


def chunk(kind: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + kind + content + struct.pack(">I", zlib.crc32(kind + content))


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


def without_palette() -> io.BytesIO:
    whole = saved(Pillow.new("P", (8, 8)), "PNG").getvalue()
    start = whole.index(b"PLTE") - 4
    return as_file(whole[:start] + whole[start + 12 + int.from_bytes(whole[start : start + 4]) :])


@pytest.mark.parametrize(
    "file",
    [
        cut("PNG"),
        cut("JPEG"),
        cut("JPEG", progressive=True),
        cut("WEBP"),
        cut("WEBP", lossless=True),
        without_palette(),
    ],
    ids=["png", "jpeg", "progressive", "webp", "lossless", "no palette"],
)
def test_what_breaks_the_decoder_is_unreadable(file: io.BytesIO):
    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.make_thumbnail(file)


@pytest.mark.parametrize("error", [AssertionError(), SyntaxError(), IndexError(), struct.error()], ids=repr)
def test_whatever_a_decoder_raises_the_picture_is_unreadable(error: Exception, monkeypatch: pytest.MonkeyPatch):
    def fail(*_: Any, **__: Any) -> None:
        raise error

    monkeypatch.setattr(imaging.pyvips.Image, "pngload_source", fail, raising=False)

    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.make_thumbnail(as_file(picture_bytes("PNG")))


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_tells_its_size_in_each_of_its_forms(mode: str, lossless: bool):
    file = saved(Pillow.effect_noise((301, 203), 80).convert(mode), "WEBP", lossless=lossless)

    found = imaging.read_image_info(file)

    assert (found.width, found.height) == (301, 203)


@pytest.mark.parametrize("length", range(12, 30))
def test_a_webp_cut_in_its_header_is_no_picture(length: int):
    file = as_file(picture_bytes("WEBP")[:length])

    with pytest.raises(imaging.InvalidImage):
        imaging.check_complete(file, imaging.read_image_info(file))


def test_a_telephones_jpeg_with_a_second_picture_behind_is_a_still_picture():
    file = saved(red_over_blue(), "MPO", save_all=True, append_images=[Pillow.new("RGB", (90, 60))])

    assert imaging.read_image_info(file).content_type == "image/jpeg"
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
