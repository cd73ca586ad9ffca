"""The team's keys: the list, adding, putting one in another's place, checking. No page shows a secret again."""

import time
import uuid
from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters, sensitive_variables

from hubportal.encryption import DecryptionError, Secret, decrypt, encrypt
from hubportal.hub.errors import HubError
from hubportal.keys.forms import KeyForm, SecretForm
from hubportal.keys.health import check
from hubportal.keys.key_changes import KeyChangeError, add_key, check_not_added, replace_key
from hubportal.keys.model_list import hub_of
from hubportal.keys.models import Key
from hubportal.keys.wording import join_sentences
from hubportal.keys.wording.changes import (
    added,
    confirm_destroying,
    confirmations_for,
    consequences_of_replacing,
)
from hubportal.keys.wording.health import health_of, lasts, pending_text
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission

# Seconds that a key found inside of a paste stays in the session.
OFFER_TIMEOUT = 600.0
OFFER = "found_key"


@sensitive_post_parameters("label", "secret")
@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def index(request: TeamRequest) -> HttpResponse:
    """GET: the keys and a form for another. POST: add one, once the hub has confirmed it."""
    form = KeyForm(_posted(request), found=_offered_before(request))

    def add(data: dict[str, Any]) -> Key:
        return add_key(request.team, data["label"], data["secret"], request.actor)

    if key := _submit(request, form, add):
        messages.success(request, added(key))
        return redirect("keys:index", team=request.team.slug)
    return render(request, "keys/index.html", {"form": form, **_listed(request)}, status=_status(form))


@sensitive_post_parameters("secret")
@team_view(Permission.MANAGE_KEYS, methods=("GET", "POST"))
def replacement(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """GET: what it means to put another key in this one's place. POST: do it, once the hub has confirmed the new."""
    old = _serving_key(request, pk)
    form = SecretForm(_posted(request), found=_offered_before(request))
    if key := _submit(request, form, lambda data: replace_key(old, data["secret"], request.actor)):
        done = _("{key} has taken over from {old}, whose secret is destroyed when its last picture is here.")
        messages.success(request, done.format(key=key, old=old))
        return redirect("keys:index", team=request.team.slug)
    context = {"key": old, "form": form, "consequences": consequences_of_replacing(old)}
    return render(request, "keys/replacement.html", context, status=_status(form))


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def check_now(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Ask the hub about a key while the person waits."""
    key = _serving_key(request, pk)
    check(key, somebody_waits=True)
    health = health_of(key, hub_of(request).cheapest)
    level = {"good": messages.SUCCESS, "warn": messages.WARNING, "bad": messages.ERROR}[health.tone]
    said = join_sentences(health.sentence, health.text) if health.text else health.sentence
    messages.add_message(request, level, said)
    return redirect("keys:index", team=request.team.slug)


def _serving_key(request: TeamRequest, pk: uuid.UUID) -> Key:
    return get_object_or_404(Key.objects.serving().select_related("team"), pk=pk, team=request.team)


def _listed(request: TeamRequest) -> dict[str, Any]:
    """The keys with their health and what is asked before each change, and the retiring with what they wait for."""
    present = list(Key.objects.present().filter(team=request.team).select_related("added_by"))
    keys = [key for key in present if not key.retiring_since]
    cheapest = hub_of(request).cheapest
    movable = [key for key in keys if not key.is_default]
    return {
        "keys": [
            {
                "key": key,
                "health": health_of(key, cheapest),
                "lasts": lasts(key),
                "confirmations": confirmations_for(key, keys),
                "same_account": ", ".join(str(one) for one in keys if one.account == key.account and one != key),
                "may_go_up": key in movable[1:],
                "may_go_down": key in movable[:-1],
            }
            for key in keys
        ],
        "retiring": [
            {"key": key, "pending": pending_text(key), "confirmation": confirm_destroying(key, keys)}
            for key in present
            if key.retiring_since
        ],
    }


# Adding and replacing, also a key found inside of what was pasted -----------------------------------------------


def _posted(request: TeamRequest) -> Any:
    return request.POST if request.method == "POST" else None


@sensitive_variables()
def _submit(request: TeamRequest, form: SecretForm, save: Callable[[dict[str, Any]], Key]) -> Key | None:
    """The key that a posted form made; None where it made none, and says why not."""
    if not form.is_bound:
        return None
    try:
        if form.is_valid():
            key = save(form.cleaned_data)
            _remember_offer(request, None)
            return key
        if form.offered:
            check_not_added(request.team, form.offered)
    except (KeyChangeError, HubError) as error:
        form.refuse(error)
    form.focus_error()
    _remember_offer(request, form.offered)
    return None


def _status(form: SecretForm) -> int:
    if not form.is_bound:
        return 200
    return 503 if form.hub_failed else 422


@sensitive_variables()
def _remember_offer(request: TeamRequest, secret: Secret | None) -> None:
    """Keep a key that was found, encrypted, in the session until its owner says add it; it never goes to the page.

    It opens for the same person and team alone, for ten minutes.
    """
    if secret is None:
        request.session.pop(OFFER, None)
        return
    until = time.time() + OFFER_TIMEOUT
    request.session[OFFER] = {"encrypted": encrypt(secret, _offer_identity(request)), "until": until}


def _offered_before(request: TeamRequest) -> Secret | None:
    """The key that was found for this person and team, if its ten minutes are not over."""
    offer = request.session.get(OFFER)
    if not offer or offer["until"] < time.time():
        _remember_offer(request, None)
        return None
    try:
        return decrypt(offer["encrypted"], _offer_identity(request))
    except (DecryptionError, ImproperlyConfigured):
        return None


def _offer_identity(request: TeamRequest) -> str:
    return f"found:user:{request.user.pk}:team:{request.team.pk}"
