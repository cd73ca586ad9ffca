"""What every page may know of the person."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hubportal.accounts.models import Theme


def preferences(request: HttpRequest) -> dict[str, Any]:
    """`theme`: `light` or `dark` where the person chose one, else empty (the system decides); `signup_open`."""
    chosen = getattr(getattr(request, "user", None), "theme", Theme.SYSTEM)
    return {"theme": "" if chosen == Theme.SYSTEM else chosen, "signup_open": settings.SIGNUP == "open"}
