"""What sign-in pages, which are allauth's, should answer here; and the zone of the person's times."""

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.template.response import TemplateResponse
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_htmx.middleware import HtmxDetails

from hubportal.accounts.time_zones import zone_of
from hubportal.accounts.two_factor import AuthenticatorUnreadableError


class SignInForHtmxMiddleware:
    """Turn a redirect to the sign-in page into a whole-page one when htmx asked.

    htmx would follow an ordinary redirect and put the sign-in page inside a card; after signing in the
    person comes back to the page they were on, not to the fragment.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        htmx: HtmxDetails = request.htmx  # type: ignore[attr-defined]
        leads_to_sign_in = response.headers.get("Location", "").startswith(resolve_url(settings.LOGIN_URL))
        if htmx and response.status_code == 302 and leads_to_sign_in:
            here = htmx.current_url_abs_path or "/"
            return HttpResponseClientRedirect(redirect_to_login(here).url)
        return response


class TimeZoneMiddleware:
    """Render pages in the zone the person chose (hubportal/html_time.py); in the site's where they chose none.

    Pages that need no sign-in don't ask who it is: /healthz must not need the database.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        try:
            return self.get_response(request)
        finally:
            timezone.deactivate()

    def process_view(self, request: HttpRequest, view: Callable[..., Any], args: object, kwargs: object) -> None:
        if getattr(view, "login_required", True) and request.user.is_authenticated:
            timezone.activate(zone_of(request.user.time_zone) or timezone.get_default_timezone())


class RefusedFormsMiddleware:
    """Answer 422 where a form came back with errors (interface.md, Words); allauth answers 200."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        shown = response.context_data or {}
        forms = [form for name in ("form", "webauthn_form") if (form := shown.get(name)) is not None]
        if response.status_code == 200 and any(form.errors for form in forms):
            response.status_code = 422
        return response


class UnreadableAuthenticatorMiddleware:
    """Answer 503 with a sentence where a page, unlike a form, needs a second step that this KEYRING doesn't decrypt."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        return self.get_response(request)

    def process_exception(self, request: HttpRequest, exception: Exception) -> HttpResponse | None:
        if isinstance(exception, AuthenticatorUnreadableError):
            return render(request, "mfa/unreadable.html", {"words": exception.message}, status=503)
        return None
