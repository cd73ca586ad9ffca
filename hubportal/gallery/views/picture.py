"""One picture, large: what the lightbox shows, as a page with an address of its own."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django.urls import reverse

from hubportal.gallery.lineage import lineage_of
from hubportal.gallery.page import GalleryItem
from hubportal.gallery.queries import stored_pictures
from hubportal.gallery.tags.forms import AddTagsForm
from hubportal.gallery.tags.tagging import tags_on
from hubportal.gallery.views.picture_collections import collection_context
from hubportal.generations.models import Image
from hubportal.keys.model_list import hub_of
from hubportal.listing.pagination import cursor_after, neighbours_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK)
def picture(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """One picture with its facts, the way to those beside it in the gallery, and back to its place there."""
    pictures = stored_pictures(request.membership)
    image = pictures.select_related("generation__author", "generation__project").filter(pk=pk).first()
    if image is None:
        raise Http404
    names = {model.id: model.name for model in hub_of(request).models}
    newer, older = neighbours_of(pictures, image)
    context = {
        "item": GalleryItem.of(image, names).show_prompt(image.generation.prompt),
        "newer": newer,
        "older": older,
        "tags": tags_on(image),
        "form": AddTagsForm(request.team, image.pk),
        **collection_context(request, image),
        "gallery": _place_in_gallery(request, newer),
        "lineage": lineage_of(request.membership, image),
    }
    return render(request, "gallery/picture.html", context)


def _place_in_gallery(request: TeamRequest, newer: Image | None) -> str:
    """The gallery from this picture on: what follows the newer one."""
    page = reverse("gallery:index", args=[request.team.slug])
    return f"{page}?cursor={cursor_after(newer)}" if newer else page
