"""Another team with one of everything, and whether an answer shows or changes anything of it."""

import re
import uuid
from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.apps import apps
from django.db.models import Model
from django.test import Client

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation, State, Visibility
from hubportal.keys.audit_actions import KeyAction
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from tests.gallery.kept import picture
from tests.makers import join
from tests.test_every_address import one_of_everything

Browsers = Callable[[str], Client]

PROMPT = "A kestrel over the weir"
# What no page of another team may hold.
THEIRS = (PROMPT, "Elsewhere", "Beatrix", "bea@example.org", "Gwen", "gwen@example.org", "Their own key")
NOWHERE = uuid.UUID("0e000000-0000-4000-8000-000000000000")


@pytest.fixture
def theirs(cast: SimpleNamespace) -> SimpleNamespace:
    """One of everything in Stan's team, of which the others are not."""
    team = Team.objects.get(name="Elsewhere")
    bea = join(team, "bea@example.org", Role.MEMBER, name="Beatrix")
    found = one_of_everything(team, cast.stranger, bea, PROMPT)
    found.key.label = "Their own key"
    found.key.save(update_fields=["label"])
    found.person, found.gone = bea, join(team, "gwen@example.org", Role.MEMBER, name="Gwen")
    left = picture(team, found.gone, PROMPT, visibility=Visibility.PRIVATE).generation
    Generation.objects.filter(pk=left.pk).update(state=State.CANCELLED, finished_at=left.created_at)
    Membership.objects.filter(team=team, user=found.gone).delete()
    found.entry = AuditEntry.objects.record(team, KeyAction.ADDED, found.key, actor=Actor(bea))
    return found


def rows_of(team: Team) -> dict[str, list[dict[str, Any]]]:
    """Everything that the database holds of a team."""
    return {str(model._meta): list(rows.order_by("pk").values()) for model, rows in _all(team)}


def _all(team: Team) -> Iterator[tuple[type[Model], Any]]:
    yield Team, Team.objects.filter(pk=team.pk)
    for model in apps.get_models():
        names = {field.name: field.related_model for field in model._meta.fields}
        way = "team" if names.get("team") is Team else "generation__team" if "generation" in names else ""
        if way:
            yield model, model._default_manager.filter(**{way: team})


def told(response: Any, *ids: object) -> tuple[Any, ...]:
    """What an answer says, whatever was asked for: its status, where it leads, its words and links."""
    page = BeautifulSoup(text_of(response), "html.parser")
    said = [
        response.headers.get("Location", ""),
        page.get_text(" "),
        *(str(tag["href"]) for tag in page.select("a[href]")),
    ]
    for one in map(str, ids):
        # A person's number might be any number on the page: it is one only where an address asks by it.
        pattern = rf"(?<==){one}\b" if one.isdigit() else re.escape(one)
        said = [re.sub(pattern, "…", text) for text in said]
    return response.status_code, *[" ".join(text.split()) for text in said]


def holds_theirs(response: Any) -> list[str]:
    return [mark for mark in THEIRS if mark in text_of(response)]


def text_of(response: Any) -> str:
    """The body, which may be asked for again: a stream is over once it was read."""
    if response.streaming:
        response.read = getattr(response, "read", None) or b"".join(response)
    body: bytes = response.read if response.streaming else response.content
    return body.decode(errors="replace")
