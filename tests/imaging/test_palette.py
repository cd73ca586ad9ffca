"""The colours of a picture, and their names."""

import io

import pytest
from PIL import Image as Pillow

from hubportal.imaging import COLOURS, InvalidImage, colour_names, make_small_thumbnail, make_thumbnail, read_palette
from tests.makers import picture_bytes

NAMED = {
    "red": "#c81e1e",
    "orange": "#f08c1e",
    "yellow": "#f5dc32",
    "green": "#2e8b3c",
    "teal": "#1fa09a",
    "blue": "#2850c8",
    "purple": "#7832b4",
    "pink": "#f0a0b4",
    "brown": "#785032",
    "black": "#101214",
    "grey": "#8c8c90",
    "white": "#fafafa",
}


def thumbnail(*stripes: tuple[str, int]) -> bytes:
    """A thumbnail of stripes: a colour, and how many of a hundred lines have it."""
    picture, line = Pillow.new("RGB", (100, 100)), 0
    for colour, lines in stripes:
        picture.paste(colour, (0, line, 100, line + lines))
        line += lines
    file = io.BytesIO()
    picture.save(file, "PNG")
    file.seek(0)
    return make_small_thumbnail(make_thumbnail(file))


@pytest.mark.parametrize("name", COLOURS)
def test_each_colour_has_the_name_people_give_it(name: str) -> None:
    palette = read_palette(thumbnail((NAMED[name], 100)))

    assert colour_names(palette) == {name}


def test_the_colours_stand_in_the_order_of_their_share() -> None:
    palette = read_palette(thumbnail((NAMED["green"], 20), (NAMED["blue"], 65), (NAMED["white"], 15)))

    assert [colour_names(colour) for colour in palette.split()] == [{"blue"}, {"green"}, {"white"}]


def test_what_little_of_it_has_is_not_its_colour() -> None:
    palette = read_palette(thumbnail((NAMED["blue"], 97), (NAMED["red"], 3)))

    assert colour_names(palette) == {"blue"}


def test_of_many_colours_the_five_of_the_most_of_it_are_kept() -> None:
    palette = read_palette(thumbnail(*((colour, 8) for colour in NAMED.values())))

    assert 1 <= len(palette.split()) <= 5
    assert len(palette) <= 40


def test_what_can_be_seen_through_lies_on_white() -> None:
    picture = Pillow.new("RGBA", (64, 64), (0, 0, 0, 0))
    file = io.BytesIO()
    picture.save(file, "PNG")
    file.seek(0)

    assert colour_names(read_palette(make_small_thumbnail(make_thumbnail(file)))) == {"white"}


def test_a_grey_picture_of_one_channel_has_colours_too() -> None:
    file = io.BytesIO()
    Pillow.new("L", (64, 64), 128).save(file, "PNG")
    file.seek(0)

    assert colour_names(read_palette(make_small_thumbnail(make_thumbnail(file)))) == {"grey"}


@pytest.mark.parametrize("content", [b"", b"RIFF", picture_bytes("PNG", (8, 8))])
def test_what_is_no_thumbnail_is_refused(content: bytes) -> None:
    with pytest.raises(InvalidImage):
        read_palette(content)
