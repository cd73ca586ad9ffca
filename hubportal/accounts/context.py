"""What every page may know of the person, as a context processor."""

from typing import Any

from django.conf import settings
from django.http import HttpRequest

from hubportal.accounts.models import Theme
from hubportal.accounts.oidc_settings import provider_name


def preferences(request: HttpRequest) -> dict[str, Any]:
    """`theme`: `light` or `dark` where the person chose one, else empty (the system decides); `signup_open`;
    `sign_on`: what the provider of single sign-on is called, empty where there is none."""
    chosen = getattr(getattr(request, "user", None), "theme", Theme.SYSTEM)
    return {
        "theme": "" if chosen == Theme.SYSTEM else chosen,
        "signup_open": settings.SIGNUP == "open",
        "sign_on": provider_name(settings.SOCIALACCOUNT_PROVIDERS),
    }
