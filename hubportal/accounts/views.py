"""Preferences of the person; signing in is allauth's."""

from typing import cast

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from hubportal.accounts.models import Theme, User


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
