"""The hub's model list: read by the worker, kept in one row, served to every form without asking the hub."""

from typing import Any

from django.conf import settings
from django.utils import timezone

from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models
from hubportal.keys.clients import client_without_key
from hubportal.keys.models import CachedModelList


def read_models() -> None:
    """Ask the hub for its models and keep them. Raises HubError; then the last list stays."""
    heard = client_without_key().models()
    CachedModelList.objects.update_or_create(
        pk=1,
        defaults={
            "hub_url": settings.HUB_BASE_URL,
            "models_read": [_as_json(model) for model in heard.models],
            "sandbox": heard.sandbox,
            "read_at": timezone.now(),
        },
    )


def _as_json(model: ImageModel) -> dict[str, Any]:
    return {
        "id": model.id,
        "name": model.name,
        "provider": model.provider,
        "aspect_ratios": list(model.aspect_ratios),
        "tiers": list(model.tiers),
        "reference_image_limit": model.reference_limit,
        "credits": dict(model.credits),
    }


def _kept() -> CachedModelList | None:
    """The kept row, unless it speaks of another hub than the one configured now."""
    return CachedModelList.objects.filter(pk=1, hub_url=settings.HUB_BASE_URL).first()


def models_on_offer() -> tuple[ImageModel, ...]:
    """The hub's models as last read, or the documented table while nothing was read (hub-api.md, Models)."""
    kept = _kept()
    return (parse_models(kept.models_read) if kept else ()) or DOCUMENTED_MODELS


def is_sandbox() -> bool:
    """Whether the hub is the sandbox: as bin/run says, or as the hub's own answers said."""
    if settings.HUB_SANDBOX:
        return True
    kept = _kept()
    return kept is not None and kept.sandbox
