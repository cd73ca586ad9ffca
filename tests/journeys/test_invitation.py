"""Letting somebody in, and out again: from the invitation to the first picture, and a member removed while looking."""

import re
import time
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site
from tests.journeys.test_first_picture import sandbox_key
from tests.journeys.test_two_factor import code

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

PHONE = {"width": 390, "height": 844}


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def give_key(site: Site, team: str, page: Page) -> None:
    site.manage("add_key", team, "--label", "Main", typed=sandbox_key(page, site))


def open_members(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Members").first.click()


def link_mailed_to(email: str, site: Site) -> str:
    """The link in the e-mail, which a site without a mail server prints."""
    output = Path(site.environment["HUBPORTAL_DATA"]) / "output"
    until = time.monotonic() + 60
    while time.monotonic() < until:
        found = re.search(
            rf"To: {re.escape(email)}$.*?({re.escape(site.url)}/invitations/\S+/)$", output.read_text(), re.S | re.M
        )
        if found:
            return found[1]
        time.sleep(0.2)
    raise AssertionError(f"no e-mail to {email}:\n{output.read_text()[-3000:]}")


def ask_for(page: Page, prompt: str) -> None:
    page.locator("#prompt-form [name=prompt]").fill(prompt)
    page.locator("#prompt-form").get_by_role("button", name=re.compile("Create")).click()


def set_up_app(page: Page) -> None:
    """From the link to the set-up, past showing that it is still the same person and past the recovery codes."""
    expect(page.get_by_role("heading", level=1)).to_have_text("Is it still you?")
    page.locator("[name=password]").fill(PASSWORD)
    page.get_by_role("button", name="Go on").click()
    page.locator("[name=code]").fill(code(page.locator("#secret").inner_text()))
    page.get_by_role("button", name="Turn on").click()
    assert len(page.locator("#codes").inner_text().split()) == 10
    page.get_by_role("link", name="I have kept them").click()


def require_two_factor(page: Page, team: str) -> None:
    """By an owner, who has to have it first."""
    page.goto(f"/t/{team}/settings/")
    page.get_by_role("link", name="Set up two-factor").click()
    page.get_by_role("link", name="Set up an app").click()
    set_up_app(page)
    page.goto(f"/t/{team}/settings/")
    page.get_by_role("button", name="Require two-factor").click()
    expect(page.locator("#messages")).to_contain_text("Two-factor is required from now on")


def make_account(guest: Page, email: str) -> None:
    guest.get_by_role("button", name="Make an account").click()
    expect(guest.locator("[name=email]")).to_have_value(email)
    guest.locator("[name=name]").fill("Otto")
    guest.locator("[name=password1]").fill(PASSWORD)
    guest.locator("[name=password2]").fill(PASSWORD)
    guest.locator("main form").get_by_role("button").last.click()


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def test_from_the_invitation_by_two_factor_to_the_first_picture(
    site: Site, open_browser: Callable[..., Page], problems: list[str], viewport: dict
):
    owner, otto = f"ines-{viewport['width']}@example.org", f"otto-{viewport['width']}@example.org"
    team = site.new_team("Studio East", owner)
    page = open_browser(viewport=viewport)
    give_key(site, team, page)
    problems.clear()
    sign_in(page, owner)
    require_two_factor(page, team)

    page.goto(f"/t/{team}/members/")
    page.get_by_label("Email addresses").fill(f"Otto Berg <{otto}>")
    page.get_by_role("button", name="Send invitations").click()
    expect(page.locator("#messages")).to_contain_text("1 invitation is on its way")
    expect(page.get_by_role("article", name=otto)).to_contain_text("good until")

    guest = open_browser(viewport=viewport)
    guest.goto(link_mailed_to(otto, site))
    expect(guest.get_by_role("heading", level=1)).to_have_text("Join Studio East")
    make_account(guest, otto)
    expect(guest.locator("#messages")).to_contain_text("Welcome to Studio East")
    expect(guest.get_by_role("main")).to_contain_text("Studio East requires that everybody signs in with a second step")
    guest.get_by_role("link", name="Set up an authenticator app").click()
    set_up_app(guest)

    expect(guest).to_have_url(f"{site.url}/t/{team}/")
    ask_for(guest, "A red boat")
    card = guest.locator("[data-generation]")
    expect(card).to_have_attribute("data-state", "succeeded", timeout=60_000)
    expect(card.locator("img[data-image]")).to_be_visible()
    open_members(page)
    expect(page.locator("[aria-labelledby=accepted]")).to_contain_text("Otto")
    expect(page.locator("[aria-labelledby=pending]")).to_have_count(0)
    assert problems == []


def test_a_link_is_copied_from_the_pending_list_and_works_once(site: Site, open_browser: Callable[..., Page]):
    site.new_team("Studio West", "uma@example.org")
    site.new_team("Elsewhere", "vera@example.org")
    page = open_browser(permissions=["clipboard-read", "clipboard-write"])
    sign_in(page, "uma@example.org")
    open_members(page)
    page.get_by_label("Email addresses").fill("walt@example.org")
    page.get_by_role("button", name="Send invitations").click()

    page.get_by_role("button", name="Copy link").click()
    link = page.evaluate("navigator.clipboard.readText()")

    guest = open_browser()
    guest.goto(link)
    guest.get_by_role("button", name="Sign in").click()
    guest.get_by_label("Email").fill("vera@example.org")
    guest.get_by_label("Password").fill(PASSWORD)
    guest.get_by_role("button", name="Sign in", exact=True).click()
    expect(guest.locator("#messages")).to_contain_text("Welcome to Studio West")
    open_members(page)
    expect(page.locator("[aria-labelledby=accepted]")).to_contain_text("another address")
    other = open_browser()
    other.goto(link)
    expect(other.get_by_role("heading", level=1)).to_have_text("This invitation no longer works")


def test_a_member_who_is_removed_while_watching_is_told_so_calmly(site: Site, open_browser: Callable[..., Page]):
    team = site.new_team("Studio South-East", "xenia@example.org")
    site.manage("add_member", team, "yann@example.org", "--role", "member", "--password-stdin", typed=PASSWORD)
    page, watching = open_browser(), open_browser()
    give_key(site, team, page)
    sign_in(page, "xenia@example.org")
    sign_in(watching, "yann@example.org")
    ask_for(watching, "[forever] A red boat")
    expect(watching.locator("[data-generation]")).to_have_attribute("data-state", "running")

    open_members(page)
    page.get_by_role("link", name="Remove… yann").click()
    page.get_by_role("button", name="Remove yann").click()
    expect(page.locator("#messages")).to_contain_text("yann is no longer in the team")

    expect(watching.locator("#messages")).to_contain_text("That is no longer here")
    assert watching.goto(f"/t/{team}/").status == 404
    expect(watching.get_by_role("heading", level=1)).to_have_text("There's nothing here to open")
    site.finish_painting("A red boat")
    page.goto(f"/t/{team}/")
    expect(page.locator("[data-generation]")).to_have_attribute("data-state", "succeeded", timeout=60_000)
    expect(page.locator("[data-generation]")).to_contain_text("yann")
