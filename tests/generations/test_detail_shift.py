"""The page of one generation while it goes from state to state: nothing on it jumps (the sum of layout shifts is 0)."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from hubportal.generations.models import Generation
from hubportal.hub.records import GenerationRecord, parse_generation
from tests.browser import launch_options
from tests.makers import make_generation, make_key, picture_bytes, store_image

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

WINDOWS = {
    "laptop": {"viewport": {"width": 1280, "height": 900}},
    "screen": {"viewport": {"width": 1920, "height": 1080}},
    "phone": {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True},
}
OBSERVE = """window.shifts = [];
new PerformanceObserver((seen) => {
  for (const one of seen.getEntries()) {
    const moved = one.sources.map(({ node }) => `${node?.nodeName} ${node?.textContent?.trim().slice(0, 30)}`);
    shifts.push(`${one.value}: ${moved}`);
  }
}).observe({ type: 'layout-shift', buffered: true });"""
SIZE = (1024, 1024)

Opened = Callable[[Generation], Page]


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | launch_options()


@pytest.fixture(params=WINDOWS)
def open_generation(
    request: pytest.FixtureRequest, browser_of: Callable[[str], Client], live_server: Any, browser: Browser
) -> Iterator[Opened]:
    """Anna, who owns the team, on the page of a generation."""
    context = browser.new_context(base_url=live_server.url, **WINDOWS[request.param])
    session = browser_of("owner").cookies[settings.SESSION_COOKIE_NAME].value
    context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
    context.add_init_script(OBSERVE)

    def opened(generation: Generation) -> Page:
        page = context.new_page()
        page.goto(f"/t/{generation.team.slug}/generations/{generation.pk}/", wait_until="load")
        return page

    yield opened
    context.close()


@pytest.fixture
def generation(cast: SimpleNamespace) -> Generation:
    make_key(cast.team)
    return make_generation(cast.team, cast.owner, "A whale, and beside it a very small boat", n=4, size="1024x1024")


def record(status: str, pictures: int = 0) -> GenerationRecord:
    images = [{"id": f"im_{at}", "url": f"https://cdn.example/{at}.png"} for at in range(pictures)]
    return parse_generation({"id": "clx_1", "status": status, "images": images, "usage": {"credits": 32}})


def start(generation: Generation) -> Generation:
    claimed = Generation.objects.claim_for_sending(generation.pk, generation.team.keys.get())
    assert claimed
    return claimed


def expect_state(page: Page, state: str) -> None:
    """Drawn anew as the page asks by itself, its pictures here, and two frames later."""
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", state, timeout=60_000)
    page.evaluate("Promise.all([...document.images].map((image) => image.decode()))")
    page.evaluate("new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)))")


def test_nothing_moves_from_waiting_to_four_pictures(open_generation: Opened, generation: Generation) -> None:
    page = open_generation(generation)
    expect_state(page, "waiting")

    sent = start(generation)
    sent.record_accepted(record("processing"))
    expect_state(page, "running")
    for image in sent.record_answered(record("succeeded", 4)):
        store_image(image, picture_bytes(size=SIZE), size=SIZE)
    expect_state(page, "succeeded")

    expect(page.locator(".stage img")).to_have_count(4)
    assert page.evaluate("shifts") == []


def test_nothing_moves_when_it_fails(open_generation: Opened, generation: Generation) -> None:
    sent = start(generation)
    sent.record_accepted(record("processing"))
    page = open_generation(generation)

    sent.record_answered(record("failed"))

    expect_state(page, "failed")
    assert page.evaluate("shifts") == []


def test_nothing_moves_when_nobody_knows_whether_it_was_accepted(
    open_generation: Opened, generation: Generation
) -> None:
    sent = start(generation)
    page = open_generation(generation)

    sent.record_unknown("interrupted", balance_after=900)

    expect_state(page, "unknown")
    assert page.evaluate("shifts") == []


def test_nothing_moves_while_a_finished_page_loads(open_generation: Opened, generation: Generation) -> None:
    sent = start(generation)
    sent.record_accepted(record("processing"))
    for image in sent.record_answered(record("succeeded", 4)):
        store_image(image, picture_bytes(size=SIZE), size=SIZE)

    page = open_generation(generation)

    expect_state(page, "succeeded")
    assert page.evaluate("shifts") == []
