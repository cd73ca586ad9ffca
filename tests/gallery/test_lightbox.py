"""The gallery in a real browser: one picture large, moving on by key and finger, and the page growing as one goes."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page, expect

from hubportal.gallery.models import Favourite
from hubportal.gallery.tags.tagging import add_tags, tags_on
from hubportal.generations.models import Image
from tests.gallery.kept import many, picture

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

Opened = Callable[..., Page]


@pytest.fixture
def open_gallery(
    cast: SimpleNamespace,
    browser_of: Callable[[str], Client],
    live_server: Any,
    browser: Browser,
) -> Iterator[Opened]:
    """`open_gallery(**options of a browser context)`: Mina on her team's gallery."""
    contexts: list[BrowserContext] = []
    problems: list[str] = []

    def opened(**options: Any) -> Page:
        context = browser.new_context(base_url=live_server.url, **options)
        contexts.append(context)
        session = browser_of("member").cookies[settings.SESSION_COOKIE_NAME].value
        context.add_cookies([{"name": settings.SESSION_COOKIE_NAME, "value": session, "url": live_server.url}])
        page = context.new_page()
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.goto(f"/t/{cast.team.slug}/gallery/")
        return page

    yield opened
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture
def three(cast: SimpleNamespace) -> list[Image]:
    """Three pictures, the newest first."""
    now = timezone.now()
    return [
        picture(cast.team, cast.member, f"Boat {place}", size=(300, 200), created_at=now - timedelta(days=place))
        for place in range(3)
    ]


def expect_shown(page: Page, image: Image) -> None:
    shown = page.locator("dialog[open] .lightbox-stage img")
    expect(shown).to_have_attribute("data-image", str(image.pk))
    expect(shown).to_have_attribute("src", f"/media/{image.pk}/original")
    expect(page.locator("dialog[open] .prompt")).to_have_text(image.generation.prompt)


def test_a_click_shows_the_picture_large_and_keys_lead_on(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()

    page.locator(".gallery-item > a").first.click()
    expect_shown(page, three[0])
    page.keyboard.press("ArrowRight")
    expect_shown(page, three[1])
    page.keyboard.press("ArrowRight")
    page.keyboard.press("ArrowRight")
    expect_shown(page, three[2])
    expect(page.get_by_role("button", name="Older picture")).to_have_attribute("aria-disabled", "true")
    page.keyboard.press("ArrowLeft")
    expect_shown(page, three[1])


def test_esc_closes_and_leaves_the_focus_at_the_picture_seen_last(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()
    page.locator(".gallery-item > a").first.click()
    page.keyboard.press("ArrowRight")
    expect_shown(page, three[1])

    page.keyboard.press("Escape")

    expect(page.locator("#lightbox")).not_to_be_visible()
    expect(page.locator(".gallery-item > a").nth(1)).to_be_focused()


def test_d_saves_the_original(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()
    page.locator(".gallery-item > a").first.click()
    expect_shown(page, three[0])

    with page.expect_download() as saved:
        page.keyboard.press("d")

    assert saved.value.suggested_filename == "Boat-0-1.png"
    assert saved.value.path().read_bytes() == three[0].original.open().read()


def test_f_makes_a_favourite_which_the_tile_and_the_filter_show(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()
    page.locator(".gallery-item > a").first.focus()
    page.keyboard.press("Enter")
    heart = page.locator("#lightbox").get_by_role("button", name="Favourite")
    expect(heart).to_have_attribute("aria-pressed", "false")

    page.keyboard.press("f")
    expect(heart).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("ArrowRight")
    expect(heart).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("ArrowLeft")
    expect(heart).to_have_attribute("aria-pressed", "true")
    page.keyboard.press("Escape")

    expect(page.locator(".gallery-item [aria-pressed=true]")).to_have_count(1)
    page.get_by_label("Favourites").select_option("1")
    expect(page.locator(".gallery-item")).to_have_count(1)
    page.locator(".gallery-item").hover()
    page.locator(".gallery-item").get_by_role("button", name="Favourite").click()
    expect(page.locator(".gallery-item [aria-pressed=true]")).to_have_count(0)


def test_t_tags_the_picture_and_its_field_keeps_other_keys_to_itself(
    cast: SimpleNamespace, open_gallery: Opened, three: list[Image]
) -> None:
    add_tags(three[2], ["boat", "bonfire"])
    page = open_gallery()
    page.locator(".gallery-item > a").first.focus()
    page.keyboard.press("Enter")

    page.keyboard.press("t")
    expect(page.locator("#lightbox [name=tags]")).to_be_focused()
    page.keyboard.type("dusk, bo")
    expect(page.locator("#lightbox datalist option").first).to_have_attribute("value", "dusk, boat")
    page.keyboard.press("Enter")
    expect(page.locator("#lightbox .tag > a")).to_have_text(["bo", "dusk"])
    expect(page.locator("#lightbox [name=tags]")).to_be_focused()
    page.keyboard.type("fd")
    page.keyboard.press("ArrowRight")
    expect_shown(page, three[0])
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowRight")
    expect_shown(page, three[1])
    expect(page.locator("#lightbox .tag")).to_have_count(0)
    page.keyboard.press("ArrowLeft")
    page.get_by_role("button", name="Take off bo").click()
    expect(page.locator("#lightbox .tag > a")).to_have_text(["dusk"])

    assert [tag.name for tag in tags_on(three[0])] == ["dusk"]
    assert not Favourite.objects.exists()


def test_a_picture_is_put_into_a_collection_and_moved_there_by_key_and_by_mouse(
    cast: SimpleNamespace, open_gallery: Opened, three: list[Image]
) -> None:
    page = open_gallery()
    for place in range(3):
        page.locator(".gallery-item > a").nth(place).click()
        # As somebody types: htmx looks at what it fetched twenty milliseconds after it is there.
        page.locator("#lightbox [name=collection]").press_sequentially("Wall", delay=30)
        page.keyboard.press("Enter")
        expect(page.locator("#lightbox .in-collection > a")).to_have_text("Wall")
        page.get_by_role("button", name="Close").click()
        page.wait_for_url("**/gallery/")
    page.goto(f"/t/{cast.team.slug}/collections/")
    page.get_by_role("link", name="Wall").click()
    page.get_by_role("link", name="Arrange").click()
    shown = page.locator(".arrange > li")
    first, second, third = (str(image.pk) for image in three)

    page.locator(f"#later-{first}").focus()
    page.keyboard.press("Enter")
    expect(shown.first).to_have_attribute("data-id", second)
    expect(page.locator(f"#later-{first}")).to_be_focused()
    with page.expect_response(lambda response: response.request.method == "POST"):
        page.locator(f"#picture-{third}").drag_to(page.locator(f"#picture-{second}"), target_position={"x": 8, "y": 40})
    expect(shown.first).to_have_attribute("data-id", third)
    page.reload()

    assert [item.get_attribute("data-id") for item in shown.all()] == [third, second, first]


def test_a_finger_drawn_sideways_turns_to_the_next_picture(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery(viewport={"width": 390, "height": 844}, has_touch=True, is_mobile=True)
    page.locator(".gallery-item > a").first.tap()
    expect_shown(page, three[0])

    swipe(page, (300, 300), (60, 320))
    expect_shown(page, three[1])
    swipe(page, (60, 300), (300, 320))
    expect_shown(page, three[0])
    swipe(page, (300, 300), (220, 220))
    page.keyboard.press("ArrowRight")
    expect_shown(page, three[1])


def swipe(page: Page, start: tuple[int, int], end: tuple[int, int]) -> None:
    finger = page.context.new_cdp_session(page)
    for step in range(6):
        x, y = (a + (b - a) * step / 5 for a, b in zip(start, end, strict=True))
        kind = "touchMove" if step else "touchStart"
        finger.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})


def test_a_click_with_ctrl_opens_the_page_of_the_picture_instead(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()

    with page.context.expect_page() as other:
        page.locator(".gallery-item > a").first.click(modifiers=["Control"])

    assert other.value.url.endswith(f"/images/{three[0].pk}/")
    expect(page.locator("#lightbox")).not_to_be_visible()


def test_the_page_grows_before_its_end_is_seen_and_nothing_moves(cast: SimpleNamespace, open_gallery: Opened) -> None:
    many(cast.team, cast.member, 130)
    page = open_gallery(viewport={"width": 1000, "height": 700})
    page.evaluate(
        "window.moved = 0;"
        "new PerformanceObserver((seen) => { for (const one of seen.getEntries()) moved += one.value; })"
        ".observe({ type: 'layout-shift' })"
    )
    items = page.locator(".gallery-item")
    expect(items).to_have_count(60)

    for seen, number in [(45, 120), (105, 130)]:
        items.nth(seen).scroll_into_view_if_needed()
        expect(items).to_have_count(number)
    items.last.scroll_into_view_if_needed()

    expect(page.locator("#older")).to_have_count(0)
    assert page.evaluate("window.moved") == 0


def test_going_on_in_the_lightbox_fetches_the_next_page(cast: SimpleNamespace, open_gallery: Opened) -> None:
    many(cast.team, cast.member, 61)
    page = open_gallery(viewport={"width": 1000, "height": 500})
    page.locator(".gallery-item > a").first.click()

    for _ in range(59):
        page.keyboard.press("ArrowRight")
    expect(page.locator(".gallery-item")).to_have_count(61)
    page.keyboard.press("ArrowRight")

    last = page.locator(".gallery-item img").last.get_attribute("data-image")
    expect(page.locator("dialog[open] .lightbox-stage img")).to_have_attribute("data-image", str(last))


def test_typing_searches_and_keeps_the_address(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()

    page.get_by_role("searchbox").press_sequentially("boat 2")

    expect(page.locator(".gallery-item")).to_have_count(1)
    expect(page.locator("#number")).to_have_text("1 picture")
    expect(page).to_have_url(f"{page.url.partition('?')[0]}?q=boat+2")
    expect(page.get_by_role("searchbox")).to_be_focused()
    expect(page.get_by_role("button", name="Search")).to_have_count(0)
    page.get_by_role("link", name="Show everything").click()
    expect(page.locator(".gallery-item")).to_have_count(3)


def test_without_scripts_links_and_the_form_do_it(cast: SimpleNamespace, open_gallery: Opened) -> None:
    shown = picture(cast.team, cast.member, "A tram", created_at=timezone.now() - timedelta(days=1))
    many(cast.team, cast.member, 60)
    page = open_gallery(java_script_enabled=False)

    page.get_by_role("link", name="Older").click()
    expect(page.locator(".gallery-item")).to_have_count(1)
    page.get_by_role("searchbox").fill("tram")
    page.get_by_role("button", name="Search").click()
    expect(page.locator(".gallery-item")).to_have_count(1)
    page.locator(".gallery-item").hover()
    page.get_by_role("button", name="Favourite").click()
    expect(page.get_by_role("button", name="Favourite")).to_have_attribute("aria-pressed", "true")
    expect(page.get_by_role("searchbox")).to_have_value("tram")
    page.locator(".gallery-item > a").click()

    assert page.url.endswith(f"/images/{shown.pk}/")
    assert page.locator(".lightbox-stage img").get_attribute("data-image") == str(shown.pk)


@pytest.mark.parametrize("width", [320, 390, 1280])
def test_neither_page_nor_lightbox_needs_sideways_scrolling(
    cast: SimpleNamespace, open_gallery: Opened, width: int
) -> None:
    picture(cast.team, cast.member, "Supercalifragilistic" * 20, size=(900, 100))
    page = open_gallery(viewport={"width": width, "height": 700})

    assert page.evaluate("document.getElementById('main').scrollWidth") <= width
    page.locator(".gallery-item > a").click()
    assert page.evaluate("document.getElementById('lightbox').scrollWidth") <= width


def transforms(page: Page) -> list[str]:
    return [
        str(one.evaluate("(image) => getComputedStyle(image).transform"))
        for one in page.locator(".compare-stage img").all()
    ]


def test_by_keyboard_from_one_picture_to_two_enlarged_together(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()

    page.locator(".gallery-item > a").first.focus()
    page.keyboard.press("Enter")
    expect_shown(page, three[0])
    page.keyboard.press("c")
    page.wait_for_url("**/compare/?image=*")
    page.locator(".compare-offer a").first.focus()
    page.keyboard.press("Enter")
    expect(page.locator(".compare-stage img")).to_have_count(2)
    before = transforms(page)
    page.keyboard.press("+")
    page.keyboard.press("ArrowRight")

    first, second = transforms(page)
    assert first == second != before[0]
    page.keyboard.press("0")
    assert transforms(page) == before


def test_a_slider_uncovers_the_second_of_two(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()
    here = page.url.replace("/gallery/", "/compare/")
    page.goto(f"{here}?image={three[0].pk}&image={three[1].pk}&view=slider")
    above = page.locator(".compare-stage").first

    page.get_by_role("slider").press("Home")

    boxes = [stage.bounding_box() for stage in page.locator(".compare-stage").all()]
    assert boxes[0] == boxes[1]
    assert "0px 0px, 0px 100%" in above.evaluate("(stage) => getComputedStyle(stage).clipPath").replace("0% ", "0px ")


def test_a_picture_is_enlarged_and_whole_again_when_the_next_one_comes(
    open_gallery: Opened, three: list[Image]
) -> None:
    page = open_gallery(viewport={"width": 300, "height": 700})
    page.locator(".gallery-item > a").first.click()
    expect_shown(page, three[0])
    shown = page.locator("dialog[open] .lightbox-stage img")

    page.keyboard.press("+")
    enlarged = shown.evaluate("(image) => getComputedStyle(image).transform")
    page.keyboard.press("ArrowRight")

    expect_shown(page, three[1])
    assert enlarged == "matrix(1.5, 0, 0, 1.5, 0, 0)"
    expect(shown).to_have_css("transform", "matrix(1, 0, 0, 1, 0, 0)")


def test_keys_tell_themselves_and_lead_on(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()
    page.locator(".gallery-item > a").first.click()
    expect_shown(page, three[0])

    page.keyboard.press("?")
    expect(page.locator("#shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("#shortcuts")).to_be_hidden()
    expect_shown(page, three[0])
    page.keyboard.press("r")

    page.wait_for_url(f"**/?again={three[0].generation_id}")


def test_delete_moves_the_picture_to_the_bin_and_shows_the_next(open_gallery: Opened, three: list[Image]) -> None:
    page = open_gallery()
    page.locator(".gallery-item > a").first.click()
    expect_shown(page, three[0])

    page.keyboard.press("Delete")

    expect_shown(page, three[1])
    assert Image.objects.get(pk=three[0].pk).binned_at
