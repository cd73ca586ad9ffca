"""Signing in with the account of an OpenID Connect provider; allauth does the talking.

The provider decides who comes in: its people get an account here whatever SIGNUP says. Their e-mail address counts
only where the provider says that it is verified, for it is what an account that is here already is found by.
"""

from collections.abc import Mapping
from hashlib import sha256
from operator import itemgetter
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount import app_settings
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.openid_connect.provider import OpenIDConnectProvider
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.http import HttpRequest
from django.shortcuts import render

from hubportal.accounts.models import User
from hubportal.accounts.oidc_claims import merge_claims

log = structlog.get_logger(__name__)

# What allauth raises when a provider answers something else than OpenID Connect expects.
MALFORMED_ERRORS = (LookupError, TypeError, ValueError, AttributeError)
# requests' own errors are OSErrors.
PROVIDER_ERRORS = (OSError, OAuth2Error, *MALFORMED_ERRORS)


class OpenIdProvider(OpenIDConnectProvider):  # type: ignore[misc]  # allauth ships no types
    """allauth's; it reads the user info or the ID token, this one the claims of both."""

    def extract_uid(self, data: Mapping[str, Any]) -> str:
        """`sub`, or its hash where it doesn't fit allauth's column: 255 characters are allowed (Core 1.0, 2)."""
        sub = str(merge_claims(data)["sub"])
        return sub if len(sub) <= app_settings.UID_MAX_LENGTH else f"sha256:{sha256(sub.encode()).hexdigest()}"

    def extract_common_fields(self, data: Mapping[str, Any]) -> dict[str, Any]:
        fields: dict[str, Any] = super().extract_common_fields({"userinfo": merge_claims(data)})
        return fields

    def extract_email_addresses(self, data: Mapping[str, Any]) -> list[EmailAddress]:
        addresses: list[EmailAddress] = super().extract_email_addresses({"userinfo": merge_claims(data)})
        return addresses


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]
    def get_provider(self, request: HttpRequest, provider: str, client_id: str | None = None) -> OpenIdProvider:
        return OpenIdProvider(request, app=super().get_provider(request, provider, client_id).app)

    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take over name and address."""
        user: User = super().populate_user(request, sociallogin, data)
        user.name = str(data.get("name") or "")[:120]
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Turn away whoever is new by this provider and brings no verified address."""
        if not sociallogin.is_existing and not any(address.verified for address in sociallogin.email_addresses):
            log.warning("oidc_email_not_verified")
            provider = sociallogin.provider
            raise ImmediateHttpResponse(
                render(request, "socialaccount/not_verified.html", {"provider": provider}, status=403)
            )

    def on_authentication_error(
        self, request: HttpRequest, provider: Any, *, extra_context: dict[str, Any], **details: Any
    ) -> None:
        """Say in the page's words why it did not work; `exception` may quote the provider, and is not written down."""
        exception = details.get("exception")
        answered = "error" in request.GET or isinstance(exception, (OAuth2Error, *MALFORMED_ERRORS))
        why = "refused" if answered else "unreachable" if isinstance(exception, OSError) else "stale"
        log.warning("oidc_failed", why=why, error=type(exception).__name__, told=request.GET.get("error", "")[:80])
        extra_context["why"] = why


class OpenIdAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's; a provider's malformed answer counts as a refusal."""

    def fetch_config(self) -> None:
        """Fetch the provider's configuration, which allauth caches. Raises one of PROVIDER_ERRORS."""
        itemgetter("token_endpoint", "userinfo_endpoint")(self.openid_config)

    def complete_login(self, *args: Any, **kwargs: Any) -> SocialLogin:
        try:
            login = super().complete_login(*args, **kwargs)
            claims = login.account.extra_data
            # OpenID Connect Core 1.0, 5.3.2: or else the user info may be somebody else's.
            if claims["userinfo"]["sub"] != claims["id_token"]["sub"]:
                raise OAuth2Error("sub")
        except MALFORMED_ERRORS as error:
            raise OAuth2Error(type(error).__name__) from error
        return login
