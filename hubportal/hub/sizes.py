"""Image sizes: the exact pixels of an aspect ratio and a tier, and the reverse.

The hub is asked in pixels (`size`) and answers in ratio and tier (hub-api.md, Submitting); it does not say where one
tier ends and the next begins. So a size of ours never exceeds its tier's limit in length or in area: the 1536x1024 of
OpenAI's older models, 2048x2048, and 3840x2160. Both sides are multiples of 16 and the ratio is exact.
"""

import math
import re
from dataclasses import dataclass
from typing import Final

TIERS: Final = ("1K", "2K", "4K")
# hub-api.md, Models, without "auto", which is no shape.
RATIOS: Final = (
    *("1:1", "4:3", "3:4", "3:2", "2:3", "16:9", "9:16", "5:4", "4:5"),
    *("21:9", "9:21", "2:1", "1:2", "3:1", "1:3"),
)

_TIER_LIMITS: Final = {"1K": (1536, 1024), "2K": (2048, 2048), "4K": (3840, 2160)}
# The one size whose answer is documented (hub-api.md, Submitting), smaller than the limit would allow.
_DOCUMENTED: Final = {("1:1", "1K"): 1024}
_SIZE_PATTERN = re.compile(r"\s*([0-9]{1,5})\s*[xX×]\s*([0-9]{1,5})\s*")
_RATIO_PATTERN = re.compile(r"([1-9][0-9]{0,2}):([1-9][0-9]{0,2})")


@dataclass(frozen=True, slots=True)
class Size:
    """value "1536x1024", ratio "3:2", tier "1K", width and height in pixels."""

    value: str
    ratio: str
    tier: str
    width: int
    height: int


def size_for(ratio: str, tier: str) -> Size:
    """The largest exact size of a ratio within a tier. Any "a:b" works, since the live list may have new ones.

    Raises ValueError for an unknown tier, for what is no ratio, and for one too extreme for steps of 16 pixels.
    """
    match = _RATIO_PATTERN.fullmatch(ratio)
    if tier not in _TIER_LIMITS or not match:
        raise ValueError(f"no size for {ratio!r} in {tier!r}")
    across, down = int(match[1]), int(match[2])
    width, height = (16 * side // math.gcd(across, down) for side in (across, down))
    long, short = _TIER_LIMITS[tier]
    by_length = _DOCUMENTED.get((ratio, tier), long) // max(width, height)
    factor = min(by_length, math.isqrt(long * short // (width * height)))
    if not factor:
        raise ValueError(f"{ratio!r} is too extreme for {tier!r}")
    return Size(f"{width * factor}x{height * factor}", ratio, tier, width * factor, height * factor)


def _tier(width: int, height: int) -> str:
    for tier, (long, short) in _TIER_LIMITS.items():
        if max(width, height) <= long and width * height <= long * short:
            return tier
    return TIERS[-1]


def _nearest_ratio(width: int, height: int) -> str:
    def distance(ratio: str) -> float:
        across, down = ratio.split(":")
        return abs(math.log(width / height) - math.log(int(across) / int(down)))

    return min(RATIOS, key=distance)


SIZES: Final = tuple(size_for(ratio, tier) for tier in TIERS for ratio in RATIOS)


def read_size(text: str) -> Size | None:
    """Read any WIDTHxHEIGHT, with its nearest documented ratio and its tier; None for "auto" and what is no size."""
    match = _SIZE_PATTERN.fullmatch(text)
    width, height = (int(match[1]), int(match[2])) if match else (0, 0)
    if not (width and height):
        return None
    return Size(f"{width}x{height}", _nearest_ratio(width, height), _tier(width, height), width, height)


def follows_rule(text: str) -> bool:
    """Whether it is a WIDTHxHEIGHT as the models behind the hub take any: steps of 16 pixels, up to 3:1, up to 4K.

    Source: hub-api.md, What is known from elsewhere.
    """
    size = read_size(text)
    if not size or size.value != text or size.width % 16 or size.height % 16:
        return False
    long, short = max(size.width, size.height), min(size.width, size.height)
    most, least = _TIER_LIMITS["4K"]
    return long <= 3 * short and long <= most and short <= least


def tier_of(text: str) -> str:
    """The tier a size is billed as. "auto" is 1K (hub-api.md, Models: defaults); so is what is no size."""
    size = read_size(text)
    return size.tier if size else TIERS[0]
