"""Outlines for the scenes: points in canvas units, 0 to 1 across and down."""

import math
from random import Random

type Point = tuple[float, float]


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
