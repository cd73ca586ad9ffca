"""Selecting in a real browser: by keyboard alone, by a range, and single ones out of all."""

import zipfile
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from hubportal.gallery.models import Selection
from hubportal.generations.models import Image
from tests.gallery.kept import picture
from tests.gallery.test_lightbox import open_gallery as open_gallery

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]


@pytest.fixture
def five(cast: SimpleNamespace) -> list[Image]:
    """Five pictures, the newest first."""
    now = timezone.now()
    return [
        picture(cast.team, cast.member, f"Boat {place}", size=(300, 200), created_at=now - timedelta(minutes=place))
        for place in range(5)
    ]


def selecting(page: Page) -> Page:
    page.get_by_role("link", name="Select", exact=True).click()
    expect(page.locator("#selection-number")).to_have_text("0 selected")
    return page


def test_three_are_selected_by_keyboard_and_downloaded(open_gallery: Opened, five: list[Image]) -> None:
    page = open_gallery()
    page.get_by_role("link", name="Select", exact=True).focus()
    page.keyboard.press("Enter")
    expect(page.locator("#selection-number")).to_have_text("0 selected")
    expect(page.get_by_role("button", name="Download (ZIP)")).to_be_disabled()

    page.get_by_role("checkbox", name="Boat 0").focus()
    page.keyboard.press("ArrowRight")
    expect(page.get_by_role("checkbox", name="Boat 1")).to_be_focused()
    page.keyboard.press("Space")
    page.keyboard.press("Shift+ArrowRight")
    page.keyboard.press("Shift+ArrowRight")

    expect(page.locator("#selection-number")).to_have_text("3 selected")
    expect(page.locator("#announcer")).to_have_text("3 selected")
    page.get_by_role("button", name="Download (ZIP)").focus()
    with page.expect_download() as downloading:
        page.keyboard.press("Enter")
    with zipfile.ZipFile(downloading.value.path()) as archive:
        assert archive.testzip() is None
        assert archive.namelist() == ["Boat-1-1.png", "Boat-2-1.png", "Boat-3-1.png", "manifest.csv"]


def test_a_click_with_shift_selects_all_between(open_gallery: Opened, five: list[Image]) -> None:
    page = selecting(open_gallery())
    tiles = page.locator(".gallery-item")

    tiles.nth(1).click()
    tiles.nth(4).click(modifiers=["Shift"])
    tiles.nth(2).click()

    expect(page.locator("#selection-number")).to_have_text("3 selected")
    assert [box.is_checked() for box in page.get_by_role("checkbox").all()] == [False, True, False, True, True]


def test_what_lies_below_a_tick_is_not_reached_by_tab(open_gallery: Opened, five: list[Image]) -> None:
    page = selecting(open_gallery())

    page.get_by_role("checkbox", name="Boat 0").focus()
    page.keyboard.press("Tab")

    expect(page.get_by_role("checkbox", name="Boat 1")).to_be_focused()


def test_of_all_single_ones_are_taken_out_on_the_server_and_the_bin_is_undone(
    open_gallery: Opened, five: list[Image]
) -> None:
    page = selecting(open_gallery())
    page.get_by_role("button", name="All: 5 pictures").click()
    expect(page.locator("#selection-number")).to_have_text("5 selected")

    page.locator(".gallery-item").nth(1).click()
    page.locator(".gallery-item").nth(2).click(modifiers=["Shift"])
    expect(page.locator("#selection-number")).to_have_text("3 selected")
    assert set(Selection.objects.get().excluded) == {str(five[1].pk), str(five[2].pk)}

    page.get_by_role("button", name="Move to bin").click()
    expect(page.locator(".gallery-item")).to_have_count(2)
    expect(page.locator("#messages")).to_contain_text("3 pictures moved to the bin.")
    page.get_by_role("button", name="Undo").click()
    expect(page.locator(".gallery-item")).to_have_count(5)


def test_without_scripts_ticks_are_check_boxes_of_a_form(open_gallery: Opened, five: list[Image]) -> None:
    page = open_gallery(java_script_enabled=False)
    page.get_by_role("link", name="Select", exact=True).click()

    page.locator(".gallery-item").nth(0).click()
    page.get_by_role("button", name="Move to bin").click()

    expect(page.locator("#messages")).to_contain_text("1 picture moved to the bin.")
    expect(page.locator(".gallery-item")).to_have_count(4)


def test_other_filters_keep_on_selecting(open_gallery: Opened, five: list[Image]) -> None:
    page = selecting(open_gallery())

    page.get_by_role("textbox", name="Search prompts").or_(page.get_by_role("searchbox")).fill("Boat")
    page.wait_for_url("**/gallery/?q=Boat&select=1")

    expect(page.get_by_role("checkbox")).to_have_count(5)
    expect(page.locator("#selection-number")).to_have_text("0 selected")
