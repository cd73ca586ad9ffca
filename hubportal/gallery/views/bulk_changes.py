"""Changing what is selected: the act, how far it got, stopping and undoing it."""

import uuid

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubportal.gallery.models import BulkChange, BulkState
from hubportal.gallery.selection import wording
from hubportal.gallery.selection.acts import ACTS
from hubportal.gallery.selection.changes import cancel_change, start_change, undo_change
from hubportal.gallery.selection.selections import NothingSelected, SelectionVoid
from hubportal.gallery.views.selections import refusal, selection_asked_for
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@team_view(Permission.LOOK, methods=("POST",))
def begin(request: TeamRequest) -> HttpResponse:
    """Do `act` to the pictures of `selection`, or to each `image`; its value stands in a field of the act's name."""
    act = ACTS.get(request.POST.get("act", ""))
    if act is None:
        return refusal(request, _("Choose what to do with the pictures. Nothing was changed."))
    request.membership.require(act.permission)
    value = request.POST.get(act.name, "")
    if act.choices and value not in dict(act.offered(request.membership)):
        return refusal(request, _("Choose one of what is offered. Nothing was changed."))
    try:
        selection = selection_asked_for(request)
        change = start_change(selection, act, request.membership, request.actor, value if act.choices else "")
    except NothingSelected:
        return refusal(request, wording.nothing_selected())
    except SelectionVoid:
        return refusal(request, wording.selection_void())
    if change.is_going_on:
        return redirect("gallery:bulk-change", team=request.team.slug, pk=change.pk)
    _say(request, change)
    return redirect(reverse("gallery:index", args=[request.team.slug]) + selection.query)


def _say(request: TeamRequest, change: BulkChange) -> None:
    """What was done, with its Undo, and what was not."""
    undo = reverse("gallery:bulk-undoing", args=[request.team.slug, change.pk])
    if change.done:
        can_be_undone = change.state == BulkState.DONE and change.items.exists()
        messages.success(request, wording.change_in_words(change), extra_tags=undo if can_be_undone else "")
    if refused := wording.refused_in_words(change):
        messages.warning(request, refused)


@team_view(Permission.LOOK)
def progress(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """How far it got. htmx asks for the part that changes, as long as it goes on; nothing is written."""
    change = _find(request, pk)
    part = "#progress" if request.htmx else ""
    context = {
        "change": change,
        "act": ACTS[change.act],
        "happened": wording.change_in_words(change),
        "refused": wording.refused_in_words(change),
        "percent": min(100 * (change.done + change.refused) // change.total, 100) if change.total else None,
    }
    return render(request, f"gallery/bulk_change.html{part}", context)


@team_view(Permission.LOOK, methods=("POST",))
def cancellation(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Stop it; what was done stays, and can be undone."""
    change = _find(request, pk)
    if cancel_change(change):
        messages.success(request, _("Stopped. What was changed until now stays so, unless you undo it."))
    return redirect("gallery:bulk-change", team=request.team.slug, pk=change.pk)


@team_view(Permission.LOOK, methods=("POST",))
def undoing(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Put back what it changed."""
    change = _find(request, pk)
    undo_change(change)
    if change.state == BulkState.UNDONE:
        messages.success(request, wording.change_in_words(change))
        return redirect("gallery:index", team=request.team.slug)
    return redirect("gallery:bulk-change", team=request.team.slug, pk=change.pk)


def _find(request: TeamRequest, pk: uuid.UUID) -> BulkChange:
    """404 for anybody else's."""
    return get_object_or_404(BulkChange.objects.of(request.membership).select_related("selection"), pk=pk)
