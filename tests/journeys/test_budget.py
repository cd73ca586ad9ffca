"""A budget from being set to being raised: somebody is stopped, asks, is answered, and goes on."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

CREATE = "#prompt-form button[type=submit]"


def signed_in(page: Page, email: str) -> Page:
    page.goto("/")
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")
    expect(page.locator("#prompt-form")).to_be_visible()
    return page


def test_a_budget_is_set_hit_asked_for_raised_and_gone_on_with(site: Site, open_browser: Callable[..., Page]):
    team = site.new_team("Studio East", "eva@example.org")
    keys = json.loads((Path(site.environment["HUBPORTAL_DATA"]) / "sandbox" / "demo-keys.json").read_text())
    site.manage("add_key", team, "--label", "Sandbox", typed=keys["main"])
    site.manage("add_member", team, "ben@example.org", "--role", "member", "--password-stdin", typed=PASSWORD)
    admin = signed_in(open_browser(), "eva@example.org")
    member = signed_in(open_browser(viewport={"width": 375, "height": 800}), "ben@example.org")

    admin.goto(f"/t/{team}/usage/")
    admin.get_by_role("link", name="Budgets").click()
    admin.get_by_label("For").first.select_option("everyone")
    admin.get_by_label("Credits a month").last.fill("8")
    admin.get_by_role("button", name="Set the budget").click()
    expect(admin.get_by_role("heading", name="Each person")).to_be_visible()

    member.reload()
    member.locator("[name=n][value='2']").check(force=True)
    expect(member.locator(CREATE)).to_be_disabled()
    expect(member.locator("#why")).to_contain_text("your own budget in this team has 8 credits left this month")
    member.locator("#id_prompt").fill("A lighthouse")
    member.locator("#why a").click()
    member.get_by_label("Credits more a month").fill("20")
    member.get_by_label("What for").fill("Two lighthouses")
    member.get_by_role("button", name="Ask").click()
    expect(member.get_by_text("Nobody has answered yet.")).to_be_visible()

    admin.reload()
    expect(admin.get_by_text("Two lighthouses")).to_be_visible()
    admin.get_by_role("button", name="Raise it").click()
    member.reload()
    expect(member.get_by_text("raised it.")).to_be_visible()

    member.goto(f"/t/{team}/")
    expect(member.locator("#id_prompt")).to_have_value("A lighthouse")
    member.locator("[name=n][value='2']").check(force=True)
    expect(member.locator(CREATE)).to_be_enabled()
    member.locator(CREATE).click()
    expect(member.locator(".card").first).to_contain_text("A lighthouse")
    # 12 of 28 are left: three pictures don't fit, and the button knows it without a reload.
    member.locator("[name=n][value='2']").check(force=True)
    expect(member.locator("#why")).to_contain_text("has 12 credits left this month")
