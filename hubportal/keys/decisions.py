"""What people decide about a key: pause it, make it the default, move it, remove it. Each says first what it means.

Each decision is a resource of its own: GET asks, for who has no dialog; POST does it and writes it into the trail.
"""

import uuid
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from django.contrib import messages
from django.db import transaction
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hubportal.keys import confirmations
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.confirmations import Question
from hubportal.keys.models import Key
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.permissions import Permission

type Asked = Callable[[Key, Sequence[Key]], Question]

MOVES = {"up": -1, "down": 1}


@contextmanager
def held_key(request: TeamRequest, pk: uuid.UUID, *, retiring: bool = False) -> Iterator[Key]:
    """The team's key as it is now, in a transaction in which nobody else changes the team's keys. Or 404.

    retiring  take one that is being retired, too
    """
    with transaction.atomic():
        request.team.lock()
        yield _key(request, pk, retiring=retiring)


def _key(request: TeamRequest, pk: uuid.UUID, *, retiring: bool) -> Key:
    keys = Key.objects.present() if retiring else Key.objects.serving()
    return get_object_or_404(keys.select_related("team"), pk=pk, team=request.team)


def to_index(request: TeamRequest) -> HttpResponse:
    return redirect("keys:index", team=request.team.slug)


def _ask(request: TeamRequest, pk: uuid.UUID, asked: Asked, *, retiring: bool = False) -> HttpResponse:
    key = _key(request, pk, retiring=retiring)
    question = asked(key, list(Key.objects.serving().filter(team=request.team)))
    return render(request, "keys/question.html", {"key": key, "question": question})


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def pause(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send nothing new with it for a while."""
    if request.method != "POST":
        return _ask(request, pk, confirmations.pausing)
    with held_key(request, pk) as key:
        if key.paused_at is None:
            key.pause()
            note(request, KeyAction.PAUSED, key)
    messages.success(request, _("{key} is paused: nothing new is made with it.").format(key=key))
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def resumption(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Put a paused key back to work."""
    if request.method != "POST":
        return _ask(request, pk, confirmations.resuming)
    with held_key(request, pk) as key:
        if key.paused_at:
            key.resume()
            note(request, KeyAction.RESUMED, key)
    messages.success(request, _("{key} is back at work.").format(key=key))
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def default(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send new work with this key first."""
    if request.method != "POST":
        return _ask(request, pk, confirmations.defaulting)
    with held_key(request, pk) as key:
        if not key.is_default:
            key.make_default()
            note(request, KeyAction.DEFAULT, key)
    if key.is_usable:
        messages.success(request, _("New pictures are made with {key} from now on.").format(key=key))
    else:
        messages.warning(request, _("{key} is the default now, but it is paused or not working.").format(key=key))
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def place(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Try it earlier (`to=up`) or later (`to=down`) than now."""
    by = MOVES.get(request.POST.get("to", ""), 0)
    with held_key(request, pk) as key:
        moved = by != 0 and key.move(by)
        if moved:
            note(request, KeyAction.ORDERED, key, to=request.POST["to"])
    if moved:
        messages.success(request, _("The order of the keys is changed."))
    else:
        messages.info(request, _("Nothing was changed: {key} can't go further that way.").format(key=key))
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def removal(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Take it out of use; its secret is destroyed when nothing in flight needs it any more."""
    if request.method != "POST":
        return _ask(request, pk, confirmations.removing)
    with held_key(request, pk) as key:
        key.retire()
        note(request, KeyAction.REMOVED, key)
    words = _("{key} is taken out of use. Its secret is destroyed when the last picture made with it is here.")
    messages.success(request, words.format(key=key))
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def destruction(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Destroy its secret now, whatever is in flight."""
    if request.method != "POST":
        return _ask(request, pk, confirmations.destroying, retiring=True)
    with held_key(request, pk, retiring=True) as key:
        action = KeyAction.DESTROYED if key.retiring_since else KeyAction.REMOVED
        key.remove()
        note(request, action, key, at_once=True)
    messages.success(request, _("The secret of {key} is destroyed.").format(key=key))
    return to_index(request)
