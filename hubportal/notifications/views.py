"""What a person was told, what they choose to be told, and the link that stops e-mails."""

import uuid
from typing import Any, cast

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from hubportal.accounts.models import User
from hubportal.listing.filters import ListPage
from hubportal.listing.pagination import page_of
from hubportal.notifications.events import EVENTS, Channel, offered_channels
from hubportal.notifications.models import Notification
from hubportal.notifications.preferences import offered_events, save_choices, stop, wanted_choices
from hubportal.notifications.push_encryption import public_key
from hubportal.notifications.unsubscribing import read_token
from hubportal.notifications.wording import sentences_of

PAGE_SIZE = 50


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What the person was told, newest first."""
    told = Notification.objects.in_bar_of(request.user.pk).select_related("team")
    page = page_of(told, request.GET.get("cursor", ""), PAGE_SIZE)
    newer, older = (cursor and f"?cursor={cursor}" for cursor in (page.newer, page.older))
    shown = ListPage(page.items, newer, older)
    context = {"page": shown, "told": [(one, sentences_of(one)) for one in shown.items]}
    return render(request, "notifications/index.html", context)


@require_safe
def follow(request: HttpRequest, pk: uuid.UUID) -> HttpResponse:
    """Lead to what a notification is about; it is read now."""
    found = get_object_or_404(Notification.objects.in_bar_of(request.user.pk), pk=pk)
    Notification.objects.filter(pk=found.pk).mark_read()
    return redirect(found.link)


@require_POST
def mark_all_read(request: HttpRequest) -> HttpResponse:
    Notification.objects.filter(user=request.user.pk, in_bar=True).mark_read()
    return redirect("notifications:index")


@require_http_methods(["GET", "HEAD", "POST"])
def choices(request: HttpRequest) -> HttpResponse:
    """GET: of what the person is told, and by which way. POST: as they want it from now on."""
    user = cast(User, request.user)
    events, ways = offered_events(user), offered_channels()
    if request.method == "POST":
        ticked = set(request.POST.getlist("wanted"))
        wanted = {(one, way) for one in events for way in ways if _field(one.code, way) in ticked}
        save_choices(user, events, wanted)
        messages.success(request, _("Your choices are saved."))
        return redirect("notifications:choices")
    wanted = wanted_choices(user, events)
    rows = [
        {
            "event": event,
            "cells": [
                {"channel": way, "value": _field(event.code, way), "wanted": (event, way) in wanted} for way in ways
            ],
        }
        for event in events
    ]
    return render(request, "notifications/choices.html", {"rows": rows, "channels": ways, **_push_context()})


def _push_context() -> dict[str, str]:
    """The key that browsers subscribe with; "" where this site tells none."""
    return {"push_key": public_key(settings.VAPID_PRIVATE_KEY) if settings.VAPID_PRIVATE_KEY else ""}


def _field(event_code: str, channel: Channel) -> str:
    return f"{event_code}:{channel.value}"


# A mail program posts without cookie or token (RFC 8058, 3.1): the signature in the address is what it has.
@csrf_exempt
@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def unsubscribe(request: HttpRequest, token: str) -> HttpResponse:
    """GET: asks whether e-mails about this are to stop, since programs open links by themselves. POST: stops them."""
    found = read_token(token)
    event = EVENTS.get(found[1]) if found else None
    person = User.objects.filter(pk=found[0]).first() if found else None
    if event is None or person is None:
        raise Http404
    if request.method == "POST":
        stop(person.pk, event.code, Channel.EMAIL)
    context: dict[str, Any] = {"event": event, "person": person, "stopped": request.method == "POST"}
    return render(request, "notifications/unsubscribe.html", context)
