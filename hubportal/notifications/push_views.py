"""A browser that wants to be told, or no longer; and the script that shows what it is told."""

from pathlib import Path
from typing import cast

from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.utils.csp import CSP
from django.views.decorators.cache import cache_control
from django.views.decorators.csp import csp_override
from django.views.decorators.http import require_POST, require_safe

from hubportal.accounts.models import User
from hubportal.notifications.models import PushSubscription
from hubportal.notifications.push_forms import BrowserForm

MAX_BROWSERS = 20  # of one person; the oldest go first


@require_POST
def subscribe(request: HttpRequest) -> HttpResponse:
    """Tell this browser what its person is told. It is nobody else's any more."""
    form = BrowserForm(request.POST)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=422)
    keys = {name: form.cleaned_data[name] for name in ("p256dh", "auth")}
    PushSubscription.objects.update_or_create(
        endpoint=form.cleaned_data["endpoint"],
        defaults={"user": cast(User, request.user), "session_key": request.session.session_key or "", **keys},
    )
    kept = PushSubscription.objects.filter(user=request.user.pk).order_by("-created_at", "-pk")
    PushSubscription.objects.filter(pk__in=list(kept.values_list("pk", flat=True)[MAX_BROWSERS:])).delete()
    return HttpResponse(status=204)


@require_POST
def unsubscribe(request: HttpRequest) -> HttpResponse:
    """This browser is told nothing any more."""
    PushSubscription.objects.filter(user=request.user.pk, endpoint=request.POST.get("endpoint", "")).delete()
    return HttpResponse(status=204)


# At the root, since a worker sees to nothing above the folder it comes from. It asks nobody for anything.
@csp_override({"default-src": [CSP.NONE]})
@login_not_required
@cache_control(max_age=0, must_revalidate=True)
@require_safe
def service_worker(_request: HttpRequest) -> HttpResponse:
    return HttpResponse(_SCRIPT, content_type="text/javascript; charset=utf-8")


_SCRIPT = (Path(__file__).parent / "service_worker.js").read_bytes()
