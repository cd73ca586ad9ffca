"""The colours of a picture: the few that most of it has, and the names people look for them by."""

from collections import Counter
from functools import cache
from typing import Final

import pyvips

from hubportal.imaging.examination import InvalidImage

MAX_COLOURS: Final = 5
# Of the picture: what has less of it is not what anybody would call its colour.
LEAST_SHARE: Final = 0.08
_SIDE: Final = 48  # pixels of what is looked at

# In the order of the choice; swatches are in static/css/gallery.css.
COLOURS: Final = (
    *("red", "orange", "yellow", "green", "teal", "blue", "purple", "pink"),
    *("brown", "black", "grey", "white"),
)
# Where in degrees each hue ends.
_HUES: Final = (
    *((14, "red"), (42, "orange"), (66, "yellow"), (158, "green"), (194, "teal"), (258, "blue")),
    *((300, "purple"), (342, "pink"), (360, "red")),
)

type Colour = tuple[int, int, int]


def read_palette(thumbnail: bytes) -> str:
    """The colours of a thumbnail (WebP), those of the most of it first: `3a5fcd d08040`, at most MAX_COLOURS.

    Raises InvalidImage for what is no such thing.
    """
    try:
        picture = pyvips.Image.webpload_buffer(thumbnail)
        picture = picture.thumbnail_image(_SIDE, height=_SIDE, size="force")
        if picture.hasalpha():
            picture = picture.flatten(background=[255, 255, 255])
        pixels = bytes(picture.write_to_memory())
    except pyvips.Error:
        raise InvalidImage("unreadable") from None
    return " ".join(f"{red:02x}{green:02x}{blue:02x}" for red, green, blue in _main_colours(pixels))


def colour_names(palette: str) -> frozenset[str]:
    """Which of COLOURS a palette has."""
    return frozenset(_name((int(one[:2], 16), int(one[2:4], 16), int(one[4:], 16))) for one in palette.split())


def _main_colours(pixels: bytes) -> list[Colour]:
    """The mean of what has one name, by share."""
    counted = Counter(zip(pixels[::3], pixels[1::3], pixels[2::3], strict=True))
    groups: dict[str, list[tuple[Colour, int]]] = {}
    for colour, number in counted.items():
        groups.setdefault(_name(colour), []).append((colour, number))
    shares = {name: sum(number for _, number in group) for name, group in groups.items()}
    by_share = sorted(groups, key=lambda name: -shares[name])[:MAX_COLOURS]
    least = LEAST_SHARE * sum(shares.values())
    return [_mean(groups[name]) for at, name in enumerate(by_share) if at == 0 or shares[name] >= least]


def _mean(group: list[tuple[Colour, int]]) -> Colour:
    number = sum(number for _, number in group)
    red, green, blue = (round(sum(colour[at] * number for colour, number in group) / number) for at in range(3))
    return red, green, blue


@cache
def _named(hue: int, saturation: int, value: int) -> str:
    """The name for a hue in degrees, saturation and value in percent."""
    if value < 18:
        return "black"
    if saturation < 14:
        return "white" if value > 88 else "grey"
    name = next(name for end, name in _HUES if hue <= end)
    if name in ("red", "orange") and value < 62 and saturation < 85:
        return "brown"
    if name == "red" and saturation < 52 and value > 70:
        return "pink"
    return name


def _name(colour: Colour) -> str:
    most, least = max(colour), min(colour)
    spread = most - least
    return _named(_hue(colour, most, spread), round(100 * spread / most) if most else 0, round(100 * most / 255))


def _hue(colour: Colour, most: int, spread: int) -> int:
    """Degrees, 0 to 359; 0 for what has none."""
    if not spread:
        return 0
    red, green, blue = colour
    if most == red:
        return round(60 * (green - blue) / spread) % 360
    if most == green:
        return round(60 * (blue - red) / spread + 120)
    return round(60 * (red - green) / spread + 240) % 360
