"""Times are the reader's: their zone, their language, and the site's clock whatever their computer's says."""

import json
import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site, signed_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


@pytest.fixture(scope="module")
def owner(site: Site) -> str:
    team = site.new_team("Studio of Hours", "hora@example.org")
    keys = json.loads((Path(site.environment["HUBPORTAL_DATA"]) / "sandbox" / "demo-keys.json").read_text())
    site.manage("add_key", team, "--label", "Sandbox", typed=keys["main"])
    return "hora@example.org"


def test_a_time_is_told_in_the_browsers_zone(open_browser: Callable[..., Page], owner: str):
    page = signed_in(open_browser(timezone_id="Asia/Tokyo"), owner)
    page.locator("#prompt-form [name=prompt]").fill("[slow 300] A clock tower")
    page.locator("#prompt-form button[type=submit]").click()
    page.get_by_role("link", name="[slow 300] A clock tower").first.click()

    asked = page.locator(".facts time[data-local=time]").first

    expect(asked).not_to_contain_text("UTC")
    moment = datetime.fromisoformat(str(asked.get_attribute("datetime"))) + timedelta(hours=9)
    assert asked.inner_text().split(", ")[-1].replace("\u202f", " ") == f"{moment:%-I:%M %p}"


@pytest.mark.parametrize("wrong", [timedelta(hours=3), timedelta(hours=-3)], ids=["fast", "slow"])
def test_a_clock_does_not_go_by_the_computers(open_browser: Callable[..., Page], owner: str, wrong: timedelta):
    page = open_browser()
    page.clock.install(time=datetime.now(UTC) + wrong)
    signed_in(page, owner)
    page.locator("#prompt-form [name=prompt]").fill("[slow 300] A sundial")
    page.locator("#prompt-form button[type=submit]").click()
    card = page.locator(".card", has_text="A sundial").first

    expect(card.locator("[data-clock]")).to_have_text(re.compile(r"^0:\d\d$"))
    expect(card.locator("[data-ago]")).to_have_text("now")


def test_a_clock_never_runs_backwards(open_browser: Callable[..., Page], owner: str):
    page = open_browser()
    page.clock.install(time=datetime.now(UTC))
    signed_in(page, owner)
    page.locator("#prompt-form [name=prompt]").fill("[slow 300] An hourglass")
    page.locator("#prompt-form button[type=submit]").click()
    clock = page.locator(".card", has_text="An hourglass").first.locator("[data-clock]")
    expect(clock).to_have_text(re.compile(r"^0:0[3-9]$"))
    before = clock.inner_text()

    page.clock.set_system_time(datetime.now(UTC) - timedelta(hours=1))
    page.clock.run_for(1100)

    assert clock.inner_text() >= before
