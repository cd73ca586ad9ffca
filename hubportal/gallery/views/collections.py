"""The pages of collections, and what is done with one. Each change is a resource of its own."""

import uuid
from typing import Any

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubportal.gallery.collections.changes import (
    CollectionExistsError,
    TooManyCollections,
    change_collection,
    choose_cover,
    delete_collection,
    make_collection,
)
from hubportal.gallery.collections.forms import CollectionForm, MoveForm
from hubportal.gallery.collections.order import (
    CollectionGone,
    NotInCollection,
    move_in_collection,
    take_from_collection,
)
from hubportal.gallery.collections.pages import (
    COUNT_TO,
    CollectionPage,
    count_pictures,
    is_shown_to,
    suggest_collections,
)
from hubportal.gallery.collections.wording import collection_refused
from hubportal.gallery.models import Collection
from hubportal.gallery.page import GalleryItem
from hubportal.gallery.wording import number_of_pictures
from hubportal.generations.models import Image
from hubportal.listing.pagination import page_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

PAGE_SIZE = 60
REFUSED = (ValidationError, CollectionExistsError, TooManyCollections)


@team_view(Permission.LOOK, methods=("GET", "POST"))
def collections(request: TeamRequest) -> HttpResponse:
    """GET: the team's collections, the newest first. POST: make one (which takes a role that makes pictures)."""
    if request.method != "POST":
        return _list(request)
    request.membership.require(Permission.SUBMIT)
    form = CollectionForm(request.POST)
    if form.is_valid():
        try:
            made = make_collection(request.team, **form.cleaned_data, actor=request.actor)
        except REFUSED as error:
            form.add_error("name", collection_refused(error))
        else:
            return redirect("gallery:collection", team=request.team.slug, pk=made.pk)
    return _list(request, status=422, form=form)


def _list(request: TeamRequest, status: int = 200, form: Form | None = None) -> HttpResponse:
    live = Collection.objects.live().filter(team=request.team).select_related("cover__generation")
    page = page_of(live, request.GET.get("cursor", ""), PAGE_SIZE)
    covers = {one.pk: one.cover for one in page.items if is_shown_to(one.cover, request.membership)}
    newer, older = (cursor and f"?cursor={cursor}" for cursor in (page.newer, page.older))
    context = {
        "items": [(one, covers.get(one.pk)) for one in page.items],
        "page": {"newer": newer, "older": older},
        "form": form or CollectionForm(),
    }
    return render(request, "gallery/collections.html", context, status=status)


@team_view(Permission.LOOK)
def suggestions(request: TeamRequest) -> HttpResponse:
    """Completions of what somebody types into a field for a collection."""
    names = suggest_collections(request.team, request.GET.get("collection", ""))
    return render(request, "gallery/_tag_suggestions.html", {"names": names})


@team_view(Permission.LOOK, methods=("GET", "POST"))
def collection(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: its pictures in their order; with `arrange`, what moves them. POST: give it a name and a description."""
    found = _get_collection(request, pk)
    if request.method != "POST":
        return _page(request, found)
    request.membership.require(Permission.SUBMIT)
    form = CollectionForm(request.POST)
    if form.is_valid():
        try:
            change_collection(found, **form.cleaned_data, actor=request.actor)
        except CollectionGone:
            raise Http404 from None
        except REFUSED as error:
            form.add_error("name", collection_refused(error))
        else:
            messages.success(request, _("Saved."))
            return redirect("gallery:collection", team=request.team.slug, pk=pk)
    return _page(request, found, status=422, form=form)


def _page(request: TeamRequest, collection: Collection, status: int = 200, form: Form | None = None) -> HttpResponse:
    after, before = (_read_position(request.GET.get(name, "")) for name in ("after", "before"))
    page = CollectionPage(collection, request.membership, after, before)
    if not page.items and (after is not None or before is not None):
        page = CollectionPage(collection, request.membership)
    counted = count_pictures(collection, request.membership)
    arrange = "arrange" in request.GET and request.membership.has_permission(Permission.SUBMIT)
    context: dict[str, Any] = {
        "collection": collection,
        "page": page,
        "number": number_of_pictures(counted.number, COUNT_TO if counted.is_whole else counted.number - 1),
        "items": [GalleryItem.of(image, {}) for image in page.items],
        "arrange": arrange,
        "arranged": page.arranged() if arrange else [],
        "at": _place_of_page(request),
        "form": form or CollectionForm(initial={"name": collection.name, "description": collection.description}),
    }
    return render(request, "gallery/collection.html", context, status=status)


def _read_position(text: str) -> int | None:
    """A position from an address; None for what is none."""
    return int(text) if text.removeprefix("-").isdecimal() and text.isascii() and len(text) < 19 else None


@team_view(Permission.SUBMIT, methods=("POST",))
def order(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Move one picture before or after another one."""
    found, form = _get_collection(request, pk), MoveForm(request.POST)
    if not form.is_valid():
        return HttpResponse(status=422)
    image, after, other = form.cleaned_data["move"]
    try:
        move_in_collection(found, image, other, after=after)
    except (CollectionGone, NotInCollection):
        raise Http404 from None
    return _arranged(request, found, image)


@team_view(Permission.SUBMIT, methods=("POST",))
def cover(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Let one of its pictures stand for it."""
    found = _get_collection(request, pk)
    image = _get_image(request)
    try:
        if not choose_cover(found, image):
            raise Http404
    except CollectionGone:
        raise Http404 from None
    return _arranged(request, found, image.pk)


@team_view(Permission.SUBMIT, methods=("POST",))
def taking_out(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take a picture out of it."""
    found = _get_collection(request, pk)
    try:
        take_from_collection(found, _get_image(request))
    except CollectionGone:
        raise Http404 from None
    return _arranged(request, found)


@team_view(Permission.SUBMIT, methods=("POST",))
def removal(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Delete it; its pictures stay."""
    found = _get_collection(request, pk)
    try:
        delete_collection(found, actor=request.actor)
    except CollectionGone:
        raise Http404 from None
    messages.success(request, _("{collection} is deleted. Its pictures stay in the gallery.").format(collection=found))
    return redirect("gallery:collections", team=request.team.slug)


def _get_collection(request: TeamRequest, pk: uuid.UUID) -> Collection:
    return get_object_or_404(Collection.objects.live().select_related("team"), pk=pk, team=request.team)


def _get_image(request: TeamRequest) -> Image:
    """The picture that the form names, if this person sees it."""
    try:
        pk = uuid.UUID(request.POST.get("image", ""))
    except ValueError:
        raise Http404 from None
    image = Image.objects.select_related("generation").filter(pk=pk, team=request.team).first()
    if image is None or not is_shown_to(image, request.membership):
        raise Http404
    return image


def _arranged(request: TeamRequest, collection: Collection, image: uuid.UUID | None = None) -> HttpResponse:
    """Back to where it is arranged: the page with the same pictures, at the one that was moved."""
    here = reverse("gallery:collection", args=[request.team.slug, collection.pk])
    at = _place_of_page(request).replace("?", "&")
    return redirect(f"{here}?arrange{at}{f'#picture-{image}' if image else ''}")


def _place_of_page(request: TeamRequest) -> str:
    """Where the page of pictures begins, as an address says it; "" for the first."""
    asked = ((name, _read_position(request.GET.get(name, ""))) for name in ("after", "before"))
    return next((f"?{name}={position}" for name, position in asked if position is not None), "")
