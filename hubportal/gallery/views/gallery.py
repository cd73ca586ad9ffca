"""The page of pictures, and its months."""

from django.http import HttpResponse
from django.shortcuts import render
from django_htmx.http import replace_url, trigger_client_event

from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.months import years_of
from hubportal.gallery.page import GalleryPage
from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

# Parts of gallery.html, by the element they go to.
FOUND, MORE = "#found", "#more"
PARTS = {"found": FOUND, "pictures": MORE}


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
    part = PARTS.get(request.htmx.target or "", "")
    page = GalleryPage(form, below_another=part == MORE)
    context = {"form": form, "page": page, "part": part}
    response = render(request, f"gallery/gallery.html{part}", context, status=form.status)
    if part == MORE:
        trigger_client_event(response, "announce", {"value": page.addition})
    elif part == FOUND:
        trigger_client_event(response, "announce", {"value": page.number})
        replace_url(response, request.path + form.address())
    return response
