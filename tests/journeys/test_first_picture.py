"""The main job, end to end: sign in, add a key, make a picture, find it again, read what it cost."""

import re
from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site
from tests.makers import picture_bytes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

PHONE = {"width": 390, "height": 844}
PROMPT = "A red boat in a quiet harbour"


def sandbox_key(page: Page, site: Site) -> str:
    """Take a key from the sandbox's front page, as a person would."""
    page.goto(site.sandbox_url)
    found = re.search(r"gih_live_\w+", page.inner_text("body"))
    assert found
    return found[0]


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


def add_key(page: Page, secret: str) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Keys").first.click()
    page.locator("[name=label]").fill("Studio")
    page.locator("[name=secret]").fill(secret)
    page.locator("form:has([name=secret])").get_by_role("button").click()
    expect(page.get_by_text(f"···{secret[-4:]}").first).to_be_visible()
    assert secret not in page.content()


def ask_for_a_picture(page: Page, reference: Path) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Create").first.click()
    page.locator("#prompt-form [name=prompt]").fill(PROMPT)
    page.locator("#prompt-form [name=size]").select_option("1536x1024")
    page.locator("#prompt-form [name=references]").set_input_files(reference)
    page.locator("#prompt-form").get_by_role("button", name=re.compile("Create")).click()


def find_it_again(page: Page) -> None:
    page.get_by_role("navigation").get_by_role("link", name="Gallery").first.click()
    expect(page.locator("img[data-image]")).to_have_count(1)
    page.get_by_role("navigation").get_by_role("link", name="Usage").first.click()
    expect(page.locator(".numbers")).to_contain_text("8")
    expect(page.get_by_role("table").filter(has_text="GPT").first).to_contain_text("8")


@pytest.fixture
def reference(tmp_path: Path) -> Path:
    path = tmp_path / "harbour.png"
    path.write_bytes(picture_bytes(size=(300, 200)))
    return path


@pytest.mark.parametrize("viewport", [PHONE, {"width": 1280, "height": 900}], ids=["phone", "desktop"])
def test_the_first_picture(
    site: Site, open_browser: Callable[..., Page], problems: list[str], reference: Path, viewport: dict
):
    email = f"anna-{viewport['width']}@example.org"
    site.new_team("Studio North", email)
    page = open_browser(viewport=viewport)
    secret = sandbox_key(page, site)
    problems.clear()

    sign_in(page, email)
    add_key(page, secret)
    ask_for_a_picture(page, reference)

    card = page.locator("[data-generation]")
    expect(card).to_have_count(1)
    expect(card).to_have_attribute("data-state", re.compile("waiting|sending|running"))
    expect(card).to_have_attribute("data-state", "succeeded", timeout=60_000)
    picture = card.locator("img[data-image]")
    expect(picture).to_be_visible()
    assert picture.evaluate("image => image.naturalWidth") > 0
    card.get_by_role("link").first.click()
    expect(page.get_by_role("heading", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("8 charged")
    expect(page.locator("main img[alt*='harbour.png']")).to_be_visible()
    find_it_again(page)
    assert problems == []


def test_the_first_picture_without_javascript(site: Site, open_browser: Callable[..., Page], reference: Path):
    site.new_team("Studio South", "otto@example.org")
    page = open_browser(java_script_enabled=False)
    secret = sandbox_key(page, site)

    sign_in(page, "otto@example.org")
    add_key(page, secret)
    ask_for_a_picture(page, reference)

    card = page.locator("[data-generation]")
    expect(card).to_have_count(1)
    expect(card).to_have_attribute("data-state", "succeeded", timeout=60_000)
    card.get_by_role("link").first.click()
    expect(page.locator("main img[data-image]").first).to_be_visible()
    find_it_again(page)
