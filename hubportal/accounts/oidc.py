"""Signing in with the account of an OpenID Connect provider; allauth does the talking.

The provider decides who comes in: its people get an account here whatever SIGNUP says. Their e-mail address counts
only where the provider says that it is verified, for it is what an account that is here already is found by.
"""

from operator import itemgetter
from typing import Any

import structlog
from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.client import OAuth2Error
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.socialaccount.providers.openid_connect.views import OpenIDConnectOAuth2Adapter
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.views.decorators.http import require_POST, require_safe

from hubportal.accounts.models import User

log = structlog.get_logger(__name__)

# What allauth lets through when a provider says something else than OpenID Connect expects.
GARBLED = (LookupError, TypeError, ValueError, AttributeError)
# requests' own errors are OSErrors.
TROUBLE = (OSError, OAuth2Error, *GARBLED)


class SocialAccountAdapter(DefaultSocialAccountAdapter):  # type: ignore[misc]  # allauth ships no types
    def is_open_for_signup(self, request: HttpRequest, sociallogin: SocialLogin) -> bool:
        return True

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Take over name and address. Some providers say `"false"` in words, which would count as true."""
        for address in sociallogin.email_addresses:
            address.verified = address.verified is True or str(address.verified).lower() == "true"
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
        self, request: HttpRequest, provider: Any, *, extra_context: dict[str, Any], **said: Any
    ) -> None:
        """Say in the page's words why it did not work; `exception` may quote the provider, and is not written down."""
        exception = said.get("exception")
        answered = "error" in request.GET or isinstance(exception, (OAuth2Error, *GARBLED))
        why = "refused" if answered else "unreachable" if isinstance(exception, OSError) else "stale"
        log.warning("oidc_failed", why=why, error=type(exception).__name__, told=request.GET.get("error", "")[:80])
        extra_context["why"] = why


class OpenIdAdapter(OpenIDConnectOAuth2Adapter):  # type: ignore[misc]
    """allauth's, for which a provider that talks nonsense is one that refuses."""

    def ask(self) -> None:
        """Fetch what the provider says of itself, and keep it. Raises one of TROUBLE."""
        itemgetter("token_endpoint", "userinfo_endpoint")(self.openid_config)

    def complete_login(self, *args: Any, **kwargs: Any) -> SocialLogin:
        try:
            login = super().complete_login(*args, **kwargs)
            told = login.account.extra_data
            # OpenID Connect Core 1.0, 5.3.2: or else the user info may be somebody else's.
            if told["userinfo"]["sub"] != told["id_token"]["sub"]:
                raise OAuth2Error("sub")
        except GARBLED as error:
            raise OAuth2Error(type(error).__name__) from error
        return login


@login_not_required
@require_POST
def sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider, by a page and not by a redirect.

    A redirect after a form would have to be allowed by the CSP's form-action, for every address on the provider's way.
    """
    provider = _provider(request, provider_id)
    try:
        answer = provider.redirect(request, AuthProcess.LOGIN, next_url=get_next_redirect_url(request))
    except TROUBLE as error:
        answer = render_authentication_error(request, provider, exception=error)
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "socialaccount/going.html", {"provider": provider, "there": answer.url})
    failed: HttpResponse = answer
    return failed


@login_not_required
@require_safe
def come_back(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends people back to."""
    provider, adapter = _provider(request, provider_id), OpenIdAdapter(request, provider_id)
    try:
        adapter.ask()
    except TROUBLE as error:
        failed: HttpResponse = render_authentication_error(request, provider, exception=error)
        return failed
    answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    return answer


def _provider(request: HttpRequest, provider_id: str) -> Any:
    try:
        return get_adapter(request).get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
