"""The kinds of picture: each scene covers a canvas in the colours of its palette."""

import math
import re
from collections.abc import Callable
from random import Random

from hubportal.sandbox.pictures.canvas import (
    Canvas,
    Point,
    curve,
    leaf,
    quarter,
    ridge,
    sheet_with_hole,
    stripe,
    summits,
    wedge,
)
from hubportal.sandbox.pictures.palette import Colour, mix

type Scene = Callable[[Canvas], None]


def choose_scene(rng: Random, prompt: str) -> Scene:
    """The scene a word of the prompt calls for, else one by chance."""
    words = re.findall(r"\w+", prompt.lower())
    called = next((scene for word in words for scene, calls in SCENES.items() if word in calls), None)
    return called or rng.choice(list(SCENES))


def hills(canvas: Canvas) -> None:
    """Ridge behind ridge under a low sun, with mist between them."""
    _sky(canvas)
    palette, rng = canvas.palette, canvas.rng
    layers = rng.randint(4, 6)
    for layer in range(layers):
        share = layer / (layers - 1)
        base = 0.48 + 0.42 * share
        colour = mix(palette.far, palette.near, share**0.9)
        land = ridge(rng, base, 0.10 - 0.03 * share, rough=0.5 - 0.3 * share)
        canvas.shape(land, colour, mix(colour, palette.sky_low, 0.35 * (1 - share)))


def peaks(canvas: Canvas) -> None:
    """Sharp mountains with lit slopes, then soft hills in front."""
    _sky(canvas)
    palette, rng = canvas.palette, canvas.rng
    stretch = max(1.0, 0.8 * canvas.height / canvas.width)
    for layer in range(3):
        share = layer / 3
        colour = mix(palette.far, palette.near, share)
        for summit in summits(rng, 0.3 + 0.13 * layer):
            _mountain(canvas, summit, (0.42 + 0.16 * layer) * stretch, share)
        haze = ridge(rng, 0.74 + 0.07 * layer, 0.02)
        canvas.veil(haze, mix(colour, palette.sky_low, 0.6), 0.65, blur=0.05)
    canvas.shape(ridge(rng, 0.88, 0.05, rough=0.1), mix(palette.far, palette.near, 0.85), palette.near)


def sea(canvas: Canvas) -> None:
    """A sun over still water, its light broken into strips."""
    palette, rng = canvas.palette, canvas.rng
    horizon = rng.uniform(0.5, 0.62)
    sun = (rng.uniform(0.3, 0.7), horizon - rng.uniform(0.05, 0.2))
    radius = rng.uniform(0.1, 0.16)
    canvas.wash(palette.sky_top, palette.sky_low)
    canvas.glow(sun, 0.75, palette.light, 0.75)
    canvas.disc(sun, radius, palette.light)
    _clouds(canvas, horizon)
    island = [(x, min(y, horizon)) for x, y in ridge(rng, horizon - 0.01, 0.05, rough=0.3)]
    canvas.shape(island, mix(palette.far, palette.sky_low, 0.25))
    water = mix(palette.sky_low, palette.far, 0.55)
    canvas.shape([(0, horizon), (1, horizon), (1, 1), (0, 1)], water, mix(palette.far, palette.near, 0.8))
    _reflection(canvas, sun[0], horizon, radius)
    canvas.shape(ridge(rng, 0.93, 0.04, rough=0.1), mix(palette.far, palette.near, 0.9), palette.near)


def paper(canvas: Canvas) -> None:
    """Cut paper in layers, each shading the one below."""
    palette, rng = canvas.palette, canvas.rng
    canvas.wash(palette.light, palette.sky_low)
    canvas.disc((rng.uniform(0.25, 0.75), rng.uniform(0.2, 0.35)), rng.uniform(0.1, 0.17), palette.accent)
    layers = rng.randint(5, 7)
    tilt = rng.uniform(-0.18, 0.18)
    for layer in range(layers):
        share = layer / (layers - 1)
        colour = mix(mix(palette.sky_low, palette.far, 0.5), palette.near, share)
        if layer == layers // 2:
            colour = mix(colour, palette.accent, 0.55)
        wave = ridge(rng, 0.36 + 0.56 * share, 0.07)
        canvas.shape([(x, y + tilt * (x - 0.5) * (1 - share) if y < 1 else y) for x, y in wave], colour, shadow=0.34)


def canyon(canvas: Canvas) -> None:
    """Rings of cut paper around a bright opening."""
    palette, rng = canvas.palette, canvas.rng
    centre = (rng.uniform(0.4, 0.6), rng.uniform(0.4, 0.6))
    canvas.wash(mix(palette.light, palette.sky_low, 0.3), palette.light)
    canvas.glow(centre, 0.5, palette.light, 0.9)
    canvas.disc((centre[0] + rng.uniform(-0.04, 0.04), centre[1] - 0.02), 0.075, palette.accent)
    for layer in range(2):
        colour = mix(palette.sky_low, palette.far, 0.5 + 0.3 * layer)
        canvas.shape(ridge(rng, centre[1] + 0.04 + 0.06 * layer, 0.05, rough=0.3), colour)
    layers = 7
    for layer in range(layers):
        share = layer / (layers - 1)
        colour = mix(mix(palette.sky_low, palette.far, 0.6), palette.near, share)
        canvas.shape(sheet_with_hole(rng, centre, 0.21 + 0.085 * layer), colour, shadow=0.4)


def bokeh(canvas: Canvas) -> None:
    """Lights out of focus in the evening."""
    palette, rng = canvas.palette, canvas.rng
    canvas.wash(mix(palette.sky_top, palette.near, 0.6), mix(palette.sky_low, palette.near, 0.55))
    for colour in (palette.accent, palette.sky_low, palette.far):
        canvas.glow((rng.random(), rng.uniform(0.2, 0.9)), rng.uniform(0.5, 0.9), colour, 0.6)
    colours = (palette.accent, palette.light, palette.sky_low, mix(palette.accent, palette.light, 0.5))
    for depth in range(3):
        for _ in range(9 + 5 * depth):
            _spot(canvas, colours, 0.10 - 0.028 * depth)
        canvas.blur(0.012 - 0.0045 * depth)
    for _ in range(5):
        canvas.glow((rng.random(), rng.random()), rng.uniform(0.02, 0.05), palette.light, 0.9)


def tiles(canvas: Canvas) -> None:
    """Quarter circles and discs on a grid, as on a mid-century poster."""
    palette, rng = canvas.palette, canvas.rng
    columns = max(2, round(canvas.width / canvas.unit * 4))
    rows = max(2, round(canvas.height / canvas.unit * 4))
    cream = mix(palette.light, (250, 246, 236), 0.6)
    inks = (
        palette.near,
        palette.far,
        palette.accent,
        palette.sky_top,
        cream,
        mix(palette.far, palette.near, 0.5),
    )
    canvas.wash(cream, cream)
    for row in range(rows):
        for column in range(columns):
            box = (column / columns, row / rows, (column + 1) / columns, (row + 1) / rows)
            _tile(canvas, box, [*rng.sample(inks, 2), rng.choice(inks)])


def planet(canvas: Canvas) -> None:
    """A great planet with moons among stars, over a dark ridge."""
    palette, rng = canvas.palette, canvas.rng
    canvas.wash(mix(palette.sky_top, palette.near, 0.55), mix(palette.sky_low, palette.near, 0.25))
    _stars(canvas, 90)
    centre = (rng.uniform(0.35, 0.65), rng.uniform(0.36, 0.46))
    radius = rng.uniform(0.22, 0.3)
    canvas.glow(centre, radius * 2.1, palette.sky_low, 0.7)
    surface = mix(palette.far, palette.accent, 0.45)
    canvas.ball(centre, radius, mix(surface, palette.light, 0.35), mix(surface, palette.near, 0.8))
    half = (radius * canvas.unit / canvas.width, radius * canvas.unit / canvas.height)
    for _ in range(5):
        colour = rng.choice((palette.light, palette.accent, palette.near))
        band = stripe(centre, half, rng.uniform(-0.8, 0.7), rng.uniform(0.05, 0.16))
        canvas.veil(band, colour, rng.uniform(0.08, 0.2))
    for _ in range(2):
        moon = (rng.choice((rng.uniform(0.08, 0.25), rng.uniform(0.75, 0.92))), rng.uniform(0.12, 0.6))
        canvas.disc(moon, rng.uniform(0.02, 0.05), mix(palette.light, palette.far, 0.3))
    for layer in range(3):
        colour = mix(palette.far, palette.near, 0.55 + 0.22 * layer)
        canvas.shape(ridge(rng, 0.74 + 0.08 * layer, 0.06, rough=0.4), colour, mix(colour, palette.near, 0.5))


def aurora(canvas: Canvas) -> None:
    """Ribbons of light above a dark land."""
    palette, rng = canvas.palette, canvas.rng
    canvas.wash(mix(palette.sky_top, palette.near, 0.6), mix(palette.sky_low, palette.near, 0.3))
    _stars(canvas, 70)
    for ribbon in range(3):
        colour = mix(palette.accent, palette.light, 0.25 * ribbon)
        line = curve(rng, 0.34 + 0.1 * ribbon, 0.08)
        for height, opacity, blur in ((0.34, 0.28, 0.07), (0.17, 0.4, 0.035), (0.05, 0.45, 0.014)):
            upper = [(x, y - height * (0.7 + 0.3 * math.sin(9 * x + ribbon))) for x, y in line]
            canvas.veil(line + upper[::-1], colour, opacity, blur)
    for layer in range(3):
        colour = mix(palette.far, palette.near, 0.6 + 0.2 * layer)
        canvas.shape(ridge(rng, 0.72 + 0.09 * layer, 0.07, rough=0.6 - 0.2 * layer), colour, palette.near)


SCENES: dict[Scene, tuple[str, ...]] = {
    hills: ("hill", "hills", "valley", "field", "meadow", "landscape", "countryside", "forest", "garden"),
    peaks: ("mountain", "mountains", "peak", "alps", "snow", "summit", "lighthouse"),
    sea: ("sea", "ocean", "lake", "beach", "harbour", "harbor", "island", "boat", "water", "river"),
    paper: ("paper", "wave", "waves", "dunes", "desert", "layers", "collage"),
    canyon: ("canyon", "cave", "tunnel", "portal", "flower", "rose"),
    bokeh: ("city", "street", "rain", "lights", "party", "tram", "window", "bokeh", "cafe"),
    tiles: ("pattern", "poster", "geometric", "abstract", "tiles", "logo", "bauhaus", "icon"),
    planet: ("planet", "space", "galaxy", "moon", "orbit", "cosmos", "star", "stars", "robot"),
    aurora: ("aurora", "night", "northern", "winter", "magic"),
}
"""Each scene with the words that call for it."""


def _sky(canvas: Canvas) -> None:
    palette, rng = canvas.palette, canvas.rng
    canvas.wash(palette.sky_top, palette.sky_low)
    if palette.night:
        _stars(canvas, 60)
    sun = (rng.uniform(0.2, 0.8), rng.uniform(0.2, 0.42))
    canvas.glow(sun, rng.uniform(0.6, 0.8), palette.light, 0.45 if palette.night else 0.8)
    canvas.disc(sun, rng.uniform(0.06, 0.13), palette.light)


def _stars(canvas: Canvas, count: int) -> None:
    for _ in range(count):
        place = (canvas.rng.random(), canvas.rng.uniform(0, 0.7))
        size = canvas.rng.uniform(0.0008, 0.0024)
        canvas.disc(place, size, canvas.palette.light, canvas.rng.uniform(0.35, 0.95))


def _mountain(canvas: Canvas, summit: Point, width: float, share: float) -> None:
    palette, rng = canvas.palette, canvas.rng
    x, y = summit
    dark = mix(palette.far, palette.near, share + 0.12)
    lit = mix(mix(palette.far, palette.light, 0.45), palette.near, share * 0.85)
    left, right = (x - width * 0.62, 1.0), (x + width * 0.62, 1.0)
    fold = [(x + 0.03 * width, y + 0.1), (x - 0.05 * width, y + 0.22), (x + 0.06 * width, y + 0.4)]
    fold = [(fx + rng.uniform(-0.015, 0.015), fy) for fx, fy in fold]
    canvas.shape([summit, right, left], dark, mix(dark, palette.sky_low, 0.3))
    canvas.shape([summit, *fold, (x, 1.0), left], lit, mix(lit, palette.sky_low, 0.45))


def _clouds(canvas: Canvas, below: float) -> None:
    rng = canvas.rng
    for _ in range(rng.randint(2, 4)):
        x, y, length = rng.random(), rng.uniform(0.08, below - 0.14), rng.uniform(0.15, 0.4)
        strip = [
            (x - length, y),
            (x, y - 0.012),
            (x + length, y),
            (x + length * 0.6, y + 0.012),
            (x - length * 0.5, y + 0.014),
        ]
        canvas.veil(strip, canvas.palette.light, 0.55, blur=0.012)


def _reflection(canvas: Canvas, x: float, horizon: float, radius: float) -> None:
    rng, y = canvas.rng, horizon + 0.012
    half = radius * canvas.unit / canvas.width
    while y < 0.95:
        depth = (y - horizon) / (1 - horizon)
        wide, thick = half * rng.uniform(0.4, 1.15) * (1 + 0.5 * depth), 0.0035 + 0.008 * depth
        middle = x + rng.uniform(-0.25, 0.25) * half
        bar = [(middle - wide, y), (middle, y - thick), (middle + wide, y), (middle, y + thick)]
        canvas.veil(bar, canvas.palette.light, 0.8 - 0.5 * depth)
        y += thick * 2.4 + 0.006


def _spot(canvas: Canvas, colours: tuple[Colour, ...], size: float) -> None:
    rng = canvas.rng
    place, radius, colour = (
        (rng.random(), rng.betavariate(3, 2)),
        size * rng.uniform(0.5, 1.2),
        rng.choice(colours),
    )
    canvas.disc(place, radius, colour, rng.uniform(0.16, 0.42))
    canvas.ring(place, radius, 0.004, mix(colour, canvas.palette.light, 0.5), 0.4)


def _tile(canvas: Canvas, box: tuple[float, float, float, float], inks: list[Colour]) -> None:
    left, top, right, low = box
    corners = [(left, top), (right, top), (right, low), (left, low)]
    ground, ink, dot = inks
    canvas.shape(corners, ground)
    turn = canvas.rng.randrange(4)
    kind = canvas.rng.choice((quarter, quarter, wedge, leaf, None))
    if kind is None:
        canvas.disc(((left + right) / 2, (top + low) / 2), 0.09, ink)
        return
    canvas.shape(kind(corners, turn), ink)
    if kind is not leaf:
        canvas.shape(quarter(corners, turn, 0.4), dot)
