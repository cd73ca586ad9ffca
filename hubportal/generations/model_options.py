"""What may be chosen: models, sizes, prices; from the hub's own list."""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from hashlib import md5
from itertools import groupby

from django.http import HttpRequest
from django.utils.translation import get_language

from hubportal.generations.upload_handlers import MAX_FILES
from hubportal.generations.wording.orders import (
    RATIO_ORDER,
    credits_words,
    references_hint,
    too_many_references,
)
from hubportal.hub.client import GenerationParameters
from hubportal.hub.image_models import DOCUMENTED_MODELS, OPTION_NAMES, ImageModel
from hubportal.hub.prices import AUTO
from hubportal.hub.sizes import RATIOS, TIERS, Size, follows_rule, read_size, size_for, tier_of
from hubportal.keys.model_list import hub_of, models_on_offer
from hubportal.keys.wording.offer import tier_name

MAX_PICTURES = 4


@dataclass(frozen=True, slots=True)
class SizeGroup:
    """The sizes of one tier, with the tier's name in words."""

    name: str
    tier: str
    sizes: list[Size]


class ModelOptions:
    """The models that the hub offers now."""

    def __init__(self, models: tuple[ImageModel, ...]) -> None:
        self.models = models or DOCUMENTED_MODELS

    @property
    def first(self) -> ImageModel:
        return self.models[0]

    def model(self, model_id: str) -> ImageModel | None:
        return next((model for model in self.models if model.id == model_id), None)

    def sizes(self, model: ImageModel) -> Iterator[Size]:
        """The sizes to choose from: those its entry lists, or every shape and tier that it names and we know.

        Where it names no shape, every one; where it names no tier that we know, 1K.
        """
        if model.sizes:
            yield from filter(None, map(read_size, model.sizes))
            return
        known = [tier for tier in TIERS if tier in model.tiers] or TIERS[:1]
        for tier in known:
            for ratio in model.aspect_ratios if set(model.aspect_ratios) - {AUTO} else RATIOS:
                if size := _size(ratio, tier):
                    yield size

    def has_size(self, model: ImageModel, value: str) -> bool:
        """Whether it may be asked for; any size that follows the rule, of a model whose entry sets no limits."""
        if value == AUTO or (model.any_size and follows_rule(value)):
            return True
        return any(size.value == value for size in self.sizes(model))

    def price(self, model: ImageModel, size: str, effort: str, n: int) -> int | None:
        """Credits for `n` pictures of this size with this effort; None where the hub does not say."""
        each = model.price(_billed_tier(model, size), effort)
        return None if each is None else each * n

    def price_of(self, parameters: GenerationParameters) -> int | None:
        """Credits for an order; None where the hub does not say, or no longer offers the model."""
        model = self.model(parameters.model)
        return self.price(model, parameters.size, parameters.effort, parameters.n) if model else None

    def tier(self, model: ImageModel, size: str) -> str:
        """The tier that a picture of this size is billed as."""
        return _billed_tier(model, size)

    def limited(self, models: Sequence[str], tiers: Sequence[str], efforts: Sequence[str]) -> "ModelOptions":
        """Of these what somebody may order, by ids and words; an empty list allows everything.

        Where that leaves nothing it is the whole, and what is ordered of it is refused in words.
        """
        left = (_limited(model, tiers, efforts) for model in self.models if not models or model.id in models)
        return ModelOptions(tuple(filter(None, left)) or self.models)

    def reference_limit(self, model: ImageModel) -> int:
        return min(model.reference_limit, MAX_FILES)

    @cached_property
    def size_groups(self) -> list[SizeGroup]:
        """Every size that some model makes, by tier."""
        every = {size.value: size for model in self.models for size in self.sizes(model)}
        by_tier = groupby(sorted(every.values(), key=_order), key=lambda size: size.tier)
        return [SizeGroup(tier_name(tier), tier, list(sizes)) for tier, sizes in by_tier]

    @cached_property
    def efforts(self) -> list[str]:
        """Every effort that some model takes, the documented ones first."""
        return list(dict.fromkeys([AUTO, *(effort for model in self.models for effort in model.efforts)]))

    @cached_property
    def option_words(self) -> dict[str, list[str]]:
        """Every further parameter that some model declares, with every word that some model takes for it."""
        names = [name for name in OPTION_NAMES if any(name in model.options for model in self.models)]
        return {
            name: list(dict.fromkeys(word for model in self.models for word in model.options.get(name, ())))
            for name in names
        }

    @cached_property
    def key(self) -> str:
        """Differs where anything of the offer or its words does: what is rendered from it can be kept under it."""
        return md5(f"{get_language()} {self.models}".encode(), usedforsecurity=False).hexdigest()

    @cached_property
    def for_script(self) -> str:
        """The offer as JSON for the page's scripts: by model id, what it makes and what that costs, in words."""
        return json.dumps({model.id: self._for_script(model) for model in self.models}, ensure_ascii=False)

    def _for_script(self, model: ImageModel) -> dict[str, object]:
        limit = self.reference_limit(model)
        prices = _price_table(model)
        each = {credits for by_effort in prices.values() for credits in by_effort.values()}
        totals = {credits * n for credits in each for n in range(1, MAX_PICTURES + 1)}
        return {
            "sizes": [AUTO, *(size.value for size in self.sizes(model))],
            "anySize": model.any_size,
            "efforts": list(model.efforts),
            "effort": model.default_effort,
            "options": {name: list(words) for name, words in model.options.items()},
            "prices": prices,
            "words": {total: credits_words(total) for total in totals},
            "references": limit,
            "hint": references_hint(limit),
            "tooMany": too_many_references(model.name, limit),
        }


def _limited(model: ImageModel, tiers: Sequence[str], efforts: Sequence[str]) -> ImageModel | None:
    """The model with what may be ordered of it; None where that is nothing."""
    left_tiers = tuple(tier for tier in model.tiers if not tiers or tier in tiers)
    left_efforts = tuple(effort for effort in model.efforts if not efforts or effort in efforts)
    sizes = tuple(size for size in model.sizes if not tiers or tier_of(size) in tiers)
    if not left_tiers or (model.efforts and not left_efforts) or (model.sizes and not sizes):
        return None
    return replace(model, tiers=left_tiers, efforts=left_efforts, sizes=sizes)


def _billed_tier(model: ImageModel, size: str) -> str:
    """The tier an order is billed as; "auto" is the smallest that the model makes (hub-api.md, Models: defaults)."""
    return tier_of(size) if size != AUTO or TIERS[0] in model.tiers else model.tiers[0]


def _price_table(model: ImageModel) -> dict[str, dict[str, int]]:
    """Credits for one picture by tier (or "auto", for that size) and by effort, where somebody says them."""
    tiers = {AUTO: _billed_tier(model, AUTO)} | {tier: tier for tier in TIERS}
    efforts = dict.fromkeys((model.default_effort, *model.efforts))
    table = {
        name: {effort: each for effort in efforts if (each := model.price(tier, effort)) is not None}
        for name, tier in tiers.items()
    }
    return {name: by_effort for name, by_effort in table.items() if by_effort}


def _order(size: Size) -> tuple[int, int]:
    return TIERS.index(size.tier), RATIO_ORDER.get(size.ratio, len(RATIO_ORDER))


def _size(ratio: str, tier: str) -> Size | None:
    try:
        return size_for(ratio, tier)
    except ValueError:
        return None


def current_model_options(request: HttpRequest | None = None) -> ModelOptions:
    """What the hub offers now; with a `request`, from the one read that this request shares."""
    return _options_in(hub_of(request).models if request else models_on_offer(), get_language())


@lru_cache(maxsize=16)
def _options_in(models: tuple[ImageModel, ...], language: str | None) -> ModelOptions:
    """The options, with their words in this language; all who ask for the same share them."""
    return ModelOptions(models)
