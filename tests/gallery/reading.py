"""Opening the wall and reading what hangs there."""

from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import reverse


def open_wall(browser: Client, team: Any, query: str = "", **headers: str) -> Any:
    return browser.get(reverse("gallery:wall", args=[team.slug]) + query, headers=headers or None)


def parsed(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def facts_of(tile: Tag | None) -> BeautifulSoup:
    """What a tile keeps for the lightbox."""
    assert tile is not None
    template = tile.select_one("template")
    assert template is not None
    return BeautifulSoup(template.decode_contents(), "html.parser")


def hanging(response: Any) -> list[str]:
    """The ids of the pictures on the wall, in their order."""
    return [str(image["data-image"]) for image in parsed(response).select(".tile img")]


def found(browser: Client, team: Any, **asked: str) -> set[str]:
    """The prompts that a search leaves on the wall."""
    response = browser.get(reverse("gallery:wall", args=[team.slug]), asked)
    assert response.status_code == 200
    return {str(image["alt"]) for image in parsed(response).select(".tile img")}
