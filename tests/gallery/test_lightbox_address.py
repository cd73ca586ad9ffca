"""The lightbox has an address: Back closes it, a link opens it; and what it leads to, at a desk and on a phone."""

import re
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from hubportal.generations.models import Image
from tests.gallery.kept import picture
from tests.gallery.test_lightbox import expect_shown
from tests.gallery.test_lightbox import open_gallery as open_gallery
from tests.gallery.test_lightbox import three as three

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]
DESK: dict[str, Any] = {"viewport": {"width": 1280, "height": 800}}
PHONE: dict[str, Any] = {"viewport": {"width": 390, "height": 844}, "has_touch": True, "is_mobile": True}
BOTH = pytest.mark.parametrize("device", [DESK, PHONE], ids=["desk", "phone"])


def address_of(image: Image) -> re.Pattern[str]:
    return re.compile(f"/images/{image.pk}/$")


def open_first(page: Page) -> None:
    page.locator(".gallery-item > a").first.click()


@BOTH
def test_back_closes_it_and_forward_opens_it_again(
    open_gallery: Opened, three: list[Image], device: dict[str, Any]
) -> None:
    page = open_gallery(**device)
    gallery = page.url
    open_first(page)
    expect(page).to_have_url(address_of(three[0]))
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(address_of(three[1]))

    page.go_back()

    expect(page.locator("#lightbox")).not_to_be_visible()
    expect(page).to_have_url(gallery)
    page.go_forward()
    expect_shown(page, three[1])
    page.keyboard.press("Escape")
    expect(page).to_have_url(gallery)


@BOTH
def test_back_after_a_search_closes_it_and_keeps_what_was_found(
    open_gallery: Opened, three: list[Image], device: dict[str, Any]
) -> None:
    page = open_gallery(**device)
    page.get_by_role("searchbox").fill("boat 2")
    expect(page.locator(".gallery-item")).to_have_count(1)
    page.evaluate("document.getElementById('pictures').dataset.untouched = ''")
    open_first(page)
    expect_shown(page, three[2])

    page.go_back()

    expect(page.locator("#lightbox")).not_to_be_visible()
    expect(page).to_have_url(re.compile(r"\?q=boat\+2$"))
    expect(page.locator("#pictures[data-untouched]")).to_be_visible()


@BOTH
def test_a_link_opens_the_picture_and_esc_leads_to_the_gallery(
    open_gallery: Opened, three: list[Image], device: dict[str, Any]
) -> None:
    page = open_gallery(**device)
    page.goto(f"{page.url.replace('/gallery/', '/images/')}{three[1].pk}/")

    expect(page.locator("#picture img[data-image]")).to_have_attribute("data-image", str(three[1].pk))
    assert page.evaluate("document.getElementById('main').scrollWidth") <= device["viewport"]["width"]
    page.keyboard.press("ArrowRight")
    expect(page).to_have_url(address_of(three[2]))
    page.keyboard.press("Escape")
    expect(page.locator(".gallery-item")).to_have_count(1)


@BOTH
def test_it_says_which_of_how_many_it_is(open_gallery: Opened, three: list[Image], device: dict[str, Any]) -> None:
    page = open_gallery(**device)
    open_first(page)
    place = page.locator(".lightbox-place")

    expect(place).to_have_text("1 of 3")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("2 of 3")

    page.evaluate("delete document.getElementById('pictures').dataset.total")
    page.keyboard.press("ArrowRight")
    expect(place).to_have_text("3")


@BOTH
def test_remix_and_use_as_reference_stand_first_and_lead_to_the_form(
    open_gallery: Opened, three: list[Image], device: dict[str, Any]
) -> None:
    page = open_gallery(**device)
    open_first(page)
    actions = page.locator("#lightbox .lightbox-facts .actions")

    expect(actions.get_by_role("link")).to_have_text(["Remix", "Use as reference"])
    actions.get_by_role("link", name="Use as reference").click()
    expect(page.locator("#refs .ref-list .ref")).to_have_count(1)
    page.go_back()
    page.locator("#picture, #lightbox").get_by_role("link", name="Remix").click()
    expect(page.locator("#id_prompt")).to_have_value("Boat 0")


def test_a_tile_offers_them_under_the_pointer_and_to_the_keyboard(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery(**DESK)
    acts = page.locator(".gallery-item-acts > a").first
    expect(acts).to_have_css("opacity", "0")

    page.locator(".gallery-item").first.hover()
    expect(acts).to_have_css("opacity", "1")
    page.mouse.move(0, 0)
    page.locator(".gallery-item > a").first.focus()
    page.keyboard.press("Tab")
    expect(acts).to_be_focused()
    expect(acts).to_have_css("opacity", "1")


@BOTH
def test_what_is_deleted_goes_at_once_and_undo_brings_it_back(
    open_gallery: Opened, three: list[Image], device: dict[str, Any]
) -> None:
    page = open_gallery(**device)
    open_first(page)

    page.locator("#lightbox").get_by_role("button", name="Delete").click()
    expect_shown(page, three[1])
    expect(page.locator("#lightbox-said")).to_contain_text("Moved to the bin.")
    expect(page.locator(".lightbox-place")).to_have_text("1 of 2")
    expect(page.locator(".gallery-item")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()

    expect_shown(page, three[0])
    expect(page.locator(".gallery-item")).to_have_count(3)
    three[0].refresh_from_db()
    assert three[0].binned_at is None


def test_a_time_in_it_is_the_readers(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery(**DESK, timezone_id="Asia/Tokyo")
    open_first(page)

    expect(page.locator(".lightbox-facts time")).not_to_contain_text("UTC")


def test_the_prompt_is_copied(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery(**DESK, permissions=["clipboard-read", "clipboard-write"])
    open_first(page)

    page.get_by_role("button", name="Copy prompt").click()

    expect(page.locator("[data-copied]")).to_be_visible()
    assert page.evaluate("navigator.clipboard.readText()") == "Boat 0"


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_pictures_stand_on_near_black_by_day_and_night(
    cast: SimpleNamespace, open_gallery: Opened, scheme: str
) -> None:
    image = picture(cast.team, cast.member)
    page = open_gallery(**DESK, color_scheme=scheme)
    open_first(page)
    expect(page.locator("dialog[open] .lightbox-stage")).to_have_css("background-color", "rgb(11, 12, 14)")

    page.reload()
    expect(page.locator("#picture .lightbox-stage")).to_have_css("background-color", "rgb(11, 12, 14)")
    page.goto(f"/t/{cast.team.slug}/generations/{image.generation_id}/")
    assert page.locator(".stage img").count() == 1
    expect(page.locator(".stage")).to_have_css("background-color", "rgb(11, 12, 14)")


def test_without_scripts_a_picture_is_deleted_and_undone(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery(**DESK, java_script_enabled=False)
    open_first(page)

    page.get_by_role("button", name="Delete").click()
    expect(page.locator(".gallery-item")).to_have_count(2)
    page.get_by_role("button", name="Undo").click()

    expect(page.locator("#picture img[data-image]")).to_have_attribute("data-image", str(three[0].pk))
