"""The painter: exact sizes, pictures that differ, colours that were asked for."""

import colorsys
import time
from io import BytesIO
from random import Random

import pytest
from PIL import Image

from hubportal.sandbox.pictures.palette import Colour, choose_palette
from hubportal.sandbox.pictures.render import render_image
from hubportal.sandbox.pictures.scenes import SCENES, Scene


def picture(data: bytes) -> Image.Image:
    image = Image.open(BytesIO(data))
    image.load()
    return image


def hue(colour: Colour) -> float:
    """Degrees of HSV: red 0, green 120, blue 240."""
    return colorsys.rgb_to_hsv(*(part / 255 for part in colour))[0] * 360


@pytest.mark.parametrize(
    "size", [(1024, 1024), (64, 64), (1536, 512), (512, 1536), (1001, 777), (2048, 1152), (3840, 2160)], ids=str
)
def test_a_picture_has_exactly_the_pixels_find_faults(size: tuple[int, int]) -> None:
    image = picture(render_image("A quiet harbour", 0, *size))

    assert (image.format, image.mode, image.size) == ("PNG", "RGB", size)


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_every_scene_paints_a_picture_of_many_colours(scene: Scene) -> None:
    word = SCENES[scene][0]

    image = picture(render_image(f"A {word}", 0, 300, 200))

    assert len(image.getcolors(300 * 200) or ()) > 30


def test_the_same_order_gives_the_same_picture() -> None:
    assert render_image("A harbour", 1, 128, 128) == render_image("A harbour", 1, 128, 128)


def test_pictures_differ_by_prompt_index_and_tint() -> None:
    pictures = {
        render_image("A harbour", 0, 128, 128),
        render_image("A harbour", 1, 128, 128),
        render_image("A harbour!", 0, 128, 128),
        render_image("A harbour", 0, 128, 128, (10, 200, 30)),
    }

    assert len(pictures) == 4


@pytest.mark.parametrize(
    ("prompt", "tint", "least", "most"),
    [
        ("A green field", None, 90, 170),
        ("Blue hour", None, 205, 270),
        ("A blue field", (0, 255, 0), 205, 270),
        ("A field", (0, 200, 0), 90, 170),
        ("A field", (10, 20, 220), 205, 290),
    ],
)
def test_a_colour_word_or_else_the_references_decide_the_hue(
    prompt: str, tint: Colour | None, least: float, most: float
) -> None:
    palettes = [choose_palette(Random(seed), prompt, tint) for seed in range(20)]

    assert [hue(p.near) for p in palettes if not least < hue(p.near) < most] == []


def test_prompts_of_any_script_are_painted() -> None:
    for prompt in ("海辺の灯台", "غروب", "🌄🌊", "\n", "a" * 32_000):
        assert picture(render_image(prompt, 0, 64, 64)).size == (64, 64)


def test_painting_is_cheap_enough_to_be_tried_often() -> None:
    render_image("warm up", 0, 64, 64)
    start = time.process_time()

    render_image("Mountain lake", 0, 1024, 1024)

    assert time.process_time() - start < 1.0  # about 0.2 s; the rest is for a busy machine
