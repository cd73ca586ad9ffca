"""The notice above every page while the hub is a sandbox: a person may close it, for their own browser."""

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

CLOSED_FOR = timedelta(days=365)


@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """Don't show it to this person in this browser any more. A page with scripts stays as it is."""
    back = request.META.get("HTTP_REFERER", "")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponse() if request.headers.get("HX-Request") else redirect(back if safe else "home")
    response.set_cookie(
        settings.NOTICE_COOKIE_NAME,
        str(request.user.pk),
        max_age=CLOSED_FOR,
        secure=request.is_secure(),
        httponly=True,
        samesite="Lax",
    )
    return response
