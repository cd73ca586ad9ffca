"""From a body's fields to an order, in both of the API's dialects (hub-api.md, Submitting).

The current dialect says `size` and means by `quality` the effort; the older one says `aspect_ratio` and means by
`quality` the tier.
"""

import re
from collections.abc import Mapping

from hubportal.hub.image_models import ImageModel
from hubportal.hub.sizes import TIERS, Size, read_size, size_for
from hubportal.sandbox.catalogue import MODELS
from hubportal.sandbox.records import Order
from hubportal.sandbox.refusals import invalid
from hubportal.sandbox.uploads import Body

LONGEST_PROMPT = 32_000  # characters; the hub's own bound isn't documented
SHORTEST_SIDE, LONGEST_SIDE = 64, 4096  # pixels
MAX_EXTREME = 3.1  # 1:3 is the narrowest documented ratio; the rest is for rounding
_EFFORTS = ("auto", "low", "medium", "high")
_YES, _NO = ("true", "1"), ("false", "0", "")


def read_order(body: Body) -> Order:
    """The order that a body asks for. Raises Refusal (400)."""
    fields = body.fields
    model = MODELS.get(str(fields.get("model")))
    if model is None:
        raise invalid(f"model must be one of {', '.join(MODELS)}.")
    if len(body.references) > model.reference_limit:
        raise invalid(f"Too many reference images: {model.id} takes {model.reference_limit} at most.")
    size = _size(model, fields)
    n = _count(fields.get("n", 1), body.is_form)
    return Order(
        model=model.id,
        prompt=_prompt(fields.get("prompt")),
        aspect_ratio=size.ratio,
        tier=size.tier,
        width=size.width,
        height=size.height,
        n=n,
        price=model.credits[size.tier] * n,
        waits=not _flag(fields.get("async", False), body.is_form),
        fields=fields,
        references=body.references,
        tint=body.tint,
    )


def _prompt(value: object) -> str:
    if not isinstance(value, str) or not value.strip():
        raise invalid("prompt is required.")
    if len(value) > LONGEST_PROMPT:
        raise invalid(f"prompt is too long: {LONGEST_PROMPT} characters at most.")
    if "\0" in value or any("\ud800" <= sign <= "\udfff" for sign in value):
        raise invalid("prompt contains characters that are not text.")
    return value


def _count(value: object, is_form: bool) -> int:
    if is_form and isinstance(value, str) and value.isdecimal():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int) or not 1 <= value <= 4:
        raise invalid("n must be a whole number from 1 to 4.")
    return value


def _flag(value: object, is_form: bool) -> bool:
    if is_form and isinstance(value, str) and value.lower() in _YES + _NO:
        return value.lower() in _YES
    if not isinstance(value, bool):
        raise invalid("async must be true or false.")
    return value


def _size(model: ImageModel, fields: Mapping[str, object]) -> Size:
    """The size to paint, from whichever dialect was spoken."""
    size, ratio, quality = (fields.get(name, "auto") for name in ("size", "aspect_ratio", "quality"))
    if quality not in (*_EFFORTS, *TIERS):
        raise invalid("quality must be auto, low, medium or high (or 1K, 2K, 4K with aspect_ratio).")
    if ratio not in model.aspect_ratios:
        raise invalid(f"aspect_ratio must be one of {', '.join(model.aspect_ratios)}.")
    if size != "auto":
        wanted = _pixels(size)
        if ratio != "auto" or (quality in TIERS and quality != wanted.tier):
            raise invalid("Ask for a size, or for an aspect_ratio and a tier; not for both.")
    else:
        wanted = size_for("1:1" if ratio == "auto" else str(ratio), str(quality) if quality in TIERS else "1K")
    if wanted.tier not in model.credits:
        raise invalid(f"{model.id} paints in {', '.join(model.tiers)} only, and {wanted.value} is {wanted.tier}.")
    return wanted


def _pixels(text: object) -> Size:
    """A WIDTHxHEIGHT that can be painted; the bounds are the sandbox's own, the hub's aren't documented."""
    size = read_size(text) if isinstance(text, str) and re.fullmatch(r"\d+x\d+", text) else None
    if size is None:
        raise invalid("size must be auto or WIDTHxHEIGHT, such as 1024x1024.")
    long, short = max(size.width, size.height), min(size.width, size.height)
    if short < SHORTEST_SIDE or long > LONGEST_SIDE or long > short * MAX_EXTREME:
        raise invalid(f"size must be {SHORTEST_SIDE} to {LONGEST_SIDE} pixels a side and no narrower than 1:3.")
    return size
