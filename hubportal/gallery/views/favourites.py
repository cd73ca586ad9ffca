"""Marking a picture as one's favourite, and taking the mark away."""

import uuid

from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django_htmx.http import trigger_client_event

from hubportal.gallery.favourites import mark_favourite, unmark_favourite
from hubportal.gallery.queries import stored_pictures
from hubportal.generations.models import Image
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK, methods=("POST", "DELETE"))
def favourite(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """POST marks it; DELETE, or POST with `remove=1`, takes the mark away. A script only turns its hearts."""
    image = get_object_or_404(stored_pictures(request.membership), pk=pk)
    is_marked = request.method == "POST" and request.POST.get("remove") != "1"
    (mark_favourite if is_marked else unmark_favourite)(image, request.user)
    if request.htmx:
        detail = {"image": str(image.pk), "marked": is_marked}
        return trigger_client_event(HttpResponse(status=204), "favourite", detail)
    return HttpResponse(status=204) if request.method == "DELETE" else redirect(_page_before(request, image))


def _page_before(request: TeamRequest, image: Image) -> str:
    """The page of this site that the heart was on, at the picture; the picture's own where it isn't known."""
    back = request.META.get("HTTP_REFERER", "")
    if url_has_allowed_host_and_scheme(back, {request.get_host()}, require_https=request.is_secure()):
        return f"{back.partition('#')[0]}#picture-{image.pk}"
    return reverse("gallery:picture", args=[request.team.slug, image.pk])
