"""The hub's model list: read by the worker, cached in one row, served to every form without asking the hub.

A page reads the row once, however many of its parts ask: view, form and templates get it from `hub_of(request)`,
which lives as long as the request. Code that serves no request makes a `Hub()` of its own and hands it on.
"""

import json
from functools import cached_property, lru_cache
from typing import Any

from django.conf import settings
from django.db.models import TextField
from django.db.models.functions import Cast
from django.http import HttpRequest
from django.utils import timezone
from django.utils.functional import SimpleLazyObject

from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.connections import release_connections
from hubportal.hub.image_models import DOCUMENTED_MODELS, ImageModel, parse_models, write_model
from hubportal.keys.clients import client_without_key
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
        return _parse(self._cached.json) if self._cached else DOCUMENTED_MODELS  # type: ignore[attr-defined]

    @property
    def cheapest(self) -> int | None:
        """The least that one picture costs (credits), among all that is on offer; None where no price is known."""
        return min((price for model in self.models for price in model.prices.values()), default=None)

    @cached_property
    def _cached(self) -> CachedModelList | None:
        """The row, unless it speaks of another hub than the one configured now."""
        return _find.first(hub_url=settings.HUB_BASE_URL)


_find = CompiledQuery(
    lambda: (
        CachedModelList.objects.filter(pk=1, hub_url=Parameter("hub_url", CachedModelList))
        .annotate(json=Cast("models_read", TextField()))
        .defer("models_read")
    )
)


@lru_cache(maxsize=8)
def _parse(text: str) -> tuple[ImageModel, ...]:
    """The models of a list as it is stored, the same objects each time."""
    return parse_models(json.loads(text)) or DOCUMENTED_MODELS


def hub_of(request: HttpRequest) -> Hub:
    """What is known of the hub, the same for all who ask during this request."""
    hub: Hub = request.__dict__.setdefault("_hub", Hub())
    return hub


def hub_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor of every page: `hub`, and `sandbox_notice`, whether to say that nothing is spent."""
    hub = hub_of(request)
    return {"hub": hub, "sandbox_notice": SimpleLazyObject(lambda: hub.sandbox and not is_notice_closed(request))}


def is_notice_closed(request: HttpRequest) -> bool:
    """Whether this person has closed the sandbox's notice in this browser.

    The cookie says who did: another person who uses the browser is told for themselves.
    """
    person = getattr(getattr(request, "user", None), "pk", None)
    return person is not None and request.COOKIES.get(settings.NOTICE_COOKIE_NAME) == str(person)


def models_on_offer() -> tuple[ImageModel, ...]:
    """The hub's models, read anew. Where there is a request, `hub_of(request).models` saves the query."""
    return Hub().models


def read_models() -> None:
    """Ask the hub for its models and save them. Raises HubError; then the last list stays."""
    release_connections()
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
