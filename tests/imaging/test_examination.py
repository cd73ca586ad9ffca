"""What a file really is, told by its content."""

import io
import time

import pytest
from PIL import Image as Pillow

from hubportal import imaging
from tests.imaging.collection import collection
from tests.imaging.parts import saved, scene
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
def test_an_animation_is_a_picture_and_told_apart(form: str):
    assert imaging.read_image_info(as_file(animated(form))).animated
    assert not imaging.read_image_info(as_file(picture_bytes(form))).animated


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


@pytest.mark.parametrize("lossless", [False, True])
@pytest.mark.parametrize("mode", ["RGB", "RGBA"])
def test_a_webp_tells_its_size_in_each_of_its_forms(mode: str, lossless: bool):
    file = as_file(saved(scene((301, 203), mode), "WEBP", lossless=lossless))

    found = imaging.read_image_info(file)

    assert (found.width, found.height) == (301, 203)


@pytest.mark.parametrize("length", range(12, 30))
def test_a_webp_cut_in_its_header_is_no_picture(length: int):
    file = as_file(picture_bytes("WEBP")[:length])

    with pytest.raises(imaging.InvalidImage):
        imaging.check_complete(file, imaging.read_image_info(file))


def test_a_telephones_jpeg_with_a_second_picture_behind_is_a_still_picture():
    file = as_file(saved(scene(), "MPO", save_all=True, append_images=[scene((90, 60))]))

    found = imaging.read_image_info(file)

    assert (found.content_type, found.animated) == ("image/jpeg", False)


@pytest.mark.parametrize("kind", ["png without its end", "png end cut"])
def test_a_png_that_lacks_no_more_than_its_end_mark_is_complete(kind: str):
    file = as_file(collection()[kind])

    imaging.check_complete(file, imaging.read_image_info(file))


@pytest.mark.parametrize("orientation", range(1, 9))
@pytest.mark.parametrize("form", ["png", "jpeg"])
def test_sides_are_told_as_shown(form: str, orientation: int):
    found = imaging.read_image_info(as_file(collection()[f"{form} orientation {orientation}"]))

    assert (found.width, found.height) == ((48, 64) if orientation > 4 else (64, 48))
    assert found.orientation == orientation


@pytest.mark.slow
def test_nobody_waits_long_for_a_file_of_nothing_but_fill_bytes():
    started = time.process_time()

    with pytest.raises(imaging.InvalidImage, match="unreadable"):
        imaging.read_image_info(as_file(b"\xff\xd8\xff\xe0\0\2" + bytes(50 * 2**20)))

    assert time.process_time() - started < 2
