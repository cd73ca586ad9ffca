"""The examination beside a browser: whatever Chromium shows is a picture here too, with the sides it is shown with."""

import base64
import io
from collections.abc import Iterator
from typing import NamedTuple

import pytest
from PIL import Image as Pillow
from playwright.sync_api import Browser, Page

from hubportal import imaging
from tests.imaging.collection import collection

pytestmark = pytest.mark.browser

# What Chromium fires `load` for without showing a pixel; for us no picture, since nobody could see it.
NOTHING_TO_SEE = {"png palette missing", "png palette behind the data"}
# Kinds that every browser shows and the hub doesn't take (hub-api.md, Submitting).
OTHER_FORMATS = {"gif", "bmp", "avif"}
# The examination takes these and Chromium doesn't: none at present. Each would stand here with its reason.
MORE_THAN_CHROMIUM: dict[str, str] = {}
# Chromium gives these in CSS pixels, by the resolution that Exif tells
# (findings/chromium-natural-width-is-not-pixels.sh). We tell how many pixels a file has: that is downloaded and sent.
IN_CSS_PIXELS = {
    "jpeg of 144 dots an inch and sides that fit": 0.5,
    "jpeg of 36 dots an inch and sides that fit": 2,
}
# Shown, and refused as references all the same, with a sentence of their own.
NOT_AS_REFERENCE = {
    "animated": {"png animated", "webp animated"},
    # Chromium shows what there is of it and leaves the rest clear. Whoever pays for a picture after it should know.
    "truncated": {
        "png half",
        "jpeg without its end",
        "jpeg half an end",
        "jpeg half",
        "jpeg progressive without its last scans",
        "webp half",
        "webp lossless half",
        "webp header alone",
        "webp size too large",
    },
}
# Shown whole, but without a thumbnail: libpng refuses this palette, Chromium's decoder rounds it down. And one of which
# Chromium shows nothing.
WITHOUT_THUMBNAIL = {"png palette of no whole colours", "jpeg without quantization tables"}

DECODE = """async (content) => {
  const bytes = Uint8Array.from(atob(content), (letter) => letter.charCodeAt(0));
  const image = new Image();
  image.src = URL.createObjectURL(new Blob([bytes]));
  try { await image.decode(); } catch { return null; }
  const canvas = new OffscreenCanvas(image.naturalWidth, image.naturalHeight);
  const context = canvas.getContext("2d");
  context.drawImage(image, 0, 0);
  const seen = context.getImageData(0, 0, canvas.width, canvas.height).data.some((value, at) => at % 4 === 3 && value);
  return [image.naturalWidth, image.naturalHeight, seen];
}"""


class Shown(NamedTuple):
    width: int
    height: int
    # Whether any pixel of it is not clear.
    seen: bool


@pytest.fixture(scope="module")
def page(browser: Browser) -> Iterator[Page]:
    context = browser.new_context()
    yield context.new_page()
    context.close()


@pytest.fixture(scope="module")
def shown(page: Page) -> dict[str, Shown]:
    """What Chromium shows, by kind."""
    decoded = {
        name: page.evaluate(DECODE, base64.b64encode(content).decode()) for name, content in collection().items()
    }
    return {name: Shown(*sides) for name, sides in decoded.items() if sides}


def examined() -> dict[str, imaging.ImageInfo]:
    """What is a picture here, by kind."""
    found = {}
    for name, content in collection().items():
        try:
            found[name] = imaging.read_image_info(io.BytesIO(content))
        except imaging.InvalidImage:
            continue
    return found


def test_the_collection_is_large():
    assert len(collection()) > 150


def test_what_chromium_shows_is_a_picture_here(shown: dict[str, Shown]):
    assert set(shown) - set(examined()) == NOTHING_TO_SEE | OTHER_FORMATS
    assert not any(shown[name].seen for name in NOTHING_TO_SEE)


def test_what_chromium_does_not_show_is_no_picture_here(shown: dict[str, Shown]):
    assert set(examined()) - set(shown) == set(MORE_THAN_CHROMIUM)


def test_the_sides_are_those_that_chromium_shows(shown: dict[str, Shown]):
    scales = {name: IN_CSS_PIXELS.get(name, 1) for name in examined()}
    ours = {name: (info.width * scales[name], info.height * scales[name]) for name, info in examined().items()}

    assert ours == {name: (shown[name].width, shown[name].height) for name in ours}


def test_what_chromium_shows_whole_is_taken_as_a_reference(shown: dict[str, Shown]):
    refused: dict[str, set[str]] = {"animated": set(), "truncated": set()}
    for name, info in examined().items():
        if info.animated:
            refused["animated"].add(name)
        try:
            imaging.check_complete(io.BytesIO(collection()[name]), info)
        except imaging.InvalidImage as refusal:
            refused[refusal.reason].add(name)

    assert refused == NOT_AS_REFERENCE


def test_what_is_whole_has_a_thumbnail_that_lies_as_chromium_shows_the_original(shown: dict[str, Shown]):
    without = set()
    for name in examined().keys() - NOT_AS_REFERENCE["truncated"]:
        try:
            thumb = imaging.make_thumbnail(io.BytesIO(collection()[name]))
        except imaging.InvalidImage:
            without.add(name)
            continue
        with Pillow.open(io.BytesIO(thumb)) as picture:
            lies = picture.width > picture.height, picture.width < picture.height
        assert lies == (shown[name].width > shown[name].height, shown[name].width < shown[name].height), name

    assert without == WITHOUT_THUMBNAIL
