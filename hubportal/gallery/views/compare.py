"""Pictures beside each other."""

from django.http import Http404, HttpResponse
from django.shortcuts import render

from hubportal.gallery.comparison import Comparison
from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK)
def compare(request: TeamRequest) -> HttpResponse:
    """The pictures of the address (`image`, up to four); 422 where not all of them can be shown, 404 where none can."""
    asked = request.GET.getlist("image")
    comparison = Comparison(request.membership, hub_of(request).models, asked)
    if asked and not comparison.images:
        raise Http404
    # Two lie on each other where the address says so.
    slides = len(comparison.images) == 2 and request.GET.get("view") == "slider"
    context = {"comparison": comparison, "slides": slides}
    return render(request, "gallery/compare.html", context, status=422 if comparison.problems else 200)
