"""The person's own page, and where allauth's pages do something else here: two-factor, single sign-on, 429.

What every page may know of the person is here too, as a context processor.
"""

from typing import Any, cast

from allauth.account.mixins import NextRedirectMixin
from allauth.account.models import EmailAddress
from allauth.account.utils import get_next_redirect_url
from allauth.mfa.base.views import IndexView
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.views import ViewRecoveryCodesView
from allauth.mfa.totp.views import ActivateTOTPView
from allauth.mfa.webauthn.views import AddWebAuthnView
from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.helpers import render_authentication_error
from allauth.socialaccount.models import SocialApp
from allauth.socialaccount.providers.base import AuthProcess
from allauth.socialaccount.providers.oauth2.views import OAuth2CallbackView
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme, urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubportal.accounts.forms import NameForm, TimeZoneForm
from hubportal.accounts.models import Theme, User
from hubportal.accounts.oidc import PROVIDER_ERRORS, OpenIdAdapter
from hubportal.accounts.oidc_settings import provider_name
from hubportal.accounts.time_zones import offered_zones
from hubportal.accounts.wording import time_zone_saved

# Seconds: every limit that answers with a page counts by the minute (allauth's defaults), so after one there is room.
RATE_LIMIT_INTERVAL = 60


@require_http_methods(["GET", "HEAD", "POST"])
def you(request: HttpRequest) -> HttpResponse:
    """All that is the person's own, in one place; a POST changes the name."""
    user = cast(User, request.user)
    form = NameForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_bound and form.is_valid():
        user.save(update_fields=["name"])
        messages.success(request, _("Your name is saved."))
        return redirect("accounts:you")
    return _own_page(request, form, TimeZoneForm(instance=user))


@require_POST
def change_time_zone(request: HttpRequest) -> HttpResponse:
    """Remember the zone that times are told in; empty for the browser's."""
    user = cast(User, request.user)
    form = TimeZoneForm(request.POST, instance=user)
    if not form.is_valid():
        return _own_page(request, NameForm(instance=user), form)
    user.save(update_fields=["time_zone"])
    messages.success(request, time_zone_saved(user.time_zone))
    return redirect("accounts:you")


def _own_page(request: HttpRequest, name_form: NameForm, zone_form: TimeZoneForm) -> HttpResponse:
    context = {"form": name_form, "zone_form": zone_form, "zones": offered_zones(), **_sign_in_facts(request.user)}
    refused = name_form.is_bound or zone_form.is_bound
    return render(request, "account/you.html", context, status=422 if refused else 200)


def _sign_in_facts(user: Any) -> dict[str, Any]:
    authenticators = list(Authenticator.objects.filter(user=user))
    return {
        "new_address": EmailAddress.objects.get_new(user),
        "has_app": any(one.type == Authenticator.Type.TOTP for one in authenticators),
        "passkeys": sum(one.type == Authenticator.Type.WEBAUTHN for one in authenticators),
        "codes": next((one for one in authenticators if one.type == Authenticator.Type.RECOVERY_CODES), None),
        "sessions": len(UserSession.objects.purge_and_list(user)),
    }


@require_POST
def change_theme(request: HttpRequest) -> HttpResponse:
    """Remember light, dark or the system's choice, and go back to where the person was."""
    theme = request.POST.get("theme", "")
    if theme not in Theme.values:
        return HttpResponse(status=422)
    user = cast(User, request.user)
    user.theme = theme
    user.save(update_fields=["theme"])
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    return redirect(back if safe else "home")


def preferences_context(request: HttpRequest) -> dict[str, Any]:
    """Context processor of every page.

    theme        `light` or `dark` where the person chose one, else empty (the system decides)
    signup_open  whether anybody may make an account
    sign_on      what the provider of single sign-on is called, empty where there is none
    """
    chosen = getattr(getattr(request, "user", None), "theme", Theme.SYSTEM)
    return {
        "theme": "" if chosen == Theme.SYSTEM else chosen,
        "signup_open": settings.SIGNUP == "open",
        "sign_on": provider_name(settings.SOCIALACCOUNT_PROVIDERS),
    }


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """429, with when to try again; allauth finds this as the URL configuration's `handler429`."""
    response = render(request, "429.html", status=429)
    response["Retry-After"] = str(RATE_LIMIT_INTERVAL)
    return response


class NextUrlMixin(NextRedirectMixin):  # type: ignore[misc]  # allauth ships no types
    """Whoever sets up a second step on the way to somewhere (`next`) is led there once it is done.

    allauth's pages end at the list of second steps. The template gets `next_url`, empty where there is none or where
    it leads off this site, and `next_query`, which hands it to the next page.
    """

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        next_url = self.get_next_url()
        next_query = f"?{urlencode({self.redirect_field_name: next_url})}" if next_url else ""
        context: dict[str, Any] = super().get_context_data(**kwargs)
        return context | {"next_url": next_url, "next_query": next_query}


class SetUpMixin(NextUrlMixin):
    """The first second step that is set up brings recovery codes, which nobody may be led past."""

    did_generate_recovery_codes: bool

    def get_success_url(self) -> str:
        if self.did_generate_recovery_codes:
            return str(self.passthrough_next_url(reverse("mfa_view_recovery_codes")))
        return str(super().get_success_url())


class TwoFactorView(NextUrlMixin, IndexView):  # type: ignore[misc]
    pass


class ActivateAppView(SetUpMixin, ActivateTOTPView):  # type: ignore[misc]
    pass


class AddPasskeyView(SetUpMixin, AddWebAuthnView):  # type: ignore[misc]
    pass


class RecoveryCodesView(NextUrlMixin, ViewRecoveryCodesView):  # type: ignore[misc]
    pass


@login_not_required
@require_POST
def oidc_sign_in(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Lead to the provider, by a page and not by a redirect.

    A redirect after a form would have to be allowed by the CSP's form-action, for every address on the provider's way.
    """
    provider = _provider(request, provider_id)
    try:
        answer = provider.redirect(request, AuthProcess.LOGIN, next_url=get_next_redirect_url(request))
    except PROVIDER_ERRORS as error:
        answer = render_authentication_error(request, provider, exception=error)
    if isinstance(answer, HttpResponseRedirect):
        return render(request, "socialaccount/going.html", {"provider": provider, "there": answer.url})
    failed: HttpResponse = answer
    return failed


@login_not_required
@require_safe
def oidc_callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Where the provider sends people back to."""
    provider, adapter = _provider(request, provider_id), OpenIdAdapter(request, provider_id)
    try:
        adapter.fetch_config()
    except PROVIDER_ERRORS as error:
        failed: HttpResponse = render_authentication_error(request, provider, exception=error)
        return failed
    answer: HttpResponse = OAuth2CallbackView.adapter_view(adapter)(request)
    return answer


def _provider(request: HttpRequest, provider_id: str) -> Any:
    try:
        return get_adapter(request).get_provider(request, provider_id)
    except SocialApp.DoesNotExist:
        raise Http404 from None
