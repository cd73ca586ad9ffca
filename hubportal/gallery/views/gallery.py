"""The page of pictures, and its months."""

from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import render
from django_htmx.http import replace_url, trigger_client_event

from hubportal.gallery.filters import SELECT, GalleryFilterForm
from hubportal.gallery.months import years_of
from hubportal.gallery.page import GalleryPage
from hubportal.gallery.selection.acts import acts_of
from hubportal.gallery.selection.selections import SelectionVoid, find_selection
from hubportal.gallery.selection.wording import number_selected
from hubportal.gallery.views.selections import number_of
from hubportal.keys.model_list import hub_of
from hubportal.listing.search.rows import Count
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

# Parts of gallery.html, by the element they go to.
FOUND, MORE = "#found", "#more"
PARTS = {"found": FOUND, "pictures": MORE}
SELECTING = "1"


@team_view(Permission.LOOK)
def months(request: TeamRequest) -> HttpResponse:
    """The months of what the filters ask for, each leading to its place in the gallery. htmx gets the list alone."""
    form = GalleryFilterForm(request.membership, hub_of(request).models, request.GET)
    part = "#months" if request.htmx else ""
    return render(request, f"gallery/months.html{part}", {"form": form, "years": years_of(form)}, status=form.status)


@team_view(Permission.LOOK)
def gallery(request: TeamRequest) -> HttpResponse:
    """The team's pictures, newest first. htmx gets the part it asked for: other pictures, or more of them."""
    form = GalleryFilterForm(request.membership, hub_of(request).models, request.GET)
    selecting = _selecting(request, form) if request.GET.get(SELECT) else {}
    part = PARTS.get(request.htmx.target or "", "")
    page = GalleryPage(form, below_another=part == MORE)
    context = {"form": form, "page": page, "part": part, **selecting}
    response = render(request, f"gallery/gallery.html{part}", context, status=form.status)
    if part == MORE:
        trigger_client_event(response, "announce", {"value": page.addition})
    elif part == FOUND:
        trigger_client_event(response, "announce", {"value": page.number})
        replace_url(response, request.path + form.address())
    return response


def _selecting(request: TeamRequest, form: GalleryFilterForm) -> dict[str, Any]:
    """What the page shows while pictures are selected. A selection of other filters than these is given up."""
    form.selecting = SELECTING
    context = {"selecting": True, "selected": number_selected(Count(0, is_whole=True)), "acts": _offered_acts(request)}
    asked = request.GET[SELECT]
    if asked == SELECTING:
        return context
    selection = find_selection(request.membership, asked)
    if selection is None:
        raise Http404
    if selection.query != form.filters_address() or not selection.is_all:
        return context
    try:
        selected = number_of(request, selection)
    except SelectionVoid:
        return context
    form.selecting = str(selection.pk)
    return context | {"selection": selection, "selected": selected}


def _offered_acts(request: TeamRequest) -> list[tuple[Any, list[tuple[str, Any]]]]:
    return [(act, act.offered(request.membership)) for act in acts_of(request.membership)]
