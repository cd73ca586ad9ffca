"""The models on offer: hub-api.md's table, with prices made up where it gives none."""

from dataclasses import replace

from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel

_INVENTED_CREDITS = {
    "nanobanana": {"1K": 4},
    "nanobanana2": {"1K": 6, "2K": 8, "4K": 10},
    "nanobananapro": {"1K": 10, "2K": 12, "4K": 16},
}

MODELS = {model.id: replace(model, credits=model.credits or _INVENTED_CREDITS[model.id]) for model in DOCUMENTED_MODELS}


def listing() -> dict[str, object]:
    """The body of `GET /api/v1/models`; hub-api.md leaves the names inside an entry open but for one."""
    return {"object": "list", "data": [_entry(model) for model in MODELS.values()]}


def _entry(model: ImageModel) -> dict[str, object]:
    return {
        "id": model.id,
        "object": "model",
        "name": model.name,
        "provider": model.provider,
        "supported_aspect_ratios": list(model.aspect_ratios),
        "supported_qualities": list(model.tiers),
        "reference_image_limit": model.reference_limit,
        "credits_per_image": dict(model.credits),
    }
