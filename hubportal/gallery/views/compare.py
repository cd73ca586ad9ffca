"""Pictures beside each other."""

from itertools import islice
from urllib.parse import urlencode

from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse

from hubportal.gallery.comparison import MAX_PICTURES, Comparison
from hubportal.gallery.selection import wording
from hubportal.gallery.selection.selections import Selected, SelectionVoid, find_selection
from hubportal.gallery.views.selections import refusal
from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK, methods=("GET", "POST"))
def compare(request: TeamRequest) -> HttpResponse:
    """The pictures of the address (`image`, up to four); 422 where not all of them can be shown, 404 where none can.

    POST, with `image` or `selection`, leads to that address.
    """
    if request.method == "POST":
        return _lead_to_chosen(request)
    asked = request.GET.getlist("image")
    comparison = Comparison(request.membership, hub_of(request).models, asked)
    if asked and not comparison.images:
        raise Http404
    # Two lie on each other where the address says so.
    slides = len(comparison.images) == 2 and request.GET.get("view") == "slider"
    context = {"comparison": comparison, "slides": slides}
    return render(request, "gallery/compare.html", context, status=422 if comparison.problems else 200)


def _lead_to_chosen(request: TeamRequest) -> HttpResponse:
    """One more than can be compared, so that the page says so."""
    chosen = request.POST.getlist("image")[: MAX_PICTURES + 1]
    if "selection" in request.POST:
        selection = find_selection(request.membership, request.POST["selection"])
        if selection is None:
            raise Http404
        try:
            selected = islice(Selected.of(selection, request.membership), MAX_PICTURES + 1)
            chosen = [str(image.pk) for image in selected]
        except SelectionVoid:
            return refusal(request, wording.selection_void())
    if not chosen:
        return refusal(request, wording.nothing_selected())
    page = reverse("gallery:compare", args=[request.team.slug])
    return redirect(f"{page}?{urlencode({'image': chosen}, doseq=True)}")
