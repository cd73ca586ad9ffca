"""What a file really is, told by its content."""

import io

import pytest
from PIL import Image as Pillow

from hubportal.generations import pictures
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
    found = pictures.examine(as_file(picture_bytes(form, (64, 48))))

    assert (found.content_type, found.width, found.height) == (content_type, 64, 48)


@pytest.mark.parametrize(
    "content",
    [b"", b"%PDF-1.7 not a picture", b"<svg xmlns='http://www.w3.org/2000/svg'/>", b"<html>", b"\x89PNG\r\n\x1a\n"],
)
def test_what_is_no_picture_is_refused(content: bytes):
    with pytest.raises(pictures.NotAPicture, match="unreadable"):
        pictures.examine(as_file(content))


def test_a_gif_is_not_among_the_types():
    with pytest.raises(pictures.NotAPicture, match="unreadable"):
        pictures.examine(as_file(picture_bytes("GIF")))


@pytest.mark.parametrize("form", ["PNG", "WEBP"])
def test_an_animation_is_refused(form: str):
    with pytest.raises(pictures.NotAPicture, match="animated"):
        pictures.examine(as_file(animated(form)))


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP"])
def test_a_file_without_its_end_is_truncated(form: str):
    noise = Pillow.effect_noise((200, 200), 80).convert("RGB")
    out = io.BytesIO()
    noise.save(out, form)
    whole = out.getvalue()

    pictures.check_whole(as_file(whole), pictures.examine(as_file(whole)))
    cut = as_file(whole[: len(whole) * 2 // 3])
    with pytest.raises(pictures.NotAPicture, match="truncated"):
        pictures.check_whole(cut, pictures.examine(cut))


def test_a_jpeg_with_a_thumbnail_inside_is_still_truncated_without_its_own_end():
    out = io.BytesIO()
    Pillow.effect_noise((200, 200), 80).convert("RGB").save(out, "JPEG", comment=picture_bytes("JPEG"))
    cut = out.getvalue()[:-2000]
    assert b"\xff\xd9" in cut

    with pytest.raises(pictures.NotAPicture, match="truncated"):
        pictures.check_whole(as_file(cut), pictures.examine(as_file(cut)))


def test_what_a_camera_appends_after_the_end_does_no_harm():
    content = picture_bytes("JPEG") + b"\x00" * 100_000

    pictures.check_whole(as_file(content), pictures.examine(as_file(content)))


def test_a_thumbnail_is_a_small_webp_of_the_same_shape():
    thumb = pictures.thumbnail(as_file(picture_bytes("PNG", (1536, 1024))))

    with Pillow.open(io.BytesIO(thumb)) as picture:
        assert (picture.format, picture.size) == ("WEBP", (640, 427))


def test_a_small_file_that_unfolds_to_a_huge_picture_is_refused_before_it_is_decoded():
    out = io.BytesIO()
    Pillow.new("1", (30_000, 30_000)).save(out, "PNG")
    bomb = as_file(out.getvalue())

    assert pictures.examine(bomb).width == 30_000
    with pytest.raises(pictures.NotAPicture, match="too-many-pixels"):
        pictures.thumbnail(bomb)


def test_a_truncated_picture_has_no_thumbnail():
    out = io.BytesIO()
    Pillow.effect_noise((200, 200), 80).save(out, "PNG")

    with pytest.raises(pictures.NotAPicture, match="unreadable"):
        pictures.thumbnail(as_file(out.getvalue()[:8000]))
