"""The collections that a picture is in, and putting it into one; and all that people put on it, for the lightbox."""

import uuid

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django_htmx.http import trigger_client_event

from hubportal.gallery.collections.changes import make_collection
from hubportal.gallery.collections.forms import PutInForm
from hubportal.gallery.collections.order import (
    CollectionGone,
    PrivatePictureError,
    add_to_collection,
    take_from_collection,
)
from hubportal.gallery.collections.pages import collections_with, find_collection
from hubportal.gallery.collections.wording import PRIVATE_PICTURE, collection_refused
from hubportal.gallery.queries import stored_pictures
from hubportal.gallery.tags.forms import AddTagsForm
from hubportal.gallery.tags.tagging import tags_on
from hubportal.gallery.views.collections import REFUSED
from hubportal.generations.models import Image, Visibility
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK)
def picture_labels(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """A picture's tags and collections, as a part of a page."""
    image = _get_image(request, pk)
    context = {"image": image, "tags": tags_on(image), "form": AddTagsForm(request.team, image.pk)}
    return render(request, "gallery/_labels.html", context | collection_context(request, image))


@team_view(Permission.LOOK, methods=("GET", "POST"))
def picture_collections(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: the collections it is in. POST: put it into `collection`, or take it out of `remove` (an id).

    `collection` is a name or an id; one that there isn't yet is made. Both take a role that makes pictures.
    """
    image = _get_image(request, pk)
    if request.method != "POST":
        return _of_picture(request, image)
    request.membership.require(Permission.SUBMIT)
    return _take_out(request, image) if "remove" in request.POST else _put_in(request, image)


def _put_in(request: TeamRequest, image: Image) -> HttpResponse:
    form = PutInForm(request.team, image.pk, request.POST)
    if form.is_valid():
        name = form.cleaned_data["collection"]
        try:
            if image.generation.visibility != Visibility.TEAM:
                raise PrivatePictureError
            found = find_collection(request.team, name) or make_collection(request.team, name, actor=request.actor)
            add_to_collection(found, image)
        except PrivatePictureError:
            form.add_error("collection", PRIVATE_PICTURE)
        except (*REFUSED, CollectionGone) as error:
            form.add_error("collection", collection_refused(error))
        else:
            return _changed(request, image, _("It is in the collection {collection}.").format(collection=found))
    return _of_picture(request, image, form)


def _take_out(request: TeamRequest, image: Image) -> HttpResponse:
    found = find_collection(request.team, request.POST["remove"])
    if found is None:
        raise Http404
    try:
        take_from_collection(found, image)
    except CollectionGone:
        raise Http404 from None
    return _changed(request, image, _("It is no longer in the collection {collection}.").format(collection=found))


def _changed(request: TeamRequest, image: Image, said: str) -> HttpResponse:
    if not request.htmx:
        return redirect(reverse("gallery:picture", args=[request.team.slug, image.pk]) + "#collections")
    return trigger_client_event(_of_picture(request, image), "announce", {"value": said})


def _of_picture(request: TeamRequest, image: Image, form: PutInForm | None = None) -> HttpResponse:
    """The part of a page that has a picture's collections, or a page of its own with it."""
    template = "gallery/_collections.html" if request.htmx else "gallery/picture_collections.html"
    context = {"image": image, **collection_context(request, image, form)}
    return render(request, template, context, status=422 if form else 200)


def collection_context(request: TeamRequest, image: Image, form: PutInForm | None = None) -> dict[str, object]:
    """What _collections.html shows of a picture."""
    return {"collections": collections_with(image), "put_in": form or PutInForm(request.team, image.pk)}


def _get_image(request: TeamRequest, pk: uuid.UUID) -> Image:
    return get_object_or_404(stored_pictures(request.membership).select_related("generation"), pk=pk)
