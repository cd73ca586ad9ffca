"""The wall, and the door the bytes go out by."""

import uuid
from typing import cast

from django.http import Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe
from django_htmx.http import replace_url, trigger_client_event

from hubportal.accounts.models import User
from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.media import find_stored_file
from hubportal.gallery.page import GalleryPage
from hubportal.keys.model_list import models_on_offer
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

# Parts of wall.html, by the element they go to.
FOUND, MORE = "#found", "#more"
PARTS = {"found": FOUND, "wall": MORE}


@require_safe
def media(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponseBase:
    """One stored file, for who may see it; 404 for everybody and everything else."""
    parcel = find_stored_file(cast(User, request.user), pk, kind)
    answer = parcel.answer(request) if parcel else None
    if answer is None:
        raise Http404
    return answer


@team_view(Permission.LOOK)
def wall(request: TeamRequest) -> HttpResponse:
    """The team's pictures, newest first. htmx gets the part it asked for: other pictures, or more of them."""
    form = GalleryFilterForm(request.membership, models_on_offer(), request.GET)
    part = PARTS.get(request.htmx.target or "", "")
    template = f"gallery/wall.html{part}"
    if not form.is_valid():
        return render(request, template, {"form": form, "part": part}, status=422)
    shown = GalleryPage(form, request.GET.get("cursor", ""))
    response = render(request, template, {"form": form, "wall": shown, "part": part})
    if part == MORE:
        trigger_client_event(response, "announce", {"value": shown.addition})
    elif part == FOUND:
        trigger_client_event(response, "announce", {"value": shown.number})
        replace_url(response, request.path + form.address())
    return response
