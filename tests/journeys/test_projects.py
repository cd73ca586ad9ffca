"""A project's life: added, ordered for, remembered, moved to, and read on Usage."""

from collections.abc import Callable
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import Site
from tests.journeys.test_first_picture import add_key, sandbox_key, sign_in

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]


def add_project(page: Page, name: str) -> None:
    page.get_by_label("Name of a new project").fill(name)
    page.get_by_role("button", name="Add project").click()
    expect(page.get_by_role("row", name=name)).to_be_visible()


def test_a_project_from_its_first_order_to_the_bill(
    site: Site, open_browser: Callable[..., Page], problems: list[Any]
) -> None:
    team = site.new_team("Bill by project", "petra@example.org")
    page = open_browser()
    secret = sandbox_key(page, site)
    sign_in(page, "petra@example.org")
    add_key(page, secret)
    page.goto(f"/t/{team}/projects/")
    expect(page.get_by_text("a client, a campaign")).to_be_visible()
    add_project(page, "Spring")
    add_project(page, "Autumn")

    # Ordered for one, which is chosen for the next one too.
    page.goto(f"/t/{team}/")
    page.get_by_label("Project").select_option("Spring")
    page.locator("#prompt-form [name=prompt]").fill("A tulip")
    page.locator("#prompt-form [type=submit]").click()
    card = page.locator("article.card")
    expect(card).to_have_attribute("data-state", "succeeded", timeout=60_000)
    page.reload()
    expect(page.get_by_label("Project").locator("option:checked")).to_have_text("Spring")

    # Moved to the other.
    card.get_by_role("link", name="A tulip").first.click()
    page.get_by_text("Move it to another project").click()
    page.locator("#move_project").select_option("Autumn")
    page.get_by_role("button", name="Move", exact=True).click()
    expect(page.get_by_role("region", name="Messages")).to_contain_text("It is for Autumn from now on.")

    # Read on Usage, and followed to the generation behind the number.
    page.goto(f"/t/{team}/usage/")
    table = page.get_by_role("table", name="Credits by project")
    expect(table.get_by_role("row", name="Autumn")).to_contain_text("8")
    sheets = page.pdf(prefer_css_page_size=True)
    assert sheets.count(b"/Type /Page\n") == 1
    table.get_by_role("row", name="Autumn").get_by_role("link").last.click()
    expect(page.get_by_role("link", name="A tulip")).to_have_count(1)
    assert problems == []
