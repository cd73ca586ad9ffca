"""The person's own page and preferences; signing in is allauth's."""

from typing import Any, cast

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from hubportal.accounts.forms import NameForm
from hubportal.accounts.models import Theme, User


@require_http_methods(["GET", "HEAD", "POST"])
def you(request: HttpRequest) -> HttpResponse:
    """All that is the person's own, in one place; a POST changes the name."""
    user = cast(User, request.user)
    form = NameForm(request.POST if request.method == "POST" else None, instance=user)
    if form.is_bound and form.is_valid():
        user.save(update_fields=["name"])
        messages.success(request, _("Your name is saved."))
        return redirect("accounts:you")
    return render(request, "account/you.html", {"form": form, **_ways_in(user)}, status=422 if form.is_bound else 200)


def _ways_in(user: User) -> dict[str, Any]:
    steps = list(Authenticator.objects.filter(user=user))
    return {
        "new_address": EmailAddress.objects.get_new(user),
        "has_app": any(step.type == Authenticator.Type.TOTP for step in steps),
        "passkeys": sum(step.type == Authenticator.Type.WEBAUTHN for step in steps),
        "codes": next((step for step in steps if step.type == Authenticator.Type.RECOVERY_CODES), None),
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
