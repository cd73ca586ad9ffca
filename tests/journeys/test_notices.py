"""Messages over the page: they push nothing, leave by themselves or stay, and can be closed; the sandbox's notice."""

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

PHONE, DESK = {"width": 390, "height": 844}, {"width": 1280, "height": 800}
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
TELL = "detail => document.dispatchEvent(new CustomEvent('notice', { detail }))"


@pytest.fixture(scope="module")
def team(site: Site) -> str:
    team = site.new_team("Studio Lane", "lea@example.org")
    for name in ("max", "nia"):
        site.manage("add_member", team, f"{name}@example.org", "--role", "member", "--password-stdin", typed=PASSWORD)
    return team


def sign_in(page: Page, email: str = "lea@example.org") -> Page:
    page.goto("/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation").first).to_be_visible()
    return page


def tell(page: Page, level: str, text: str) -> Locator:
    page.evaluate(TELL, {"level": level, "text": text})
    return page.locator("#messages .message", has_text=text)


@pytest.fixture
def page(open_browser: Callable[..., Page], team: str) -> Page:
    """The members page, with a clock that the test alone moves."""
    page = open_browser(viewport=PHONE)
    page.clock.install(time=NOON)
    sign_in(page).goto(f"/t/{team}/members/")
    page.clock.pause_at(NOON + timedelta(hours=1))
    page.locator("h1").hover()
    return page


@pytest.mark.parametrize("size", [PHONE, DESK], ids=["phone", "desk"])
def test_a_message_pushes_nothing_and_leaves_the_bar_of_a_phone_free(page: Page, size: dict[str, int]) -> None:
    page.set_viewport_size(size)  # type: ignore[arg-type]
    before = page.locator("h1").bounding_box()

    said = tell(page, "error", "That went wrong, and it takes a good many words to say so on a phone.")

    said.evaluate("message => Promise.all(message.getAnimations().map(({ finished }) => finished))")
    box, bar = said.bounding_box(), page.locator(".nav").bounding_box()
    assert page.locator("h1").bounding_box() == before
    assert box
    assert bar
    assert box["x"] >= 0
    assert box["x"] + box["width"] <= size["width"]
    assert box["y"] + box["height"] <= (bar["y"] if size == PHONE else size["height"])
    page.clock.run_for(100)
    expect(page.locator("#announcer")).to_contain_text("That went wrong")


def test_an_error_stays_and_the_rest_leaves_after_ten_seconds(page: Page) -> None:
    error, good = tell(page, "error", "That failed."), tell(page, "success", "Saved.")

    page.clock.run_for(9_500)
    expect(good).to_be_visible()
    page.clock.run_for(1_000)

    expect(good).to_have_count(0)
    page.clock.run_for(600_000)
    expect(error).to_be_visible()


@pytest.mark.parametrize("how", ["hover", "focus"])
def test_who_reads_a_message_keeps_it(page: Page, how: str) -> None:
    said = tell(page, "info", "Take your time.")
    said.hover() if how == "hover" else said.get_by_role("button", name="Close").focus()

    page.clock.run_for(60_000)
    expect(said).to_be_visible()
    page.locator("h1").hover()
    page.evaluate("document.activeElement.blur()")
    page.clock.run_for(21_000)

    expect(said).to_have_count(0)


def test_messages_are_closed_by_keyboard_one_after_the_other(page: Page) -> None:
    first, second = tell(page, "error", "The first."), tell(page, "error", "The second.")
    first.get_by_role("button", name="Close").focus()

    page.keyboard.press("Escape")

    expect(first).to_have_count(0)
    expect(second.get_by_role("button", name="Close")).to_be_focused()
    page.keyboard.press("Enter")
    expect(second).to_have_count(0)
    expect(page.locator("main")).to_be_focused()


def test_nothing_moves_for_who_wants_no_motion(open_browser: Callable[..., Page], team: str) -> None:
    page = sign_in(open_browser(reduced_motion="reduce"))

    said = tell(page, "error", "Still.")

    assert said.evaluate("element => element.getAnimations().length") == 0


def test_without_scripts_a_message_stands_in_the_page(open_browser: Callable[..., Page], team: str) -> None:
    page = sign_in(open_browser(java_script_enabled=False, viewport=PHONE))
    page.goto(f"/t/{team}/members/")
    row = page.locator("tr", has_text="max@example.org")

    row.locator("[name=role]").select_option("reviewer")
    row.get_by_role("button", name="Change the role").click()

    said = page.locator("#messages .message", has_text="is now a reviewer")
    assert said.evaluate("element => getComputedStyle(element.parentElement).position") == "static"
    expect(said.get_by_role("button")).to_be_hidden()


def test_a_role_is_saved_on_choice_and_put_back_where_that_failed(page: Page, problems: list[str]) -> None:
    role = page.locator("tr", has_text="nia@example.org").locator("[name=role]")
    role.select_option("admin")
    page.clock.run_for(500)
    expect(page.locator("#messages")).to_contain_text("nia is now an admin")
    expect(role).to_have_value("admin")
    page.clock.run_for(500)  # htmx takes up what it swapped in a moment later

    page.route("**/role/", lambda route: route.fulfill(status=503))
    role.select_option("reviewer")
    page.clock.run_for(500)

    expect(page.locator("#messages")).to_contain_text("The site is busy")
    expect(role).to_have_value("admin")
    assert [said for said in problems if "503" not in said] == []


def test_the_sandbox_notice_is_closed_where_one_stands(open_browser: Callable[..., Page], team: str) -> None:
    page = sign_in(open_browser())
    page.goto(f"/t/{team}/members/")
    expect(page.locator(".notice")).to_contain_text("HUB_BASE_URL=https://www.gptimagehub.com")

    page.get_by_role("button", name="Don't show this again").click()

    expect(page.locator(".notice")).to_have_count(0)
    expect(page).to_have_url(re.compile("/members/$"))
    page.goto(f"/t/{team}/")
    expect(page.locator(".notice")).to_have_count(0)


def test_the_tabs_stay_where_they_are(page: Page, team: str) -> None:
    places = []
    for size in (PHONE, DESK):
        page.set_viewport_size(size)  # type: ignore[arg-type]
        for name in ("members", "settings", "audit"):
            page.goto(f"/t/{team}/{name}/")
            places.append([size["width"], *(link.bounding_box() for link in page.locator(".tabs a").all())])

    assert places[:3] == [places[0]] * 3
    assert places[3:] == [places[3]] * 3
