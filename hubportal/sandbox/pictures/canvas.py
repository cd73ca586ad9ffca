"""The shapes the scenes consist of: outlines, and a canvas to draw them on.

Positions are in units of the canvas (0 to 1 across and down), radii, blurs and lines in its shorter side.
"""

import math
from collections.abc import Sequence
from random import Random

from PIL import Image, ImageDraw, ImageFilter

from hubportal.sandbox.pictures.palette import Colour, Palette

type Point = tuple[float, float]

_SOFTEN = 2  # masks are drawn this many times larger and reduced, because Pillow's polygons have hard edges


def curve(rng: Random, base: float, swing: float) -> list[Point]:
    """A smooth line from left to right around the height `base`."""
    waves = [(rng.uniform(0.6, 1.2) * 2**i, rng.uniform(0, math.tau), 0.6**i) for i in range(3)]
    return [
        (x / 96, base + swing * sum(w * math.sin(math.tau * f * x / 96 + p) for f, p, w in waves) / 1.6)
        for x in range(97)
    ]


def ridge(rng: Random, base: float, swing: float, rough: float = 0.0) -> list[Point]:
    """A land's outline: a smooth line, roughened by `rough` (0 to 1), closed along the lower edge."""
    line = curve(rng, base, swing)
    steps = [(rng.uniform(5, 9) * 1.9**i, rng.uniform(0, math.tau), 0.5**i) for i in range(4)]
    rocky = [
        (x, y - rough * swing * 0.5 * sum(w * abs(math.sin(f * x * math.pi + p)) for f, p, w in steps)) for x, y in line
    ]
    return [*rocky, (1, 1.01), (0, 1.01)]


def summits(rng: Random, height: float) -> list[Point]:
    """Three or four mountain tops around `height`, spread from left to right."""
    count = rng.randint(3, 4)
    return [((i + rng.uniform(0.2, 0.8)) / count, height + rng.uniform(-0.06, 0.08)) for i in range(count)]


def sheet_with_hole(rng: Random, centre: Point, radius: float) -> list[Point]:
    """All but a wavy opening; the seam between the opening's rim and the sheet's edge runs to the right."""
    phase, lobes = rng.uniform(0, math.tau), rng.choice((3, 4, 5))
    rim = []
    for step in range(121):
        angle = math.tau * step / 120
        reach = 1 + 0.11 * math.sin(lobes * angle + phase) + 0.05 * math.sin((lobes + 3) * angle - phase)
        rim.append((centre[0] + radius * reach * math.cos(angle), centre[1] + radius * reach * math.sin(angle)))
    return [*rim, (1.5, centre[1]), (1.5, -0.5), (-0.5, -0.5), (-0.5, 1.5), (1.5, 1.5), (1.5, centre[1])]


def stripe(centre: Point, half: Point, at: float, thick: float) -> list[Point]:
    """A level stripe across an ellipse; `at` and `thick` run from -1 at the top to 1 at the bottom."""
    rows = [at + thick * step / 6 for step in range(7)]
    rim = [(math.sqrt(max(0.0, 1 - row * row)), row) for row in rows]
    right = [(centre[0] + x * half[0], centre[1] + y * half[1]) for x, y in rim]
    left = [(centre[0] - x * half[0], centre[1] + y * half[1]) for x, y in reversed(rim)]
    return right + left


def quarter(corners: list[Point], turn: int, reach: float = 1.0) -> list[Point]:
    """A quarter circle of `reach` tile sides around the tile's corner number `turn`."""
    (x, y), (ax, ay), (bx, by) = corners[turn], corners[(turn + 1) % 4], corners[(turn + 3) % 4]
    arc = []
    for step in range(33):
        along, down = reach * math.cos(math.pi / 64 * step), reach * math.sin(math.pi / 64 * step)
        arc.append((x + along * (ax - x) + down * (bx - x), y + along * (ay - y) + down * (by - y)))
    return [(x, y), *arc]


def leaf(corners: list[Point], turn: int) -> list[Point]:
    """What two opposite quarter circles of a tile have in common."""
    return quarter(corners, turn)[1:] + quarter(corners, (turn + 2) % 4)[1:]


def wedge(corners: list[Point], turn: int) -> list[Point]:
    """A slanted half of a tile."""
    (x, y), (bx, by) = corners[turn], corners[(turn + 3) % 4]
    return [corners[turn], corners[(turn + 1) % 4], corners[(turn + 2) % 4], ((x + bx) / 2, (y + by) / 2)]


class Canvas:
    """A picture being drawn, at the size it is drawn at."""

    def __init__(self, width: int, height: int, rng: Random, palette: Palette) -> None:
        self.width, self.height = width, height
        self.unit = min(width, height)
        self.rng = rng
        self.palette = palette
        self.image = Image.new("RGB", (width, height), palette.sky_low)

    def gradient(self, top: Colour, low: Colour) -> Image.Image:
        """A picture of the canvas' size that runs from `top` to `low`."""
        ramp = Image.linear_gradient("L").resize((1, self.height)).resize((self.width, self.height))
        return Image.composite(self._plain(low), self._plain(top), ramp)

    def wash(self, top: Colour, low: Colour) -> None:
        """Cover everything with a vertical gradient."""
        self.image = self.gradient(top, low)

    def glow(self, centre: Point, radius: float, colour: Colour, strength: float = 1.0) -> None:
        """Soft round light; `strength` 0 to 1 at its middle."""
        side = self._side(radius)
        light = Image.radial_gradient("L").point([round(max(0, 1 - i / 181) ** 2 * 255 * strength) for i in range(256)])
        self.image.paste(colour, self._corner(centre, side), light.resize((side, side), Image.Resampling.BILINEAR))

    def disc(self, centre: Point, radius: float, colour: Colour, opacity: float = 1.0) -> None:
        """A round spot with a clean edge."""
        side = self._side(radius)
        self.image.paste(colour, self._corner(centre, side), _round_mask(side, opacity))

    def ball(self, centre: Point, radius: float, lit: Colour, dark: Colour) -> None:
        """A sphere lit from the upper left."""
        side = self._side(radius)
        away = Image.radial_gradient("L").point([min(255, round(i * 1.35)) for i in range(256)])
        shade = away.resize((side, side), Image.Resampling.BILINEAR, box=(85, 85, 213, 213))
        ball = Image.composite(Image.new("RGB", (side, side), dark), Image.new("RGB", (side, side), lit), shade)
        self.image.paste(ball, self._corner(centre, side), _round_mask(side, 1.0))

    def ring(self, centre: Point, radius: float, thickness: float, colour: Colour, opacity: float = 1.0) -> None:
        """A circle's rim."""
        side = self._side(radius)
        rim = max(1, round(thickness * self.unit * _SOFTEN))
        self.image.paste(colour, self._corner(centre, side), _round_mask(side, opacity, rim))

    def shape(self, points: Sequence[Point], top: Colour, low: Colour | None = None, shadow: float = 0.0) -> None:
        """A filled outline, plain or from `top` to `low`, with a shade of strength `shadow` (0 to 1)."""
        mask = self._mask(points)
        if shadow:
            soft = _blurred(mask, 0.022 * self.unit).point([round(i * shadow) for i in range(256)])
            self.image.paste((0, 0, 0), (0, 0), soft)
        fill = self.gradient(top, low) if low else self._plain(top)
        self.image.paste(fill, (0, 0), mask)

    def veil(self, points: Sequence[Point], colour: Colour, opacity: float, blur: float = 0.0) -> None:
        """A translucent outline, blurred by `blur`."""
        mask = self._mask(points).point([round(i * opacity) for i in range(256)])
        if blur:
            mask = _blurred(mask, blur * self.unit)
        self.image.paste(colour, (0, 0), mask)

    def blur(self, radius: float) -> None:
        """Blur everything drawn so far."""
        self.image = _blurred(self.image, radius * self.unit)

    def _mask(self, points: Sequence[Point]) -> Image.Image:
        wide, high = self.width * _SOFTEN, self.height * _SOFTEN
        mask = Image.new("L", (wide, high), 0)
        ImageDraw.Draw(mask).polygon([(x * wide, y * high) for x, y in points], fill=255)
        return mask.reduce(_SOFTEN)

    def _plain(self, colour: Colour) -> Image.Image:
        return Image.new("RGB", (self.width, self.height), colour)

    def _side(self, radius: float) -> int:
        return max(2, round(2 * radius * self.unit))

    def _corner(self, centre: Point, side: int) -> tuple[int, int]:
        return round(centre[0] * self.width - side / 2), round(centre[1] * self.height - side / 2)


def _round_mask(side: int, opacity: float, rim: int = 0) -> Image.Image:
    """A disc, or only its rim of so many (enlarged) pixels."""
    mask = Image.new("L", (side * _SOFTEN, side * _SOFTEN), 0)
    box, ink = (0, 0, side * _SOFTEN - 1, side * _SOFTEN - 1), round(255 * opacity)
    ImageDraw.Draw(mask).ellipse(box, fill=0 if rim else ink, outline=ink, width=rim or 1)
    return mask.reduce(_SOFTEN)


def _blurred(image: Image.Image, radius: float) -> Image.Image:
    """A wide blur at a quarter of the size: it looks the same and costs a sixteenth."""
    small = image.reduce(4) if min(image.size) >= 16 else image
    return (
        small.filter(ImageFilter.BoxBlur(radius / 4))
        .filter(ImageFilter.BoxBlur(radius / 4))
        .resize(image.size, Image.Resampling.BICUBIC)
    )
