"""The private pictures of people who left: the list, and their deletion. No page here shows any of them."""

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import ngettext

from hubportal.generations.wording.orders import figure
from hubportal.lifecycle.ex_members import (
    delete_ex_member_pictures,
    ex_member_with_private_work,
    ex_members_with_private_work,
)
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.MANAGE_MEMBERS)
def ex_members(request: TeamRequest) -> HttpResponse:
    context = {"ex_members": ex_members_with_private_work(request.team)}
    return render(request, "lifecycle/ex_members.html", context)


@team_view(Permission.MANAGE_MEMBERS, methods=("GET", "POST"))
def ex_member(request: TeamRequest, person: int) -> HttpResponse:
    """GET: what deleting means. POST: delete what this person left behind."""
    if request.method == "POST":
        found = delete_ex_member_pictures(request.team, person, request.actor)
    else:
        found = ex_member_with_private_work(request.team, person)
    if found is None:
        raise Http404
    if request.method != "POST":
        return render(request, "lifecycle/ex_member.html", {"ex_member": found})
    sentence = ngettext(
        "Deleted: {count} private picture of {person}.",
        "Deleted: {count} private pictures of {person}.",
        found.pictures,
    )
    messages.success(request, sentence.format(count=figure(found.pictures), person=found.person))
    return redirect("lifecycle:ex-members", team=request.team.slug)
