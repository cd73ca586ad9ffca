"""Prices of pictures: credits by tier and effort, read tolerantly from a model's entry.

How the hub writes them is not documented (hub-api.md, Open). One number, a map by tier, by effort, by size in pixels,
one inside the other either way round, and lists of objects are all read into one table, whose places are
(tier, effort). "" in a place stands for any: `{("2K", ""): 10}` is a price that doesn't depend on the effort.
"""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from hubportal.hub.json_values import read_int, read_object, read_text
from hubportal.hub.sizes import read_size

type Place = tuple[str, str]
type Prices = Mapping[Place, int]

AUTO: Final = "auto"
# hub-api.md, Submitting.
DEFAULT_EFFORTS: Final = (AUTO, "low", "medium", "high")
PRICE_FIELDS: Final = ("creditsperimage", "credits", "pricing", "prices", "price", "perimage", "cost", "credit")
# Words that are known as efforts (hub-api.md, What is known from elsewhere). In a map of prices another word is one
# only where the entry lists it: "currency" and "minimum" are none.
_KNOWN_EFFORTS = (*DEFAULT_EFFORTS, "minimal", "standard", "hd", "xhigh", "max")
_TIER = re.compile(r"[0-9]{1,2}K")
_EFFORT = re.compile(r"[A-Za-z][A-Za-z0-9_-]{0,19}")
# Where an object says what it is the price of.
_NAME_FIELDS = ("value", "id", "name", "label")
_TIER_FIELDS = (*_NAME_FIELDS, "quality", "tier", "resolution", "size")
_EFFORT_FIELDS = ("quality", "effort")
# Fields that hold more prices, and none by themselves.
_GROUPS = ("tiers", "qualities", "efforts", "sizes", "resolutions", "values", *_TIER_FIELDS, *_EFFORT_FIELDS)
_DEPTH = 6


def price_at(prices: Prices, tier: str, effort: str) -> int | None:
    """Credits for one image: the price of this very place, or else of the tier, of the effort, of any image.

    An effort without a price of its own, where efforts differ in price, costs what the dearest of the tier does:
    resellers bill "auto" as the highest effort, and a reservation must not be too small. None where nothing is told.
    """
    of_tier = [credits for (other, _), credits in prices.items() if other == tier]
    places = [(tier, effort), (tier, ""), ("", effort), ("", "")]
    if effort == AUTO:
        places = [(tier if of_tier else "", AUTO)]
    exact = next((prices[place] for place in places if place in prices), None)
    if exact is not None:
        return exact
    return max(of_tier or [credits for (other, _), credits in prices.items() if not other], default=None)


def read_tier(value: Any) -> str:
    """A tier such as "2K", also as the size in pixels that is billed as it; "" for anything else."""
    text = read_text(value).upper()
    if _TIER.fullmatch(text):
        return text
    size = read_size(text)
    return size.tier if size else ""


def read_effort(value: Any) -> str:
    """A word that can be an effort, as the entry writes it; "" for a tier, a size, and what is no word."""
    text = read_text(value)
    return text if _EFFORT.fullmatch(text) and not read_tier(text) else ""


def read_prices(value: Any, efforts: tuple[str, ...] = ()) -> dict[Place, int]:
    """Credits for one image by (tier, effort). `efforts` are the words that the entry lists, beside the known ones.

    Of two prices for one place, such as two sizes of a tier, the higher one holds. What makes no sense is left out.
    """
    words = {word.lower(): word for word in (*_KNOWN_EFFORTS, *efforts)}
    prices: dict[Place, int] = {}
    for place, credits in _walk(value, ("", ""), words, _DEPTH):
        prices[place] = max(credits, prices.get(place, 0))
    return prices


def _walk(value: Any, place: Place, words: Mapping[str, str], depth: int) -> Iterator[tuple[Place, int]]:
    if not depth:
        return
    if isinstance(value, list):
        for entry in value:
            if isinstance(entry, dict):
                yield from _walk(entry, place, words, depth - 1)
    elif isinstance(value, dict):
        place = _place_of(value, place, words)
        for key, item in value.items():
            if inner := _step(key, item, place, words):
                yield from _walk(item, inner, words, depth - 1)
    elif (credits := read_int(value)) is not None:
        yield place, credits


def _place_of(value: dict[str, Any], place: Place, words: Mapping[str, str]) -> Place:
    """What an object says that it is the price of: {"size": "1024x1024", "quality": "high", "credits": 8}."""
    fields = read_object(value)
    tiers = (read_tier(fields.get(name)) for name in _TIER_FIELDS)
    named = (words.get(read_text(fields.get(name)).lower()) for name in _NAME_FIELDS)
    said = filter(None, (read_effort(fields.get(name)) for name in _EFFORT_FIELDS))
    efforts = (*(words.get(word.lower(), word) for word in said), *named)
    return next(filter(None, tiers), place[0]), next(filter(None, efforts), place[1])


def _step(key: str, item: Any, place: Place, words: Mapping[str, str]) -> Place | None:
    """The place of what stands under this key; None for a key that is about no price."""
    tier, effort = place
    if inner := read_tier(key):
        return inner, effort
    if word := words.get(read_text(key).lower()):
        return tier, word
    (name,) = read_object({key: item})
    holds_more = name in _GROUPS and isinstance(item, dict | list)
    return place if holds_more or name in (*PRICE_FIELDS, "amount", "value") else None
