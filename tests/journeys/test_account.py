"""One's own account in a browser: coming in, a password that is shown, the zone of one's times."""

from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

# What the password field is when the page is left: browsers offer to save what is a password then.
KEEP_TYPE = "addEventListener('pagehide', () => sessionStorage.type = document.querySelector('[name=password]').type)"
TOLD = """([zone, moment]) => new Intl.DateTimeFormat("en", { dateStyle: "medium", timeStyle: "short", timeZone: zone })
    .format(new Date(moment))"""


@pytest.fixture(scope="module")
def owner(site: Site) -> str:
    site.new_team("Studio of Doors", "ida@example.org")
    return "ida@example.org"


def test_a_password_is_shown_while_it_is_typed_and_hidden_when_it_is_sent(
    open_browser: Callable[..., Page], owner: str, problems: list[str]
):
    page = open_browser()
    page.goto("/accounts/login/")
    expect(page.locator("[name=login]")).to_be_focused()
    page.keyboard.type(owner)
    password, show = page.locator("[name=password]"), page.get_by_role("button", name="Show password")
    password.fill("a quiet")

    show.click()
    expect(password).to_have_attribute("type", "text")
    expect(show).to_have_attribute("aria-pressed", "true")
    expect(password).to_have_attribute("autocomplete", "current-password")
    password.fill(PASSWORD)
    page.evaluate(KEEP_TYPE)
    password.press("Enter")

    expect(page.get_by_role("navigation", name="Main")).to_be_visible()
    assert page.evaluate("sessionStorage.type") == "password"
    assert problems == []


def test_without_scripts_there_is_no_button_that_does_nothing(open_browser: Callable[..., Page], owner: str):
    page = open_browser(java_script_enabled=False)

    page.goto("/accounts/login/")

    expect(page.locator("[name=password]")).to_be_visible()
    expect(page.locator("[data-reveal]")).to_be_hidden()


def test_times_follow_the_zone_that_one_chooses(open_browser: Callable[..., Page], owner: str):
    page = open_browser(timezone_id="Asia/Tokyo")
    page.goto("/accounts/login/")
    page.locator("[name=login]").fill(owner)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    page.get_by_role("navigation", name="Main").wait_for()

    def zone_told() -> str:
        page.goto("/accounts/sessions/")
        time = page.locator("time").first
        moment, title = time.get_attribute("datetime"), time.get_attribute("title")
        return next(zone for zone in ("Asia/Tokyo", "America/New_York") if page.evaluate(TOLD, [zone, moment]) == title)

    before = zone_told()
    page.goto("/accounts/")
    page.get_by_label("Time zone").fill("new york")
    page.get_by_role("button", name="Save time zone").click()
    expect(page.locator(".message")).to_contain_text("America/New_York")

    assert (before, zone_told()) == ("Asia/Tokyo", "America/New_York")
