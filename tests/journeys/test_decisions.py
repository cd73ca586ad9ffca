"""Deciding what becomes of a doubt and of a failure, with the browser's own forms: with scripts and without."""

import json
import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.journeys.conftest import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture(params=[True, False], ids=["scripts", "plain"])
def page(request: pytest.FixtureRequest, open_browser: Callable[..., Page], site: Site) -> Page:
    """Somebody signed in, whose team has 1,000 of the sandbox's credits."""
    email = f"vera-{request.param}@example.org".lower()
    team = site.new_team("Studio East", email)
    keys = json.loads((Path(site.environment["HUBPORTAL_DATA"]) / "sandbox" / "demo-keys.json").read_text())
    site.manage("add_key", team, "--label", "Sandbox", typed=keys["main"])
    page = open_browser(java_script_enabled=request.param, viewport={"width": 390, "height": 844})
    page.goto("/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#prompt-form")).to_be_visible()
    return page


def ask(page: Page, prompt: str) -> Locator:
    """Ask for a picture of one's own words; gives its card."""
    page.locator("#prompt-form [name=prompt]").fill(prompt)
    page.locator("#prompt-form").get_by_role("button", name=re.compile("Create")).click()
    return page.locator(".card").filter(has_text=prompt)


def press(place: Page | Locator, name: str) -> None:
    place.get_by_role("button", name=re.compile(f"^{name}")).click()


def state(page: Page) -> Locator:
    return page.locator("article[data-generation]")


def test_a_doubt_is_settled_on_its_card_and_on_its_page(page: Page):
    card = ask(page, "[drop] a lighthouse")
    expect(card).to_have_attribute("data-state", "unknown", timeout=60_000)
    expect(card).to_contain_text("so it was probably accepted")
    first = card.get_attribute("data-generation")

    card.get_by_role("link", name=re.compile("^It didn't — send again")).click()
    press(page, "Yes, send it again")

    expect(state(page)).not_to_have_attribute("data-generation", str(first))
    expect(state(page)).to_have_attribute("data-state", "unknown", timeout=60_000)
    expect(page.get_by_role("definition").filter(has_text="the one of")).to_be_visible()
    page.locator("summary", has_text="It went through").click()
    press(page, "Yes, it went through")
    expect(page.locator("#messages")).to_contain_text("Settled: it went through")
    expect(page.locator("main")).to_contain_text("8 credits spent")
    page.get_by_role("link", name=re.compile("the one of")).click()
    expect(page.locator(".why")).to_contain_text("Settled: it didn't go through. Nothing was charged.")
    expect(page.get_by_role("link", name="Asked again: see the new one")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Try again"))).to_have_count(0)


def test_a_failure_is_tried_again_once(page: Page):
    card = ask(page, "[fail] a lighthouse")
    expect(card).to_have_attribute("data-state", "failed", timeout=60_000)
    first = card.get_attribute("data-generation")

    press(card, "Try again · 8 credits")
    again = page.locator(f"#generation-{first}").get_by_role("link", name="Asked again: see the new one")
    if "/generations/" not in page.url:  # with scripts the page stays, and the card says it
        expect(card).to_have_count(2)
        again.click()

    expect(state(page)).not_to_have_attribute("data-generation", str(first))
    expect(state(page)).to_have_attribute("data-state", "failed", timeout=60_000)
    page.get_by_role("link", name=re.compile("the one of")).click()
    expect(state(page)).to_have_attribute("data-generation", str(first))
    expect(page.get_by_role("button", name=re.compile("Try again"))).to_have_count(0)
