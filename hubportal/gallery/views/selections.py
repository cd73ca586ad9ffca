"""Selecting pictures: all that was found, and taking single ones out of that."""

import uuid
from collections.abc import Sequence

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django_htmx.http import trigger_client_event

from hubportal.gallery.filters import SELECT
from hubportal.gallery.models import Selection
from hubportal.gallery.models.selection import MAX_EXCLUDED, TooManyExcluded
from hubportal.gallery.page import COUNT_TO
from hubportal.gallery.selection import wording
from hubportal.gallery.selection.selections import (
    NotFound,
    Selected,
    SelectionVoid,
    exclude_pictures,
    find_selection,
    select_all,
    select_pictures,
)
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK, methods=("POST",))
def select(request: TeamRequest) -> HttpResponse:
    """Select all that the gallery shows at the address `query`, and go back there."""
    if "query" not in request.POST:
        return refusal(request, wording.nothing_selected())
    try:
        selection = select_all(request.membership, request.POST["query"])
    except SelectionVoid:
        return refusal(request, wording.selection_void())
    return redirect(address_of(request, selection))


@team_view(Permission.LOOK, methods=("POST",))
def exclusions(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take each `image` out of a selection, or put it `back`; of a whole page (`shown`) those without a tick."""
    selection = find_selection(request.membership, pk)
    if selection is None or not selection.is_all:
        raise Http404
    ticked, shown = read_ids(request.POST.getlist("image")), read_ids(request.POST.getlist("shown"))
    try:
        if shown:
            exclude_pictures(selection, request.membership, set(shown) - set(ticked), back=False)
            exclude_pictures(selection, request.membership, set(shown) & set(ticked), back=True)
        else:
            exclude_pictures(selection, request.membership, ticked, back="back" in request.POST)
        number = number_of(request, selection)
    except NotFound:
        raise Http404 from None
    except TooManyExcluded:
        return refusal(request, wording.too_many_excluded(MAX_EXCLUDED))
    except SelectionVoid:
        return refusal(request, wording.selection_void())
    if request.htmx:
        response = render(request, "gallery/_selected_number.html", {"number": number})
        return trigger_client_event(response, "announce", {"value": number})
    return redirect(address_of(request, selection))


def read_ids(texts: Sequence[str]) -> list[uuid.UUID]:
    """The ids of a form; 404 where one is none."""
    try:
        return [uuid.UUID(text) for text in texts]
    except ValueError:
        raise Http404 from None


def selection_asked_for(request: TeamRequest) -> Selection:
    """The selection that a form names, or a new one of the pictures that it names. Raises NothingSelected, or 404."""
    if text := request.POST.get("selection"):
        selection = find_selection(request.membership, text)
        if selection is None:
            raise Http404
        return selection
    try:
        return select_pictures(request.membership, read_ids(request.POST.getlist("image")))
    except NotFound:
        raise Http404 from None


def number_of(request: TeamRequest, selection: Selection) -> str:
    """How many pictures are selected, in words. Raises SelectionVoid."""
    return wording.number_selected(Selected.of(selection, request.membership).count(COUNT_TO + 1))


def address_of(request: TeamRequest, selection: Selection) -> str:
    """The gallery with what is selected."""
    page = reverse("gallery:index", args=[request.team.slug])
    query = selection.query
    return f"{page}{query}{'&' if query else '?'}{SELECT}={selection.pk}"


def refusal(request: TeamRequest, sentence: str) -> HttpResponse:
    return render(request, "gallery/selection_refused.html", {"sentence": sentence}, status=422)
