"""What several tests of the generations' pages do: submit, read a page, put a generation into a state."""

import uuid
from typing import Any

from bs4 import BeautifulSoup, Tag
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from hubportal.generations.models import Generation, Image, State
from hubportal.generations.models.search import GENERATIONS
from hubportal.teams.models import Team
from tests import makers


def read(response: HttpResponse) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def one(response: HttpResponse, selector: str) -> Tag:
    """The only element that the selector finds."""
    found = read(response).select(selector)
    assert len(found) == 1, f"{len(found)} of {selector}"
    return found[0]


def words(response: HttpResponse, selector: str) -> str:
    return " ".join(one(response, selector).get_text(" ").split())


def submit(client: Client, team: Team, *, htmx: bool = False, **fields: Any) -> HttpResponse:
    """Send the prompt form; a field given as None is left out."""
    sent = {"prompt": "A red boat", "model": "gpt-image-2", "size": "1024x1024", "n": "1", **fields}
    return client.post(
        f"/t/{team.slug}/generations/",
        {name: value for name, value in sent.items() if value is not None},
        headers={"HX-Request": "true"} if htmx else {},
    )


def put(generation: Generation, state: State, **fields: Any) -> Generation:
    """Put a generation into a state as if its verbs had led there."""
    now = timezone.now()
    ended = state in (State.SUCCEEDED, State.FAILED, State.CANCELLED)
    accepted = state in (State.RUNNING, State.SUCCEEDED)
    defaults: dict[str, Any] = {
        "state": state,
        "finished_at": now if ended else None,
        "hub_id": f"clx_{generation.pk.hex}" if accepted else "",
        "charged": generation.expected_credits if accepted else None,
        "key": makers.make_key(generation.team, label=uuid.uuid4().hex[:8]) if state == State.SENDING else None,
        "lease_until": now if state == State.SENDING else None,
    }
    Generation.objects.filter(pk=generation.pk).update(version=generation.version + 1, **{**defaults, **fields})
    GENERATIONS.update([generation.pk])
    generation.refresh_from_db()
    return generation


def add_image(generation: Generation, position: int = 0, **fields: Any) -> Image:
    """A picture whose bytes are still to be fetched."""
    fields.setdefault("due_at", timezone.now())
    return Image.objects.create(
        generation=generation, team=generation.team, position=position, url="https://cdn.example/1.png", **fields
    )


def add_picture(generation: Generation, position: int = 0) -> Image:
    """A picture that is kept."""
    image = add_image(generation, position)
    return makers.store_image(image, makers.picture_bytes(), makers.picture_bytes("WEBP"))
