"""Many pictures as one file: gallery.zip."""

import uuid
from contextlib import ExitStack
from itertools import islice

from django.conf import settings
from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from hubportal.gallery.archive import wording as archive_wording
from hubportal.gallery.archive.packing import NothingChosen, PicturesNotFound, TooManyPictures, pack_pictures
from hubportal.gallery.archive.slots import slots
from hubportal.gallery.archive.stream import PictureArchive
from hubportal.gallery.selection import wording as selection_wording
from hubportal.gallery.selection.selections import Selected, SelectionVoid, find_selection
from hubportal.gallery.views.selections import read_ids
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

RETRY_AFTER = "30"  # seconds


@team_view(Permission.LOOK, methods=("POST",))
def archive(request: TeamRequest) -> HttpResponseBase:
    """The originals of the chosen pictures, streamed; a sentence where none can be had, 404 where one isn't theirs."""
    try:
        pks = _chosen(request)
    except SelectionVoid:
        return _refusal(request, selection_wording.selection_void(), 422)
    person = request.user.pk
    if not slots.take(person):
        return _refusal(request, archive_wording.too_many_downloads(), 503)
    with ExitStack() as stack:
        stack.callback(slots.give_back, person)
        try:
            packed = pack_pictures(request.membership, pks, request.actor)
        except NothingChosen:
            return _refusal(request, archive_wording.nothing_to_download(), 422)
        except TooManyPictures:
            return _refusal(request, archive_wording.too_many_to_download(settings.MAX_ARCHIVE_PICTURES), 422)
        except PicturesNotFound:
            raise Http404 from None
        packed.when_closed(stack.pop_all().close)
    return _respond(packed, f"{request.team.slug}-{timezone.localdate()}.zip")


def _chosen(request: TeamRequest) -> list[uuid.UUID]:
    """The pictures that are named, or those of a selection; one more at most than an archive may hold."""
    if "selection" not in request.POST:
        return read_ids(request.POST.getlist("image"))
    selection = find_selection(request.membership, request.POST["selection"])
    if selection is None:
        raise Http404
    selected = Selected.of(selection, request.membership)
    return [image.pk for image in islice(selected, settings.MAX_ARCHIVE_PICTURES + 1)]


def _respond(packed: PictureArchive, name: str) -> StreamingHttpResponse:
    headers = {
        "Content-Length": str(packed.length),
        "Content-Disposition": f'attachment; filename="{name}"',
        "Cache-Control": "private, no-store",
    }
    # Whoever serves the response closes it, and so the archive, also when the reader goes away in the middle.
    return StreamingHttpResponse(packed, content_type="application/zip", headers=headers)


def _refusal(request: TeamRequest, sentence: str, status: int) -> HttpResponse:
    response = render(request, "gallery/archive_refused.html", {"sentence": sentence}, status=status)
    if status == 503:
        response["Retry-After"] = RETRY_AFTER
    return response
