"""The hub's image models: the documented table, and tolerant reading of the live list.

The names inside a model entry are not documented beyond `reference_image_limit` (hub-api.md, Open). The live
list decides what exists; what an entry leaves out is filled from the documented table by id.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hubportal.hub.errors import HubGarbled
from hubportal.hub.json_values import first_of, read_int, read_list, read_object, read_text
from hubportal.hub.sizes import RATIOS, TIERS


@dataclass(frozen=True, slots=True)
class ImageModel:
    """One of the hub's AI models. `credits` are per image, by tier; empty when its price is not default."""

    id: str
    name: str
    provider: str
    aspect_ratios: tuple[str, ...]
    tiers: tuple[str, ...]
    reference_limit: int
    credits: Mapping[str, int] = field(default_factory=dict)

    def price(self, tier: str) -> int | None:
        """Credits for one image in this tier, or None when not default."""
        return self.credits.get(tier)


_ANY_RATIO = ("auto", *RATIOS)
# hub-api.md, Models. Ratios are documented for gpt-image-2 alone; the others get the same until the list gives them.
DOCUMENTED_MODELS: Final = (
    ImageModel("gpt-image-2", "GPT IMAGE 2", "openai", _ANY_RATIO, TIERS, 16, {"1K": 8, "2K": 10, "4K": 12}),
    ImageModel("nanobanana", "Nano Banana", "gemini", _ANY_RATIO, ("1K",), 3),
    ImageModel("nanobanana2", "Nano Banana 2", "gemini", _ANY_RATIO, TIERS, 14),
    ImageModel("nanobananapro", "Nano Banana Pro", "gemini", _ANY_RATIO, TIERS, 14),
)
# Any other word under "quality" is an effort (auto, low, medium, high), which has no price of its own.
_TIER = re.compile(r"[0-9]{1,2}K")
_BY_ID = {model.id: model for model in DOCUMENTED_MODELS}

_ID_FIELDS = ("id", "model", "modelid", "slug")
_NAME_FIELDS = ("name", "displayname", "label", "title")
_PROVIDER_FIELDS = ("provider", "providername", "ownedby", "vendor")
_RATIO_FIELDS = ("aspectratios", "supportedaspectratios", "ratios", "supportedratios")
_TIER_FIELDS = ("tiers", "qualities", "supportedqualities", "qualitytiers", "resolutions", "quality")
_LIMIT_FIELDS = ("referenceimagelimit", "referencelimit", "maxreferenceimages")
_PRICE_FIELDS = ("creditsperimage", "credits", "pricing", "prices", "price", "cost", "credit")


def parse_models(payload: Any) -> tuple[ImageModel, ...]:
    """Read GET /api/v1/models: a list at the top, or under "data" or "models".

    An empty list gives (). Raises HubGarbled when there is no list, or when no entry of it is a model.
    """
    entries = _entries(payload)
    models: dict[str, ImageModel] = {}
    for entry in entries:
        if model := _model({"id": entry} if isinstance(entry, str) else read_object(entry)):
            models.setdefault(model.id, model)
    if entries and not models:
        raise HubGarbled(detail="no model in the model list")
    return tuple(models.values())


def _entries(payload: Any) -> list[Any]:
    fields = read_object(payload)
    listed = payload if isinstance(payload, list) else first_of(fields, "data", "models")
    if isinstance(listed, dict):
        listed = first_of(read_object(listed), "models", "data")
    if not isinstance(listed, list):
        raise HubGarbled(detail="no model list")
    return listed


def _model(fields: Mapping[str, Any]) -> ImageModel | None:
    id_ = read_text(first_of(fields, *_ID_FIELDS))
    if not id_:
        return None
    default = _BY_ID.get(id_, ImageModel(id_, id_, "", _ANY_RATIO, TIERS[:1], 0))
    qualities = first_of(fields, *_TIER_FIELDS)
    tiers = _tiers(qualities)
    limit = read_int(first_of(fields, *_LIMIT_FIELDS), maximum=1000)
    prices = _prices(first_of(fields, *_PRICE_FIELDS), tiers or default.tiers) or _prices(qualities, ())
    return ImageModel(
        id=id_,
        name=read_text(first_of(fields, *_NAME_FIELDS)) or default.name,
        provider=_word(first_of(fields, *_PROVIDER_FIELDS)) or default.provider,
        aspect_ratios=_words(first_of(fields, *_RATIO_FIELDS)) or default.aspect_ratios,
        tiers=tiers or tuple(prices) or default.tiers,
        reference_limit=default.reference_limit if limit is None else limit,
        credits=prices or default.credits,
    )


def _word(value: Any) -> str:
    """Read a word, or the word inside an object that describes it: "1K", {"value": "1K", "label": "Standard"}."""
    fields = read_object(value)
    words = (fields.get(name) for name in ("quality", "tier", "resolution", "ratio", "value", "id", "name"))
    return read_text(next((word for word in words if isinstance(word, str)), "") if fields else value)


def _words(value: Any) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in map(_word, read_list(value)) if word))


def _tiers(value: Any) -> tuple[str, ...]:
    words = (word.upper() for word in _words(list(value) if isinstance(value, dict) else value))
    return tuple(dict.fromkeys(word for word in words if _TIER.fullmatch(word)))


def _prices(value: Any, tiers: tuple[str, ...]) -> dict[str, int]:
    """Read credits per image by tier from a number (for every tier), a map by tier, or a list of objects."""
    if isinstance(value, list):
        pairs = [(_word(entry), _price(entry)) for entry in value]
    elif isinstance(value, dict):
        pairs = [(read_text(tier), _price(price)) for tier, price in value.items()]
    else:
        pairs = [(tier, _price(value)) for tier in tiers]
    return {tier.upper(): price for tier, price in pairs if _TIER.fullmatch(tier.upper()) and price is not None}


def _price(value: Any) -> int | None:
    fields = read_object(value)
    return read_int(first_of(fields, *_PRICE_FIELDS, "amount", "value") if fields else value)
