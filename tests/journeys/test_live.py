"""A page that stays open: others' work is told, an order on a phone leads to its card."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture(scope="module")
def team(site: Site) -> str:
    team = site.new_team("Studio of Two", "una@example.org")
    keys = json.loads((Path(site.environment["HUBPORTAL_DATA"]) / "sandbox" / "demo-keys.json").read_text())
    site.manage("add_key", team, "--label", "Sandbox", typed=keys["main"])
    site.manage("add_member", team, "duo@example.org", "--role", "member", "--password-stdin", typed=PASSWORD)
    return team


def order(page: Page, prompt: str) -> None:
    page.locator("#prompt-form [name=prompt]").fill(prompt)
    page.locator("#prompt-form button[type=submit]").click()
    expect(page.locator(".card", has_text=prompt).first).to_be_attached()


def test_what_a_colleague_makes_is_told_and_shown_without_losing_what_is_typed(
    open_browser: Callable[..., Page], team: str
):
    una, duo = (signed_in(open_browser(), email) for email in ("una@example.org", "duo@example.org"))
    una.locator("#id_prompt").fill("Half a sentence about")

    order(duo, "A bridge of two")
    una.evaluate("window.dispatchEvent(new Event('focus'))")

    news = una.locator("#news a")
    expect(news).to_have_text("1 new from duo")
    news.click()
    expect(una.locator(".card", has_text="A bridge of two")).to_be_visible()
    expect(news).to_have_count(0)
    expect(una.locator("#id_prompt")).to_have_value("Half a sentence about")


def test_on_a_phone_an_order_leads_to_its_card(open_browser: Callable[..., Page], team: str):
    phone = signed_in(
        open_browser(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True), "una@example.org"
    )

    order(phone, "A narrow street")

    expect(phone.locator(".card", has_text="A narrow street")).to_be_in_viewport(ratio=0.9)
