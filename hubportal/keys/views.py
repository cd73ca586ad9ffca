"""The team's keys: add, check, make default, remove. No page shows a secret again."""

import uuid
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters

from hubportal.keys.forms import KeyForm
from hubportal.keys.health import check
from hubportal.keys.models import Key
from hubportal.keys.sentences import added, consequences, health_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.roles import Act


@sensitive_post_parameters("label", "secret")
@team_view(Act.MANAGE_KEYS, methods=("GET", "POST"))
def index(request: TeamRequest) -> HttpResponse:
    """GET: the keys and a form for another. POST: add one, once the hub has confirmed it."""
    form = KeyForm(request.team, request.POST if request.method == "POST" else None)
    if form.is_valid() and (key := form.keep(request.user)):
        messages.success(request, added(key))
        return redirect("keys:index", team=request.team.slug)
    status = 200
    if form.is_bound:
        form.point_out()
        status = 503 if form.hub_failed else 422
    return render(request, "keys/index.html", {"form": form, "keys": _shown(_present(request))}, status=status)


@team_view(Act.MANAGE_KEYS, methods=("POST",))
def check_now(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask the hub about a key while the person waits."""
    key = _key(request, pk)
    check(key, somebody_waits=True)
    health = health_of(key)
    words = _("{key}: {health}.").format(key=key, health=health.word)
    level = {"good": messages.SUCCESS, "warn": messages.WARNING, "bad": messages.ERROR}[health.tone]
    messages.add_message(request, level, f"{words} {health.text}".strip())
    return redirect("keys:index", team=request.team.slug)


@team_view(Act.MANAGE_KEYS, methods=("POST",))
def default(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Send new work with this key."""
    key = _key(request, pk)
    key.make_default()
    messages.success(request, _("New pictures are made with {key} from now on.").format(key=key))
    return redirect("keys:index", team=request.team.slug)


@team_view(Act.MANAGE_KEYS, methods=("GET", "POST"))
def removal(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what removing means, for who has no dialog. POST: destroy the secret."""
    key = _key(request, pk)
    if request.method == "POST":
        key.remove()
        messages.success(request, _("{key} is removed; its secret is destroyed.").format(key=key))
        return redirect("keys:index", team=request.team.slug)
    means = consequences(key, key.heir_among(_present(request)))
    return render(request, "keys/removal.html", {"key": key, "consequences": means})


def _key(request: TeamRequest, pk: uuid.UUID) -> Key:
    return get_object_or_404(Key.objects.present().select_related("team"), pk=pk, team=request.team)


def _present(request: TeamRequest) -> list[Key]:
    return list(Key.objects.present().filter(team=request.team).select_related("added_by"))


def _shown(keys: list[Key]) -> list[dict[str, Any]]:
    """Each key with its health and what removing it would mean."""
    return [
        {"key": key, "health": health_of(key), "consequences": consequences(key, key.heir_among(keys))} for key in keys
    ]
