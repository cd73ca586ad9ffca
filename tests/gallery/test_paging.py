"""The gallery's pages: every picture once, whatever is added meanwhile."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from tests.gallery.kept import many, picture
from tests.gallery.reading import open_gallery, parsed, shown_pictures

Browsers = Callable[[str], Client]


def walk(browser: Client, team: Any, rel: str, query: str = "") -> list[list[str]]:
    """The pages from one address on, following one kind of link to its end."""
    pages = []
    while True:
        response = open_gallery(browser, team, query)
        pages.append(shown_pictures(response))
        link = parsed(response).select_one(f'.pager [rel="{rel}"]')
        if link is None:
            return pages
        query = str(link["href"])


def test_pages_of_sixty_show_every_picture_once_although_all_have_one_moment(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    pictures = many(cast.team, cast.member, 130, created_at=timezone.now())
    browser = browser_of("reviewer")

    pages = walk(browser, cast.team, "next")

    assert [len(page) for page in pages] == [60, 60, 10]
    assert [pk for page in pages for pk in page] == [
        str(pk) for pk in sorted((one.pk for one in pictures), reverse=True)
    ]


@pytest.mark.slow
def test_newer_leads_back_to_the_first_page(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 130, created_at=timezone.now())
    browser = browser_of("member")
    first = open_gallery(browser, cast.team)
    older = str(parsed(first).select_one('.pager [rel="next"]')["href"])  # type: ignore[index]

    back = walk(browser, cast.team, "prev", older)

    assert back[-1] == shown_pictures(first)


def test_a_new_picture_does_not_shift_the_next_page(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 61, created_at=timezone.now() - timedelta(hours=1))
    browser = browser_of("member")
    first = open_gallery(browser, cast.team)
    older = str(parsed(first).select_one('.pager [rel="next"]')["href"])  # type: ignore[index]

    picture(cast.team, cast.owner)
    second = shown_pictures(open_gallery(browser, cast.team, older))

    assert len(second) == 1
    assert second[0] not in shown_pictures(first)


def test_a_page_keeps_the_search_it_belongs_to(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 70)
    picture(cast.team, cast.owner, "A tram")

    pages = walk(browser_of("member"), cast.team, "next", f"?q=boat&person={cast.member.pk}&mine=1")

    assert [len(page) for page in pages] == [60, 10]


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "bi4xLg", "b.1.2", "🦊", "=" * 50])
def test_a_cursor_nobody_wrote_shows_the_first_page(cast: SimpleNamespace, browser_of: Browsers, cursor: str) -> None:
    image = picture(cast.team, cast.member)

    assert shown_pictures(open_gallery(browser_of("member"), cast.team, f"?cursor={cursor}")) == [str(image.pk)]


def test_htmx_gets_the_next_items_alone_and_a_new_link_to_what_follows(
    cast: SimpleNamespace, browser_of: Browsers
) -> None:
    many(cast.team, cast.member, 130)
    browser = browser_of("member")
    edge = parsed(open_gallery(browser, cast.team)).select_one("#older [hx-get]")
    assert edge is not None
    assert (edge["hx-target"], edge["hx-swap"]) == ("#pictures", "beforeend")

    response = open_gallery(browser, cast.team, str(edge["hx-get"]), HX_Request="true", HX_Target="pictures")

    part = parsed(response)
    assert part.html is None
    assert len(part.select(".gallery-item")) == 60
    assert part.select_one("#older")["hx-swap-oob"] == "true"  # type: ignore[index]
    assert part.select_one("#older")["href"] == part.select_one("#older [hx-get]")["hx-get"] != edge["hx-get"]  # type: ignore[index]
    assert "60 more pictures" in response["HX-Trigger"]


def test_after_the_last_items_the_link_goes(cast: SimpleNamespace, browser_of: Browsers) -> None:
    many(cast.team, cast.member, 61)
    browser = browser_of("member")
    link = parsed(open_gallery(browser, cast.team)).select_one("#older")
    assert link is not None

    part = parsed(open_gallery(browser, cast.team, str(link["href"]), HX_Request="true", HX_Target="pictures"))

    assert part.select_one("#older")["hx-swap-oob"] == "delete"  # type: ignore[index]
