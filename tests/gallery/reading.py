"""Opening the gallery and reading what it shows."""

from typing import Any

from bs4 import BeautifulSoup, Tag
from django.test import Client
from django.urls import reverse


def open_gallery(browser: Client, team: Any, query: str = "", **headers: str) -> Any:
    """The gallery, or where one of its own links leads (`query`)."""
    place = "" if query.startswith("/") else reverse("gallery:index", args=[team.slug])
    return browser.get(place + query, headers=headers or None)


def parsed(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def facts_of(item: Tag | None) -> BeautifulSoup:
    """What an item carries for the lightbox."""
    assert item is not None
    template = item.select_one("template")
    assert template is not None
    return BeautifulSoup(template.decode_contents(), "html.parser")


def shown_pictures(response: Any) -> list[str]:
    """The ids of the pictures on the page, in their order."""
    return [str(image["data-image"]) for image in parsed(response).select(".gallery-item img")]


def found(browser: Client, team: Any, **asked: str) -> set[str]:
    """The prompts of the pictures that a search finds."""
    response = browser.get(reverse("gallery:index", args=[team.slug]), asked)
    assert response.status_code == 200
    return {str(image["alt"]) for image in parsed(response).select(".gallery-item img")}
