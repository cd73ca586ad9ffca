"""Single sign-on by OpenID Connect, from settings to what allauth reads. settings.py imports it: it knows no models."""

from collections.abc import Iterable
from typing import Any
from urllib.parse import urlsplit

from django.core.exceptions import ImproperlyConfigured

# The provider's name in addresses: /accounts/oidc/sso/login/callback/ is what it is told to come back to.
PROVIDER_ID = "sso"
SCOPES = ("openid", "profile", "email")
LOCAL_HOSTS = {"localhost", "127.0.0.1", "::1"}


def openid_connect(
    *, issuer: str, client_id: str, secret: str, name: str, scopes: Iterable[str] = ()
) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS for this provider; empty where none is named. `scopes` are asked for beside SCOPES.

    Raises ImproperlyConfigured where something is missing, or would be asked in the clear.
    """
    given = {"OIDC_ISSUER": issuer, "OIDC_CLIENT_ID": client_id, "OIDC_CLIENT_SECRET": secret}
    missing = [setting for setting, value in given.items() if not value]
    if len(missing) == len(given):
        return {}
    if missing:
        raise ImproperlyConfigured(f"Single sign-on lacks {' and '.join(missing)}: set all three, or none of them.")
    _check_issuer(issuer)
    app = {
        "provider_id": PROVIDER_ID,
        "name": name or urlsplit(issuer).hostname,
        "client_id": client_id,
        "secret": secret,
        "settings": {
            "server_url": issuer.rstrip("/"),
            "scope": [*SCOPES, *scopes],
            "oauth_pkce_enabled": True,
            "email_authentication": True,
        },
    }
    return {"openid_connect": {"APPS": [app]}}


def provider_name(providers: dict[str, Any]) -> str:
    """What people know the provider by; empty where there is none."""
    return str(providers["openid_connect"]["APPS"][0]["name"]) if providers else ""


def _check_issuer(issuer: str) -> None:
    """What the provider says is believed because of the connection it says it by."""
    where = urlsplit(issuer)
    if not where.hostname or (
        where.scheme != "https" and not (where.scheme == "http" and where.hostname in LOCAL_HOSTS)
    ):
        raise ImproperlyConfigured(
            f"OIDC_ISSUER is {issuer!r}: it must be the provider's whole address and begin with https://, such as"
            " https://login.example.org. Only a provider on this very machine may do without."
        )
