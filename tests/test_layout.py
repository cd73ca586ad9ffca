"""What a window shows of every page: nothing sticks out of a narrow one, and no line is too long in a wide one."""

from collections.abc import Callable, Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from playwright.sync_api import Browser, Page

from hubportal.audit.actor import Actor
from hubportal.generations.models import Generation
from hubportal.teams.memberships import remove_member
from tests.browser import launch_options
from tests.gallery.kept import keep
from tests.makers import join, make_generation, make_key
from tests.test_every_address import Address, addresses, one_of_everything, place_of, visit

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

# Longer than any card is wide, in one word and in many.
LONG = f"{'pneumonoultramicroscopic' * 6} {'a market with rugs, lamps and a hundred people, ' * 8}"
# What is fetched into a page, or is none.
NO_PAGES = {
    *("generations:card", "generations:cards", "gallery:tag-suggestions", "gallery:collection-suggestions"),
    *("gallery:picture-labels", "healthz", "media", "metrics", "readyz"),
}
MAX_CHARACTERS = 84  # a line of reading; a letter less wide than most may let more in

LONG_LINES = """limit => {
  const canvas = document.createElement('canvas').getContext('2d');
  const found = [];
  for (const one of document.querySelectorAll('main :is(p, li, dd)')) {
    const words = one.textContent.trim().replace(/\\s+/g, ' ');
    if (words.length <= limit || one.querySelector('p, li, div, form, svg') || one.matches('.unseen')) continue;
    if (!one.checkVisibility()) continue;
    const range = document.createRange(); range.selectNodeContents(one);
    const boxes = [...range.getClientRects()];
    const width = Math.max(...boxes.map(box => box.right)) - Math.min(...boxes.map(box => box.left));
    const style = getComputedStyle(one);
    canvas.font = `${style.fontWeight} ${style.fontSize} ${style.fontFamily}`;
    const characters = Math.round(width * words.length / canvas.measureText(words).width);
    if (characters > limit) found.push(`${characters}: ${words.slice(0, 60)}`);
  }
  return found;
}"""


@pytest.fixture(scope="session")
def browser_type_launch_args(browser_type_launch_args: dict[str, Any]) -> dict[str, Any]:
    return browser_type_launch_args | launch_options()


@pytest.fixture
def places(cast: SimpleNamespace, browser_of: Callable[[str], Client]) -> list[str]:
    """Every page that the owner of a team can open, with something of each kind on it."""
    world = one_of_everything(cast.team, cast.owner, cast.member, LONG)
    make_key(cast.team, label="A key of the marketing department with a long")
    keep(make_generation(cast.team, cast.owner, "A boat"))
    others = list(_in_every_state(cast))
    left = join(cast.team, "otto@example.org", name="Otto Overlong-Hyphenated van der Nameless")
    keep(make_generation(cast.team, left, visibility="private"))
    remove_member(cast.team.memberships.get(user=left), actor=Actor(cast.owner))
    owner = browser_of("owner")
    found = [place_of(address, world) for address in addresses() if _is_page(address)]
    found += [f"/t/{cast.team.slug}/generations/{one.pk}/" for one in others]
    found += [f"/t/{cast.team.slug}/gallery/?q=nothing", f"/t/{cast.team.slug}/nothing/"]
    answers = {place: visit(owner, "GET", place) for place in found}
    shown = [place for place, answer in answers.items() if answer.status_code in {200, 404}]
    return [place for place in shown if answers[place].headers["Content-Type"].startswith("text/html")]


def _is_page(address: Address) -> bool:
    return not address.name.startswith("admin:") and address.name not in NO_PAGES


def _in_every_state(cast: SimpleNamespace) -> Iterator[Generation]:
    key = make_key(cast.team, label="Main")
    for end in ("running", "refused", "unknown"):
        generation = Generation.objects.claim_for_sending(make_generation(cast.team, cast.owner, LONG).pk, key)
        assert generation
        if end == "refused":
            generation.record_refused("invalid_request", "The prompt was rejected by the safety system.")
        if end == "unknown":
            generation.record_unknown("interrupted", balance_after=900)
        yield generation


@pytest.fixture
def open_at(
    browser_of: Callable[[str], Client], live_server: Any, browser: Browser
) -> Iterator[Callable[[int, str], Page]]:
    """`open_at(width, who)`: a browser with a window so wide, in which one of the cast, or nobody, is signed in."""
    contexts = []

    def opened(width: int, who: str = "owner") -> Page:
        context = browser.new_context(base_url=live_server.url, viewport={"width": width, "height": 800})
        contexts.append(context)
        if who != "nobody":
            session = browser_of(who).cookies[settings.SESSION_COOKIE_NAME].value
            context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        return context.new_page()

    yield opened
    for context in contexts:
        context.close()


ENTRANCES = ["/accounts/login/", "/accounts/signup/", "/accounts/password/reset/", "/accounts/inactive/", "/nothing/"]


def test_no_page_of_a_team_scrolls_sideways_in_a_window_of_320_pixels(
    places: list[str], open_at: Callable[..., Page]
) -> None:
    page = open_at(320)

    assert [place for place in places if _scrolls_sideways(page, place)] == []


def test_no_way_in_scrolls_sideways_in_a_window_of_320_pixels(open_at: Callable[..., Page]) -> None:
    page = open_at(320, "nobody")

    assert [place for place in ENTRANCES if _scrolls_sideways(page, place)] == []


def _scrolls_sideways(page: Page, place: str) -> bool:
    page.goto(place)
    wide = "Math.max(document.documentElement.scrollWidth, document.querySelector('main').scrollWidth)"
    return bool(page.evaluate(f"{wide} > document.documentElement.clientWidth"))


def test_no_line_is_too_long_to_read_in_a_window_of_1920_pixels(
    places: list[str], open_at: Callable[..., Page]
) -> None:
    page = open_at(1920)
    found = {}

    for place in places:
        page.goto(place)
        page.evaluate("document.querySelectorAll('main details').forEach(one => { one.open = true })")
        if lines := page.evaluate(LONG_LINES, MAX_CHARACTERS):
            found[place] = lines

    assert found == {}
