"""Deleting a picture, restoring it, and the page of what is in the bin."""

import uuid

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from hubportal.gallery.picture_bin import NotInBin, bin_image, may_delete, pictures_in_bin, restore_image
from hubportal.gallery.queries import stored_pictures
from hubportal.generations.models import Image
from hubportal.listing.pagination import page_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

PAGE_SIZE = 60


@team_view(Permission.DELETE, methods=("POST",))
def deletion(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Move a picture to the bin, and offer to undo it. The lightbox (htmx) stays where it is."""
    pictures = stored_pictures(request.membership).select_related("generation", "team")
    image = get_object_or_404(pictures, pk=pk)
    if not may_delete(request.membership, image):
        raise PermissionDenied
    bin_image(image, request.actor)
    if request.htmx:
        return _said(request, image, "binned")
    undo = reverse("gallery:restoration", args=[request.team.slug, image.pk])
    messages.success(request, _("Moved to the bin."), extra_tags=undo)
    if request.POST.get("back") == "generation":
        return redirect("generations:detail", team=request.team.slug, pk=image.generation_id)
    return redirect("gallery:index", team=request.team.slug)


@team_view(Permission.DELETE, methods=("POST",))
def restoration(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a picture out of the bin."""
    deleted = Image.objects.filter(pk=pk, team=request.team).select_related("generation", "team").first()
    if deleted is None or not may_delete(request.membership, deleted):
        raise Http404
    try:
        restore_image(deleted, request.actor)
    except NotInBin:
        if deleted.purged_at or deleted.kept_at is None:
            raise Http404 from None
    if request.htmx:
        return _said(request, deleted, "restored")
    messages.success(request, _("The picture is back where it was."))
    return redirect("gallery:picture", team=request.team.slug, pk=deleted.pk)


def _said(request: TeamRequest, image: Image, happened: str) -> HttpResponse:
    """What the lightbox says in place of a message, and the event for its script."""
    response = render(request, "gallery/_said.html", {"image": image, "happened": happened})
    return trigger_client_event(response, happened, {"image": str(image.pk)}, after="swap")


@team_view(Permission.DELETE)
def bin_page(request: TeamRequest) -> HttpResponse:
    """The deleted pictures that this person may restore, the last deleted first."""
    deleted = pictures_in_bin(request.membership).select_related("generation__author", "binned_by")
    page = page_of(deleted, request.GET.get("cursor", ""), PAGE_SIZE, time="binned_at")
    newer, older = (cursor and f"?cursor={cursor}" for cursor in (page.newer, page.older))
    return render(request, "gallery/bin.html", {"items": page.items, "page": {"newer": newer, "older": older}})
