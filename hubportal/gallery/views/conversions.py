"""A picture in another format: asking for it, seeing whether it is made, and the file."""

import uuid

from django.http import Http404, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hubportal.gallery.conversion.forms import FORMAT_NAMES, ConversionForm
from hubportal.gallery.conversion.requests import TooManyWaiting, ask_for_conversion
from hubportal.gallery.filenames import content_disposition
from hubportal.gallery.media import StoredFile
from hubportal.gallery.models import Conversion, ConversionState
from hubportal.gallery.queries import stored_pictures
from hubportal.imaging import CONVERSIONS
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK, methods=("GET", "POST"))
def formats(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """The formats and sizes that a picture can be had in."""
    pictures = stored_pictures(request.membership).select_related("generation", "team")
    image = get_object_or_404(pictures, pk=pk)
    form = ConversionForm(image, request.POST if request.method == "POST" else None)
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data
        try:
            made = ask_for_conversion(image, chosen["format"], chosen["side"], request.user)
            # One that is there already is downloaded at once, and the form stays.
            page = "gallery:conversion-file" if made.state == ConversionState.READY else "gallery:conversion"
            return redirect(page, team=request.team.slug, pk=made.pk)
        except TooManyWaiting:
            form.add_error(None, _("You wait for twenty others already. Ask again once some of them are here."))
    context = {"image": image, "form": form}
    return render(request, "gallery/formats.html", context, status=422 if form.errors else 200)


@team_view(Permission.LOOK)
def conversion(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Whether it is made; htmx asks for the part that changes, and nothing is written."""
    found = _find(request, pk)
    part = "#made" if request.htmx else ""
    context = {"conversion": found, "name": FORMAT_NAMES[found.format]}
    return render(request, f"gallery/conversion.html{part}", context)


@team_view(Permission.LOOK)
def file(request: TeamRequest, pk: uuid.UUID) -> HttpResponseBase:
    """The file itself, to be saved."""
    found = _find(request, pk)
    if found.state != ConversionState.READY:
        raise Http404
    content_type, suffix, _options = CONVERSIONS[found.format]
    prompt, place = found.image.generation.prompt, found.image.position + 1
    disposition = content_disposition(prompt, suffix, attachment=True, place=place)
    stored = StoredFile(str(found.file), content_type, etag=f'"{found.pk.hex}"', disposition=disposition)
    response = stored.response_to(request)
    if response is None:
        raise Http404
    return response


def _find(request: TeamRequest, pk: uuid.UUID) -> Conversion:
    """404 for pictures that this person may not see (any more)."""
    seen = stored_pictures(request.membership)
    rows = Conversion.objects.fresh().filter(team=request.team, image__in=seen)
    return get_object_or_404(rows.select_related("image__generation"), pk=pk)
