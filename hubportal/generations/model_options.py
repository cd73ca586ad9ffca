"""What may be chosen on the prompt form: models, sizes, prices; from the hub's list, in people's words."""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from itertools import groupby

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.generations.upload_handlers import MAX_FILES
from hubportal.generations.wording import credits_words
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
    """The models on offer now."""

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

    def reference_limit(self, model: ImageModel) -> int:
        return min(model.reference_limit, MAX_FILES)

    @cached_property
    def size_groups(self) -> list[SizeGroup]:
        """Every size that some model makes, by tier."""
        every = {size.value: size for model in self.models for size in self.sizes(model)}
        by_tier = groupby(sorted(every.values(), key=_place), key=lambda size: size.tier)
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
            "tooMany": too_many(model.name, limit),
        }


def _place(size: Size) -> tuple[int, int]:
    return TIERS.index(size.tier), _PLACES.get(size.ratio, len(_PLACES))


def _size(ratio: str, tier: str) -> Size | None:
    try:
        return size_for(ratio, tier)
    except ValueError:
        return None


# The names by which people choose, the usual ones first; a shape that isn't here goes by its ratio.
_NAMES = {
    "1:1": gettext_lazy("Square"),
    "3:2": gettext_lazy("Wide"),
    "2:3": gettext_lazy("Portrait"),
    "16:9": gettext_lazy("Screen"),
    "9:16": gettext_lazy("Phone"),
    "4:3": gettext_lazy("Wide 4:3"),
    "3:4": gettext_lazy("Portrait 3:4"),
    "5:4": gettext_lazy("Wide 5:4"),
    "4:5": gettext_lazy("Portrait 4:5"),
    "2:1": gettext_lazy("Panorama"),
    "1:2": gettext_lazy("Banner"),
    "21:9": gettext_lazy("Cinema"),
    "9:21": gettext_lazy("Tall"),
    "3:1": gettext_lazy("Panorama 3:1"),
    "1:3": gettext_lazy("Banner 1:3"),
}
_PLACES = {ratio: place for place, ratio in enumerate(_NAMES)}


def name_of(ratio: str) -> str:
    """Square, Portrait, Wide … or the ratio itself."""
    return str(_NAMES.get(ratio, ratio))


def tier_name(tier: str) -> str:
    names = {"1K": _("Standard · 1K"), "2K": _("Large · 2K"), "4K": _("Largest · 4K")}
    return names.get(tier, tier)


def references_hint(limit: int) -> str:
    if not limit:
        return _("This model takes no reference images")
    return ngettext(
        "Paste, drop or choose a reference image",
        "Paste, drop or choose up to {limit} reference images",
        limit,
    ).format(limit=limit)


def too_many(model: str, limit: int) -> str:
    if not limit:
        return _("{model} takes no reference images. Remove them, or choose another model.").format(model=model)
    return ngettext(
        "{model} takes {limit} reference image at the most. Remove some.",
        "{model} takes {limit} reference images at the most. Remove some.",
        limit,
    ).format(model=model, limit=limit)


def current_model_options() -> ModelOptions:
    return ModelOptions(models_on_offer())
