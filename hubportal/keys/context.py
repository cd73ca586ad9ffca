"""What every page may know of the hub."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils.functional import SimpleLazyObject

from hubportal.keys.model_list import is_sandbox


def hub(request: HttpRequest) -> dict[str, Any]:
    """`hub.sandbox`: whether nothing here is real money; `hub.url`: where the hub is."""
    return {"hub": SimpleLazyObject(lambda: {"sandbox": is_sandbox(), "url": settings.HUB_BASE_URL})}
