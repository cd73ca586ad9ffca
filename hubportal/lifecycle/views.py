"""The list of private pictures left behind, and their deletion. No page here shows any of them."""

from django.contrib import messages
from django.db import transaction
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from hubportal.generations.wording.orders import figure
from hubportal.lifecycle.audit_actions import ExMemberAction
from hubportal.lifecycle.ex_members import LeftBehind, delete_left_behind, left_behind, left_behind_by
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.MANAGE_MEMBERS)
def everybody(request: TeamRequest) -> HttpResponse:
    return render(request, "lifecycle/left_behind.html", {"people": left_behind(request.team)})


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def one(request: TeamRequest, person: int) -> HttpResponse:
    """GET: what deleting means. POST: delete what this person left behind."""
    if request.method != "POST":
        left = left_behind_by(request.team, person)
        if left is None:
            raise Http404
        return render(request, "lifecycle/left_behind_of.html", {"left": left})
    with transaction.atomic():
        left = delete_left_behind(request.team, person)
        if left is None:
            raise Http404
        note(request, ExMemberAction.PICTURES_DELETED, left.person, pictures=left.pictures, bytes=left.bytes)
    messages.success(request, _deleted(left))
    return redirect("lifecycle:left-behind", team=request.team.slug)


def _deleted(left: LeftBehind) -> str:
    return ngettext(
        "Deleted: {count} private picture of {person}.", "Deleted: {count} private pictures of {person}.", left.pictures
    ).format(count=figure(left.pictures), person=left.person)
