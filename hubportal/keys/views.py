"""The team's keys: the list, adding, checking, naming, putting one in another's place. No page shows a secret again."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.confirmations import destroying, questions, replacing
from hubportal.keys.decisions import held_key, to_index
from hubportal.keys.forms import KeyForm, NameForm, ReplacementForm, SecretForm
from hubportal.keys.health import check
from hubportal.keys.models import Key
from hubportal.keys.pasted_keys import forget_found, found_in, keep_found
from hubportal.keys.wording import added, awaited, health_of, lasts
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.permissions import Permission


@sensitive_post_parameters("label", "secret")
@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def index(request: TeamRequest) -> HttpResponse:
    """GET: the keys and a form for another. POST: add one, once the hub has confirmed it."""
    form = KeyForm(request.team, _posted(request), found=found_in(request))
    if key := _kept(request, form):
        messages.success(request, added(key))
        return to_index(request)
    return render(request, "keys/index.html", {"form": form, **_shown(request)}, status=_status(form))


@sensitive_post_parameters("secret")
@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def replacement(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what it means to put another key in this one's place. POST: do it, once the hub has confirmed the new."""
    old = _serving(request, pk)
    form = ReplacementForm(old, _posted(request), found=found_in(request))
    if key := _kept(request, form):
        words = _("{key} has taken over from {old}, which is let go of when its last picture is here.")
        messages.success(request, words.format(key=key, old=old))
        return to_index(request)
    shown = {"key": old, "form": form, "consequences": replacing(old)}
    return render(request, "keys/replacement.html", shown, status=_status(form))


@sensitive_post_parameters("label")
@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def name(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: the form for its name. POST: call it so."""
    key = _serving(request, pk)
    form = NameForm(_posted(request), initial={"label": key.label})
    if request.method != "POST" or not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "keys/name.html", {"key": key, "form": form}, status=status)
    with held_key(request, pk) as key:
        before, label = str(key), form.cleaned_data["label"]
        if label != key.label:
            key.rename(label)
            note(request, KeyAction.RENAMED, key, before=before)
    messages.success(request, _("It is called {key} now.").format(key=key))
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def check_now(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask the hub about a key while the person waits."""
    key = _serving(request, pk)
    check(key, somebody_waits=True)
    health = health_of(key)
    words = _("{key}: {health}.").format(key=key, health=health.word)
    level = {"good": messages.SUCCESS, "warn": messages.WARNING, "bad": messages.ERROR}[health.tone]
    messages.add_message(request, level, f"{words} {health.text}".strip())
    return to_index(request)


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def warnings(request: TeamRequest) -> HttpResponse:
    """Whether this person wants e-mail about keys; their own wish, so the trail isn't told."""
    request.membership.wants_key_warnings = "wanted" in request.POST
    request.membership.save(update_fields=["wants_key_warnings"])
    if request.membership.wants_key_warnings:
        messages.success(request, _("You get an email when a key runs short, expires or stops working."))
    else:
        messages.success(request, _("You get no email about keys any more. This page goes on warning."))
    return to_index(request)


def _posted(request: TeamRequest) -> Any:
    return request.POST if request.method == "POST" else None


def _kept(request: TeamRequest, form: SecretForm) -> Key | None:
    """The key that a posted form made; None where it made none. A key found inside of it is kept, to be offered."""
    key = form.keep(request) if form.is_valid() else None
    if form.is_bound and not key:
        form.point_out()
    if form.offered and not key:
        keep_found(request, form.offered)
    elif form.is_bound:
        forget_found(request)
    return key


def _status(form: SecretForm) -> int:
    if not form.is_bound:
        return 200
    return 503 if form.hub_failed else 422


def _serving(request: TeamRequest, pk: uuid.UUID) -> Key:
    return get_object_or_404(Key.objects.serving().select_related("team"), pk=pk, team=request.team)


def _shown(request: TeamRequest) -> dict[str, Any]:
    """The keys with their health and the questions that acts on them ask, and the retiring with what they wait for."""
    present = list(Key.objects.present().filter(team=request.team).select_related("added_by"))
    keys = [key for key in present if not key.retiring_since]
    movable = [key for key in keys if not key.is_default]
    return {
        "keys": [
            {
                "key": key,
                "health": health_of(key),
                "lasts": lasts(key),
                "questions": questions(key, keys),
                "may_go_up": key in movable[1:],
                "may_go_down": key in movable[:-1],
            }
            for key in keys
        ],
        "retiring": [
            {"key": key, "awaited": awaited(key), "question": destroying(key, keys)}
            for key in present
            if key.retiring_since
        ],
    }
