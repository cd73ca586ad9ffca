"""From a prompt to a PNG."""

import hashlib
from io import BytesIO
from random import Random

from PIL import Image, ImageDraw, ImageFont

from hubportal.sandbox.pictures.canvas import Canvas
from hubportal.sandbox.pictures.palette import Colour, choose_palette
from hubportal.sandbox.pictures.scenes import choose_scene

MAX_DRAWN_SIDE = 1280  # pixels; larger pictures are drawn at this size and enlarged


def render_image(prompt: str, index: int, width: int, height: int, tint: Colour | None = None) -> bytes:
    """A PNG of exactly `width` by `height` pixels; the same arguments give the same picture.

    `index` tells the pictures of one generation apart; `tint` is the average colour of the reference images.
    """
    seed = hashlib.sha256(f"{prompt}\n{index}".encode("utf-8", "surrogatepass")).digest()
    rng = Random(seed)  # noqa: S311 - pictures, not secrets
    palette = choose_palette(rng, prompt, tint)
    scale = min(1.0, MAX_DRAWN_SIDE / max(width, height))
    canvas = Canvas(max(8, round(width * scale)), max(8, round(height * scale)), rng, palette)
    choose_scene(rng, prompt)(canvas)
    image = canvas.image
    if image.size != (width, height):
        image = image.resize((width, height), Image.Resampling.BICUBIC)
    _add_watermark(image)
    out = BytesIO()
    image.save(out, "PNG", compress_level=1)
    return out.getvalue()


def _add_watermark(image: Image.Image) -> None:
    """Write a small "sandbox" into the corner, so that nobody takes the picture for a paid one."""
    side = min(image.size)
    mask = Image.new("L", (max(48, side // 6), max(16, side // 16)))
    font = ImageFont.load_default(max(9, side * 0.018))
    ImageDraw.Draw(mask).text((mask.width - side * 0.02, mask.height - side * 0.016), "sandbox", 130, font, "rd")
    corner = (image.width - mask.width, image.height - mask.height)
    behind = image.crop((*corner, *image.size)).convert("L").resize((1, 1), Image.Resampling.BOX)
    image.paste("black" if behind.tobytes()[0] > 150 else "white", corner, mask)
