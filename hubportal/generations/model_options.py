"""What may be chosen: models, sizes, prices; from the hub's own list."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from hubportal.generations.upload_handlers import MAX_FILES
from hubportal.generations.wording.orders import (
    RATIO_ORDER,
    credits_words,
    references_hint,
    tier_name,
    too_many_references,
)
from hubportal.hub.client import GenerationParameters
from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel
from hubportal.hub.sizes import RATIOS, TIERS, Size, size_for, tier_of
from hubportal.keys.model_list import models_on_offer

AUTO = "auto"
MAX_PICTURES = 4


@dataclass(frozen=True, slots=True)
class SizeGroup:
    """The sizes of one tier, with the tier's name in words."""

    name: str
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
        """The sizes this model makes; where its entry names no shape or tier we know, every shape in 1K."""
        known = [tier for tier in TIERS if tier in model.tiers] or TIERS[:1]
        for tier in known:
            for ratio in model.aspect_ratios if set(model.aspect_ratios) - {AUTO} else RATIOS:
                if size := _size(ratio, tier):
                    yield size

    def has_size(self, model: ImageModel, value: str) -> bool:
        return value == AUTO or any(size.value == value for size in self.sizes(model))

    def price(self, model: ImageModel, size: str, n: int) -> int | None:
        """Credits for `n` pictures of this size; None where the hub does not say."""
        each = model.price(tier_of(size))
        return None if each is None else each * n

    def price_of(self, parameters: GenerationParameters) -> int | None:
        """Credits for an order; None where the hub does not say, or no longer offers the model."""
        model = self.model(parameters.model)
        return self.price(model, parameters.size, parameters.n) if model else None

    def reference_limit(self, model: ImageModel) -> int:
        return min(model.reference_limit, MAX_FILES)

    @cached_property
    def size_groups(self) -> list[SizeGroup]:
        """Every size that some model makes, by tier."""
        every = {size.value: size for model in self.models for size in self.sizes(model)}
        by_tier = groupby(sorted(every.values(), key=_order), key=lambda size: size.tier)
        return [SizeGroup(tier_name(tier), list(sizes)) for tier, sizes in by_tier]

    @cached_property
    def for_script(self) -> str:
        """The offer as JSON for the page's scripts: by model id, what it makes and what that costs, in words."""
        return json.dumps({model.id: self._for_script(model) for model in self.models}, ensure_ascii=False)

    def _for_script(self, model: ImageModel) -> dict[str, object]:
        limit = self.reference_limit(model)
        return {
            "sizes": [AUTO, *(size.value for size in self.sizes(model))],
            "prices": {
                tier: [{"credits": each * n, "words": credits_words(each * n)} for n in range(1, MAX_PICTURES + 1)]
                for tier, each in model.credits.items()
            },
            "references": limit,
            "hint": references_hint(limit),
            "tooMany": too_many_references(model.name, limit),
        }


def _order(size: Size) -> tuple[int, int]:
    return TIERS.index(size.tier), RATIO_ORDER.get(size.ratio, len(RATIO_ORDER))


def _size(ratio: str, tier: str) -> Size | None:
    try:
        return size_for(ratio, tier)
    except ValueError:
        return None


def current_model_options() -> ModelOptions:
    return ModelOptions(models_on_offer())
