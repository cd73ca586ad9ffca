"""What a browser fetches of a site as bin/run starts it: joined files, compressed pages, thumbnails once an hour."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, Response, expect

from tests.journeys.conftest import Site, signed_in
from tests.journeys.test_first_picture import add_key, sandbox_key

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

HASHED = re.compile(r"/static/.*\.[0-9a-f]{12}\.\w+$")


def test_pages_load_joined_files_that_may_be_kept_for_good_and_nothing_is_refused(
    site: Site, open_browser: Callable[..., Page], problems: list[str]
) -> None:
    site.new_team("Studio Static", "ella@example.org")
    page = open_browser()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))

    for path in ("", "gallery/", "generations/", "usage/", "keys/", "members/", "audit/"):
        signed_in(page, "ella@example.org") if not path else page.goto(f"/t/studio-static/{path}")
        expect(page.locator("main")).to_be_visible()
        assert page.locator("link[rel=stylesheet]").count() == 1, path
        assert page.locator("script[type=module]").count() <= 2, path
    page.goto("/accounts/")

    static = [answer for answer in answers if "/static/" in answer.url]
    assert all(HASHED.search(answer.url) for answer in static)
    assert {answer.headers["cache-control"] for answer in static} == {"max-age=315360000, public, immutable"}
    texts = [answer for answer in answers if answer.url.endswith((".css", ".js")) or "/t/studio-static/" in answer.url]
    # Browsers read brotli from this machine too, since it counts as safe.
    assert {answer.headers.get("content-encoding") for answer in texts} == {"br"}
    assert problems == []


def test_a_thumbnail_is_asked_for_once_and_by_the_next_session_again(
    site: Site, open_browser: Callable[..., Page], problems: list[str]
) -> None:
    site.new_team("Studio Cache", "wim@example.org")
    page = open_browser()
    secret = sandbox_key(page, site)
    problems.clear()
    signed_in(page, "wim@example.org")
    add_key(page, secret)
    page.goto("/t/studio-cache/")
    page.locator("#prompt-form [name=prompt]").fill("A red boat")
    page.locator("#prompt-form").get_by_role("button", name=re.compile("Create")).click()
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "succeeded", timeout=60_000)
    page.goto("/t/studio-cache/gallery/", wait_until="networkidle")
    thumbnail = page.locator(".gallery-item img").evaluate("image => image.currentSrc")
    page.goto("/t/studio-cache/generations/")
    expect(page.locator(".history-picture img")).to_be_visible()
    kept: list[str] = []
    network = page.context.new_cdp_session(page)
    network.send("Network.enable")
    sent: dict[str, str] = {}
    network.on("Network.requestWillBeSent", lambda event: sent.update({event["requestId"]: event["request"]["url"]}))
    network.on("Network.requestServedFromCache", lambda event: kept.append(sent.get(event["requestId"], "")))

    page.goto("/t/studio-cache/")
    page.goto("/t/studio-cache/gallery/", wait_until="networkidle")
    assert thumbnail in kept

    page.goto("/accounts/logout/")
    page.locator("main").get_by_role("button").last.click()
    expect(page.locator("[name=login]")).to_be_visible()
    # Without the session that fetched it the browser's copy counts for nothing.
    page.goto(thumbnail)
    expect(page.locator("[name=login]")).to_be_visible()
    assert problems == []
