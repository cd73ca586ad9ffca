"""Colours that go together: a family around one hue, given by a word, by a reference image or by chance.

Colours are mixed in OKLCH (Björn Ottosson, "A perceptual color space for image processing"), where equal
steps look equal, so that any hue gives a picture as balanced as any other.
"""

import colorsys
import math
import re
from dataclasses import dataclass
from random import Random

type Colour = tuple[int, int, int]

COLOUR_WORDS: dict[str, float] = {
    "red": 27, "crimson": 20, "scarlet": 30, "ruby": 18, "coral": 38, "orange": 58, "amber": 75,
    "gold": 88, "golden": 88, "yellow": 102, "lime": 125, "green": 145, "emerald": 160, "forest": 150,
    "mint": 165, "teal": 190, "turquoise": 195, "cyan": 205, "sky": 235, "blue": 258, "navy": 265,
    "indigo": 278, "violet": 300, "purple": 308, "lavender": 300, "magenta": 335, "pink": 355, "rose": 5,
}  # fmt: skip
"""Hue in degrees of OKLCH for each word that may tint a picture."""

NIGHT_WORDS = {"night", "moon", "star", "stars", "aurora", "midnight", "dark", "galaxy", "space"}


@dataclass(frozen=True, slots=True)
class Palette:
    """One picture's colours; `far` to `near` is the way from the horizon to the viewer."""

    sky_top: Colour
    sky_low: Colour
    light: Colour
    far: Colour
    near: Colour
    accent: Colour
    night: bool


def choose_palette(rng: Random, prompt: str, tint: Colour | None) -> Palette:
    """A palette for the prompt: a colour word decides the hue, else `tint`, else chance."""
    words = re.findall(r"\w+", prompt.lower())
    mood = _night if NIGHT_WORDS.intersection(words) else rng.choice((_day, _day, _dusk, _night))
    hue = next((COLOUR_WORDS[word] for word in words if word in COLOUR_WORDS), None)
    if hue is None and tint is not None:
        hue = _hue_of_colour(tint)
    if hue is None:  # an evening of unasked-for yellow or green looks like mud
        hue = rng.uniform(0, 360) if mood is _day else rng.uniform(170, 390)
    return mood(rng, hue)


def mix(one: Colour, other: Colour, share: float) -> Colour:
    """`share` (0 to 1) of the way from one colour to the other."""
    red, green, blue = (round(a + (b - a) * share) for a, b in zip(one, other, strict=True))
    return red, green, blue


def oklch(lightness: float, chroma: float, hue: float) -> Colour:
    """sRGB (0 to 255) of a colour in OKLCH: lightness 0 to 1, chroma about 0 to 0.3, hue in degrees."""
    a = chroma * math.cos(math.radians(hue))
    b = chroma * math.sin(math.radians(hue))
    long = (lightness + 0.3963377774 * a + 0.2158037573 * b) ** 3
    medium = (lightness - 0.1055613458 * a - 0.0638541728 * b) ** 3
    short = (lightness - 0.0894841775 * a - 1.2914855480 * b) ** 3
    return (
        _encode(4.0767416621 * long - 3.3077115913 * medium + 0.2309699292 * short),
        _encode(-1.2684380046 * long + 2.6097574011 * medium - 0.3413193965 * short),
        _encode(-0.0041960863 * long - 0.7034186147 * medium + 1.7076147010 * short),
    )


def _encode(linear: float) -> int:
    linear = min(1.0, max(0.0, linear))
    return round(255 * (12.92 * linear if linear <= 0.0031308 else 1.055 * linear ** (1 / 2.4) - 0.055))


def _hue_of_colour(colour: Colour) -> float | None:
    """None for a grey, which has none."""
    hue, saturation, _ = colorsys.rgb_to_hsv(*(part / 255 for part in colour))
    return None if saturation < 0.08 else hue * 360 + 25  # sRGB's hue circle runs about 25 degrees behind OKLCH's


def _day(rng: Random, hue: float) -> Palette:
    other = hue + rng.choice((-1, 1)) * rng.uniform(35, 70)
    return Palette(
        sky_top=oklch(0.78, 0.085, other),
        sky_low=oklch(0.95, 0.045, other + 30),
        light=oklch(0.97, 0.06, 95),
        far=oklch(0.80, 0.075, hue),
        near=oklch(0.36, 0.085, hue + 12),
        accent=oklch(0.72, 0.16, hue + 180),
        night=False,
    )


def _dusk(rng: Random, hue: float) -> Palette:
    warm = rng.uniform(30, 70)
    return Palette(
        sky_top=oklch(0.52, 0.12, hue),
        sky_low=oklch(0.86, 0.12, warm),
        light=oklch(0.93, 0.12, warm + 20),
        far=oklch(0.66, 0.12, (hue * 2 + warm) / 3),
        near=oklch(0.24, 0.07, hue),
        accent=oklch(0.74, 0.17, warm - 10),
        night=False,
    )


def _night(rng: Random, hue: float) -> Palette:
    return Palette(
        sky_top=oklch(0.20, 0.07, hue),
        sky_low=oklch(0.48, 0.12, hue + rng.uniform(-45, 45)),
        light=oklch(0.95, 0.045, hue + 120),
        far=oklch(0.42, 0.10, hue + 15),
        near=oklch(0.16, 0.04, hue),
        accent=oklch(0.78, 0.15, hue + rng.choice((70, 150, 210))),
        night=True,
    )
