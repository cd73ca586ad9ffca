"""The hub's image models: the documented table, and tolerant reading of the live list.

The names inside a model entry are not documented beyond `reference_image_limit` (hub-api.md, Open). The live
list decides what exists; what an entry leaves out is filled from the documented table by id.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from hubportal.hub.errors import HubGarbled
from hubportal.hub.json_values import first_of, read_int, read_list, read_object, read_text
from hubportal.hub.prices import (
    AUTO,
    DEFAULT_EFFORTS,
    PRICE_FIELDS,
    Prices,
    price_at,
    read_effort,
    read_prices,
    read_tier,
)
from hubportal.hub.sizes import RATIOS, TIERS, read_size

# Further parameters of a request that a model's entry may declare; any other is left alone.
OPTION_NAMES: Final = ("background", "output_format", "style", "complexity")


@dataclass(frozen=True, slots=True)
class ImageModel:
    """One of the hub's AI models.

    prices    credits per image by (tier, effort), "" for any (prices.py); empty when nobody says
    efforts   the words it takes as the API's `quality`; none for a model that has no such choice
    sizes     the sizes in pixels that its entry lists; else it makes every ratio in every tier
    any_size  its entry limits sizes in no way: whatever follows the rule will do (sizes.follows_rule)
    options   the words it takes for further parameters, by name, of those in OPTION_NAMES
    """

    id: str
    name: str
    provider: str
    aspect_ratios: tuple[str, ...]
    tiers: tuple[str, ...]
    reference_limit: int
    prices: Prices = field(default_factory=dict)
    efforts: tuple[str, ...] = DEFAULT_EFFORTS
    sizes: tuple[str, ...] = ()
    any_size: bool = False
    options: Mapping[str, tuple[str, ...]] = field(default_factory=dict)

    def __hash__(self) -> int:
        # Prices and options are mappings, which have no hash; equality compares them all the same.
        return hash(self.id)

    @property
    def default_effort(self) -> str:
        """What is sent where nobody chose: "auto", unless its list of efforts has no such word."""
        return AUTO if AUTO in self.efforts or not self.efforts else self.efforts[0]

    def takes_effort(self, effort: str) -> bool:
        return effort in self.efforts or effort == self.default_effort

    def price(self, tier: str, effort: str = AUTO) -> int | None:
        """Credits for one image, or None where nobody says (prices.price_at)."""
        return price_at(self.prices, tier, effort)


_ANY_RATIO = (AUTO, *RATIOS)
_GPT_PRICES = {("1K", ""): 8, ("2K", ""): 10, ("4K", ""): 12}
# hub-api.md, Models. Ratios are documented for gpt-image-2 alone; the others get the same until the list gives them.
DOCUMENTED_MODELS: Final = (
    ImageModel("gpt-image-2", "GPT IMAGE 2", "openai", _ANY_RATIO, TIERS, 16, _GPT_PRICES),
    ImageModel("nanobanana", "Nano Banana", "gemini", _ANY_RATIO, ("1K",), 3),
    ImageModel("nanobanana2", "Nano Banana 2", "gemini", _ANY_RATIO, TIERS, 14),
    ImageModel("nanobananapro", "Nano Banana Pro", "gemini", _ANY_RATIO, TIERS, 14),
)
_BY_ID = {model.id: model for model in DOCUMENTED_MODELS}

_ID_FIELDS = ("id", "model", "modelid", "slug")
_NAME_FIELDS = ("name", "displayname", "label", "title")
_PROVIDER_FIELDS = ("provider", "providername", "ownedby", "vendor")
_RATIO_FIELDS = ("aspectratios", "supportedaspectratios", "ratios", "supportedratios", "aspectratio")
_SIZE_FIELDS = ("sizes", "supportedsizes", "imagesizes", "resolutions", "supportedresolutions", "size")
# A quality is a tier or an effort, by its word (hub-api.md, Submitting).
_QUALITY_FIELDS = ("qualities", "supportedqualities", "qualitylevels", "quality")
_TIER_FIELDS = ("tiers", "qualitytiers", "resolutions", "supportedresolutions", *_QUALITY_FIELDS)
_EFFORT_FIELDS = ("efforts", "supportedefforts", "effortlevels", "effort")
_LIMIT_FIELDS = ("referenceimagelimit", "referencelimit", "maxreferenceimages")
# Where an entry may keep what its requests take, instead of at its top: a map by name, or a list of objects.
_PARAMETER_FIELDS = ("parameters", "supportedparameters", "params", "options")
_LIST_FIELDS = ("enum", "values", "options", "choices", "allowed", "supported")


def parse_models(payload: Any) -> tuple[ImageModel, ...]:
    """Read GET /api/v1/models: a list at the top, or under "data" or "models".

    An empty list gives (). Raises HubGarbled when there is no list, or when no entry of it is a model.
    """
    entries = _entries(payload)
    models: dict[str, ImageModel] = {}
    for entry in entries:
        if model := _model({"id": entry} if isinstance(entry, str) else _fields(entry)):
            models.setdefault(model.id, model)
    if entries and not models:
        raise HubGarbled(detail="no model in the model list")
    return tuple(models.values())


def write_model(model: ImageModel) -> dict[str, Any]:
    """An entry that parse_models reads as this very model, to keep it as JSON."""
    limits = {"aspect_ratios": list(model.aspect_ratios), "tiers": list(model.tiers)}
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        **({} if model.any_size else limits),
        "sizes": list(model.sizes),
        "efforts": list(model.efforts),
        "reference_image_limit": model.reference_limit,
        "credits": [
            {"tier": tier, "effort": effort, "credits": credits} for (tier, effort), credits in model.prices.items()
        ],
        "parameters": {name: list(words) for name, words in model.options.items()},
    }


def _entries(payload: Any) -> list[Any]:
    fields = read_object(payload)
    listed = payload if isinstance(payload, list) else first_of(fields, "data", "models")
    if isinstance(listed, dict):
        listed = first_of(read_object(listed), "models", "data")
    if not isinstance(listed, list):
        raise HubGarbled(detail="no model list")
    return listed


def _fields(entry: Any) -> Mapping[str, Any]:
    """The fields of an entry, with those of its parameters among them; of two of one name the entry's own."""
    fields = read_object(entry)
    declared: dict[str, Any] = {}
    for name in _PARAMETER_FIELDS:
        for parameter in read_list(fields.get(name)):
            described = read_object(parameter)
            if word := read_text(first_of(described, "name", "id")):
                declared |= read_object({word: first_of(described, *_LIST_FIELDS)})
        declared |= read_object(fields.get(name))
    # Of the parameters only what is read here: one called "model" or "name" doesn't name this model.
    known = (*_RATIO_FIELDS, *_SIZE_FIELDS, *_TIER_FIELDS, *_EFFORT_FIELDS, *read_object(dict.fromkeys(OPTION_NAMES)))
    return {name: declared[name] for name in known if declared.get(name) is not None} | {
        name: value for name, value in fields.items() if value is not None
    }


def _model(fields: Mapping[str, Any]) -> ImageModel | None:
    id_ = read_text(first_of(fields, *_ID_FIELDS))
    if not id_:
        return None
    default = _BY_ID.get(id_, ImageModel(id_, id_, "", _ANY_RATIO, TIERS[:1], 0))
    told = _efforts_told(fields)
    found = (read_prices(fields.get(name), told or ()) for name in (*PRICE_FIELDS, *_QUALITY_FIELDS))
    prices = next(filter(None, found), {})
    tiers = _tiers(fields) or tuple(dict.fromkeys(tier for tier, _ in prices if tier))
    ratios = _ratios(fields)
    sizes = _sizes(fields)
    limit = read_int(first_of(fields, *_LIMIT_FIELDS), maximum=1000)
    return ImageModel(
        id=id_,
        name=read_text(first_of(fields, *_NAME_FIELDS)) or default.name,
        provider=_word(first_of(fields, *_PROVIDER_FIELDS)) or default.provider,
        aspect_ratios=ratios or default.aspect_ratios,
        tiers=tiers or default.tiers,
        reference_limit=default.reference_limit if limit is None else limit,
        prices=prices or default.prices,
        efforts=_efforts_priced(prices, default) if told is None else told,
        sizes=sizes,
        any_size=id_ not in _BY_ID and not (tiers or sizes or ratios),
        options=dict(_options(fields)),
    )


def _word(value: Any) -> str:
    """Read a word, or the word inside an object that describes it: "1K", {"value": "1K", "label": "Standard"}."""
    fields = read_object(value)
    names = ("quality", "effort", "tier", "resolution", "ratio", "size", "value", "id", "name")
    words = (fields.get(name) for name in names)
    return read_text(next((word for word in words if isinstance(word, str)), "") if fields else value)


def _words(value: Any) -> tuple[str, ...]:
    """The words of a list, or of an object with one: {"type": "string", "enum": ["auto", "low"]}."""
    listed = first_of(read_object(value), *_LIST_FIELDS) if isinstance(value, dict) else value
    return tuple(dict.fromkeys(filter(None, map(_word, read_list(listed)))))


def _tiers(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The tiers that the first field with any of them names, in a list or as the keys of a map."""
    for name in _TIER_FIELDS:
        words = _words(fields.get(name)) or tuple(read_object(fields.get(name)))
        if tiers := tuple(dict.fromkeys(read_tier(word) for word in words if read_tier(word) and not read_size(word))):
            return tiers
    return ()


def _efforts_told(fields: Mapping[str, Any]) -> tuple[str, ...] | None:
    """The efforts that an entry lists, under a name of their own or among its qualities.

    () where it says that there are none, by an empty list; None where it says nothing.
    """
    listed = [(name, _words(fields.get(name))) for name in (*_EFFORT_FIELDS, *_QUALITY_FIELDS)]
    for _, words in listed:
        if efforts := tuple(dict.fromkeys(filter(None, map(read_effort, words)))):
            return efforts
    return () if any(fields.get(name) == [] for name, _ in listed) else None


def _efforts_priced(prices: Prices, default: ImageModel) -> tuple[str, ...]:
    """The efforts of an entry that lists none: those its prices tell apart, or else the documented ones."""
    priced = tuple(dict.fromkeys(effort for _, effort in prices if effort not in ("", AUTO)))
    return (AUTO, *priced) if len(priced) > 1 else default.efforts


def _ratios(fields: Mapping[str, Any]) -> tuple[str, ...]:
    """The ratios that an entry names; "auto" alone is no shape."""
    lists = (_words(fields.get(name)) for name in _RATIO_FIELDS)
    return next((words for words in lists if set(words) - {AUTO}), ())


def _sizes(fields: Mapping[str, Any]) -> tuple[str, ...]:
    for name in _SIZE_FIELDS:
        sizes = map(read_size, _words(fields.get(name)))
        if values := tuple(dict.fromkeys(size.value for size in sizes if size)):
            return values
    return ()


def _options(fields: Mapping[str, Any]) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Each known option that is declared, with the words of its list as they are to be sent."""
    for name in OPTION_NAMES:
        (key,) = read_object({name: None})
        if words := tuple(word for word in _words(fields.get(key)) if read_effort(word)):
            yield name, words
