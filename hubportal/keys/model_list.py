"""The hub's model list: read by the worker, cached in one row, served to every form without asking the hub.

A page reads the row once, however many of its parts ask: view, form and templates get it from `hub_of(request)`,
which lives as long as the request. Code that serves no request makes a `Hub()` of its own and hands it on.
"""

from functools import cached_property

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models, write_model
from hubportal.keys.clients import client_without_key, release_connection
from hubportal.keys.models import CachedModelList


class Hub:
    """What is known of the hub without asking it. The row is read when it is first needed, and once."""

    @property
    def url(self) -> str:
        """Where the hub is."""
        return str(settings.HUB_BASE_URL)

    @property
    def sandbox(self) -> bool:
        """Whether nothing here is real money: as bin/run says, or as the hub's own answers said."""
        return settings.HUB_SANDBOX or (self._cached is not None and self._cached.sandbox)

    @cached_property
    def models(self) -> tuple[ImageModel, ...]:
        """Its models as last read, or the documented table while nothing was read (hub-api.md, Models)."""
        return (parse_models(self._cached.models_read) if self._cached else ()) or DOCUMENTED_MODELS

    @cached_property
    def _cached(self) -> CachedModelList | None:
        """The row, unless it speaks of another hub than the one configured now."""
        return CachedModelList.objects.filter(pk=1, hub_url=settings.HUB_BASE_URL).first()


def hub_of(request: HttpRequest) -> Hub:
    """What is known of the hub, the same for all who ask during this request."""
    hub: Hub = request.__dict__.setdefault("_hub", Hub())
    return hub


def hub_context(request: HttpRequest) -> dict[str, Hub]:
    """Context processor: `hub` on every page, with `hub.sandbox` and `hub.url`."""
    return {"hub": hub_of(request)}


def models_on_offer() -> tuple[ImageModel, ...]:
    """The hub's models, read anew. Where there is a request, `hub_of(request).models` saves the query."""
    return Hub().models


def read_models() -> None:
    """Ask the hub for its models and save them. Raises HubError; then the last list stays."""
    release_connection()
    answer = client_without_key().models()
    CachedModelList.objects.update_or_create(
        pk=1,
        defaults={
            "hub_url": settings.HUB_BASE_URL,
            "models_read": [write_model(model) for model in answer.models],
            "sandbox": answer.sandbox,
            "read_at": timezone.now(),
        },
    )
