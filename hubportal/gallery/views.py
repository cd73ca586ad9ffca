"""The gallery, and the files themselves."""

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
from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

# Parts of gallery.html, by the element they go to.
FOUND, MORE = "#found", "#more"
PARTS = {"found": FOUND, "pictures": MORE}


@require_safe
def media(request: HttpRequest, pk: uuid.UUID, kind: str) -> HttpResponseBase:
    """One stored file, for who may see it; 404 for everybody and everything else."""
    stored = find_stored_file(cast(User, request.user), pk, kind)
    response = stored.response_to(request) if stored else None
    if response is None:
        raise Http404
    return response


@team_view(Permission.LOOK)
def gallery(request: TeamRequest) -> HttpResponse:
    """The team's pictures, newest first. htmx gets the part it asked for: other pictures, or more of them."""
    form = GalleryFilterForm(request.membership, hub_of(request).models, request.GET)
    page = GalleryPage(form)
    part = PARTS.get(request.htmx.target or "", "")
    context = {"form": form, "page": page, "part": part}
    response = render(request, f"gallery/gallery.html{part}", context, status=form.status)
    if part == MORE:
        trigger_client_event(response, "announce", {"value": page.addition})
    elif part == FOUND:
        trigger_client_event(response, "announce", {"value": page.number})
        replace_url(response, request.path + form.address())
    return response
