"""The changes of one key: its name, its place, pause and default, its end.

Each is a resource of its own: GET says what it means, for who has no dialog; POST does it.
"""

import uuid
from collections.abc import Callable, Sequence
from typing import cast

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from hubportal.keys import key_changes
from hubportal.keys.forms import LabelForm
from hubportal.keys.models import Key
from hubportal.keys.wording.changes import (
    Confirmation,
    confirm_default,
    confirm_destroying,
    confirm_pausing,
    confirm_removing,
    confirm_resuming,
)
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission


@sensitive_post_parameters("label")
@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def name(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: the form for its name. POST: call it so."""
    key = _get_key(request, pk)
    form = LabelForm(request.POST if request.method == "POST" else None, initial={"label": key.label})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "keys/name.html", {"key": key, "form": form}, status=status)
    key = _perform(key_changes.rename_key, key, form.cleaned_data["label"], request.actor)
    return _done(request, _("It is now called {key}.").format(key=key))


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def place(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Try it earlier (`to=up`) or later (`to=down`) than now."""
    key, to = _get_key(request, pk), request.POST.get("to", "")
    if to in ("up", "down") and _perform(key_changes.move_key, key, cast(key_changes.Direction, to), request.actor):
        return _done(request, _("The order of the keys is changed."))
    return _done(request, _("Nothing was changed: {key} can't go further that way.").format(key=key), messages.INFO)


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def pause(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send nothing new with it for a while."""
    key = _get_key(request, pk)
    if request.method != "POST":
        return _confirm(request, key, confirm_pausing)
    key = _perform(key_changes.pause_key, key, request.actor)
    return _done(request, _("{key} is paused: nothing new is made with it.").format(key=key))


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def resumption(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a paused key back to work."""
    key = _get_key(request, pk)
    if request.method != "POST":
        return _confirm(request, key, confirm_resuming)
    key = _perform(key_changes.resume_key, key, request.actor)
    return _done(request, _("{key} is back at work.").format(key=key))


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def default(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send new work with this key first."""
    key = _get_key(request, pk)
    if request.method != "POST":
        return _confirm(request, key, confirm_default)
    key = _perform(key_changes.make_default, key, request.actor)
    if key.is_usable:
        return _done(request, _("New pictures are made with {key} from now on.").format(key=key))
    said = _("{key} is now the default, but it is paused or not working.").format(key=key)
    return _done(request, said, messages.WARNING)


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def removal(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take it out of use; its secret is destroyed when nothing in flight needs it any more."""
    key = _get_key(request, pk)
    if request.method != "POST":
        return _confirm(request, key, confirm_removing)
    key = _perform(key_changes.remove_key, key, request.actor)
    said = _("{key} is taken out of use. Its secret is destroyed when the last picture made with it is here.")
    return _done(request, said.format(key=key))


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def destruction(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Destroy its secret now, whatever is in flight."""
    key = _get_key(request, pk, also_retiring=True)
    if request.method != "POST":
        return _confirm(request, key, confirm_destroying)
    key = _perform(key_changes.destroy_key, key, request.actor)
    return _done(request, _("The secret of {key} is destroyed.").format(key=key))


def _get_key(request: TeamRequest, pk: uuid.UUID, *, also_retiring: bool = False) -> Key:
    keys = Key.objects.present() if also_retiring else Key.objects.serving()
    return get_object_or_404(keys.select_related("team"), pk=pk, team=request.team)


def _confirm(
    request: TeamRequest, key: Key, confirmation: Callable[[Key, Sequence[Key]], Confirmation]
) -> HttpResponse:
    """The page that says what it means, with the button that does it."""
    keys = list(Key.objects.serving().filter(team=request.team))
    return render(request, "keys/confirmation.html", {"key": key, "confirmation": confirmation(key, keys)})


def _perform[**P, R](change: Callable[P, R], *args: P.args, **kwargs: P.kwargs) -> R:
    """Make the change; 404 where somebody took the key out of use in this moment."""
    try:
        return change(*args, **kwargs)
    except key_changes.KeyGone:
        raise Http404 from None


def _done(request: TeamRequest, said: str, level: int = messages.SUCCESS) -> HttpResponse:
    messages.add_message(request, level, said)
    return redirect("keys:index", team=request.team.slug)
