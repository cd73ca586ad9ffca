"""What the prompt form's scripts do: references, the price, the draft, and what a refused form leaves behind."""

import json
import os
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.journeys.conftest import PASSWORD, Site
from tests.makers import picture_bytes

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

CREATE = "#prompt-form button[type=submit]"
DROP = """files => {
  const transfer = new DataTransfer();
  for (const [name, type, size] of files) transfer.items.add(new File([new Uint8Array(size)], name, { type }));
  document.body.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""
PASTE = """() => {
  const transfer = new DataTransfer();
  transfer.items.add(new File(["x"], "pasted.png", { type: "image/png" }));
  const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: transfer });
  document.getElementById("id_prompt").dispatchEvent(paste);
}"""


@pytest.fixture(scope="module")
def owner(site: Site) -> str:
    """The owner of a team with 1,000 of the sandbox's credits."""
    team = site.new_team("Studio West", "wes@example.org")
    keys = json.loads((Path(site.environment["HUBPORTAL_DATA"]) / "sandbox" / "demo-keys.json").read_text())
    site.manage("add_key", team, "--label", "Sandbox", typed=keys["main"])
    return "wes@example.org"


@pytest.fixture
def page(open_browser: Callable[..., Page], owner: str) -> Page:
    page = open_browser(viewport={"width": 1280, "height": 900})
    page.goto("/")
    sign_in(page, owner)
    expect(page.locator("#prompt-form")).to_be_visible()
    return page


def sign_in(page: Page, email: str) -> None:
    page.locator("[name=login]").fill(email)
    page.locator("[name=password]").fill(PASSWORD)
    page.locator("[name=password]").press("Enter")


def picture(name: str, content: bytes | None = None) -> dict[str, Any]:
    return {"name": name, "mimeType": "image/png", "buffer": picture_bytes() if content is None else content}


def shown(page: Page) -> list[str]:
    return page.locator(".ref-list img").evaluate_all("images => images.map(image => image.alt)")


def to_send(page: Page) -> list[str]:
    return page.locator("#id_references").evaluate("input => [...input.files].map(file => file.name)")


def test_references_are_chosen_dropped_pasted_moved_and_removed_in_step_with_the_form(page: Page):
    page.locator("#id_references").set_input_files([picture("a.png"), picture("b.png")])
    page.evaluate(DROP, [["c.webp", "image/webp", 10]])
    page.evaluate(PASTE)
    assert shown(page) == to_send(page) == ["a.png", "b.png", "c.webp", "pasted.png"]

    page.get_by_role("button", name="Move a.png later").click()
    page.get_by_role("button", name="Remove c.webp").click()

    assert shown(page) == to_send(page) == ["b.png", "a.png", "pasted.png"]
    expect(page.get_by_role("button", name="Remove pasted.png")).to_be_focused()


def test_what_may_be_a_picture_by_its_type_or_name_is_left_to_the_server(page: Page):
    files = [["a.jpg", "image/jpg"], ["b", "application/octet-stream"], ["c.jfif", ""], ["d", ""]]

    page.evaluate(DROP, [[*file, 10] for file in files])

    assert shown(page) == to_send(page) == ["a.jpg", "b", "c.jfif", "d"]
    expect(page.locator("#id_references_error li")).to_have_count(0)


def test_what_cannot_be_a_reference_is_refused_at_once_by_name(page: Page):
    page.evaluate(DROP, [["notes.pdf", "application/pdf", 10], ["wall.png", "image/png", 51 * 2**20]])
    problems = page.locator("#id_references_error li")
    expect(problems).to_have_text(
        [re.compile("^notes.pdf isn't a picture"), re.compile("^wall.png is larger than 50 MB")]
    )

    page.evaluate(DROP, [[f"{number}.png", "image/png", 10] for number in range(17)])

    expect(problems).to_have_text(["16.png is one too many and was left out."])
    assert len(to_send(page)) == 16


def test_the_price_and_the_sizes_follow_the_model(page: Page):
    price, size = page.locator("#price"), page.locator("#id_size")
    size.select_option("2048x2048")
    page.locator("[name=n][value='3']").check(force=True)
    expect(price).to_have_text("· 30 credits")

    page.locator("#id_model").select_option("nanobanana")

    expect(price).to_have_text("· 12 credits")
    expect(page.locator("[name=price_shown]")).to_have_value("12")
    expect(size).to_have_value("1024x1024")
    expect(size.locator("option[value='2048x2048']")).to_be_disabled()
    expect(page.locator("#references-hint")).to_contain_text("up to 3")


def test_the_price_moves_with_the_effort_and_words_follow_the_model(page: Page):
    price, effort, background = (page.locator(name) for name in ("#price", "#id_quality", "#id_background"))
    effort.select_option("low")
    expect(price).to_have_text("· 8 credits")
    expect(background).to_be_hidden()
    expect(effort.locator("option[value=xhigh]")).to_be_disabled()

    page.locator("#id_model").select_option("nanobananapro")
    expect(price).to_have_text("· 6 credits")
    effort.select_option("xhigh")
    expect(price).to_have_text("· 30 credits")
    effort.select_option("auto")
    expect(price).to_have_text("· 30 credits")
    effort.select_option("medium")
    page.locator("#id_size").select_option("2048x2048")
    page.locator("[name=n][value='2']").check(force=True)
    expect(price).to_have_text("· 24 credits")
    background.select_option("transparent")

    # Nothing of it is sent to a model that has neither: effort goes back to what the hub does by itself.
    page.locator("#id_model").select_option("nanobanana")
    expect(effort).to_be_hidden()
    expect(effort).to_have_value("auto")
    expect(background).to_be_hidden()
    expect(background).to_have_value("")
    expect(price).to_have_text("· 8 credits")


def test_effort_and_background_are_ordered_at_the_price_on_the_button(page: Page):
    page.locator("#id_model").select_option("nanobananapro")
    page.locator("#id_quality").select_option("low")
    page.locator("#id_background").select_option("opaque")
    page.locator("#id_prompt").fill("A lamp on a quay")
    expect(page.locator("#price")).to_have_text("· 6 credits")

    page.locator(CREATE).click()

    page.locator(".card", has_text="A lamp on a quay").get_by_role("link").first.click()
    facts = page.locator(".facts").first
    expect(facts).to_contain_text("Opaque")
    expect(facts).to_contain_text("6 credits")


def test_the_resolution_is_switched_and_keeps_the_shape(page: Page):
    size, tiers = page.locator("#id_size"), page.locator("#tiers")
    size.select_option("1536x1024")
    expect(tiers.get_by_role("button", name="1K")).to_have_attribute("aria-pressed", "true")

    tiers.get_by_role("button", name="2K").click()

    expect(size.locator("option:checked")).to_have_attribute("data-ratio", "3:2")
    expect(size.locator("option:checked")).to_have_attribute("data-tier", "2K")
    expect(page.locator("#price")).to_have_text("· 10 credits")
    page.locator("#id_model").select_option("nanobanana")
    expect(tiers).to_be_hidden()
    expect(size.locator("option:checked")).to_have_attribute("data-ratio", "3:2")


def test_what_cannot_be_afforded_says_why_under_a_button_that_waits(page: Page):
    page.locator("#left").evaluate("left => { left.dataset.free = 10; }")

    page.locator("[name=n][value='2']").check(force=True)
    expect(page.locator(CREATE)).to_be_disabled()
    expect(page.locator("#why")).to_contain_text("This takes 16 credits")
    page.locator("[name=n][value='1']").check(force=True)

    expect(page.locator(CREATE)).to_be_enabled()
    expect(page.locator("#why")).to_have_count(0)


def test_what_was_typed_survives_a_reload_and_a_sign_in_until_it_is_sent(page: Page, owner: str):
    page.locator("#id_prompt").fill("A slow tram in the rain")
    page.locator("#id_size").select_option("1024x1536")
    page.reload()
    expect(page.locator("#id_prompt")).to_have_value("A slow tram in the rain")

    page.context.clear_cookies(name="session")
    page.locator(CREATE).click()
    sign_in(page, owner)
    expect(page.locator("#id_prompt")).to_have_value("A slow tram in the rain")
    expect(page.locator("#id_size")).to_have_value("1024x1536")

    page.locator("#id_prompt").press("Control+Enter")
    expect(page.locator(".card").first).to_contain_text("A slow tram in the rain")
    page.reload()
    expect(page.locator("#id_prompt")).to_have_value("")


def test_a_refused_form_says_what_is_wrong_and_keeps_the_rest(page: Page):
    # What an earlier test asked for would be announced when it is done, over what this one waits to hear.
    expect(page.locator(".card input[name=card]")).to_have_count(0, timeout=40_000)
    page.locator("#id_prompt").fill("A fox")
    page.locator("#id_references").set_input_files([picture("liar.png", b"%PDF"), picture("good.png")])

    page.locator(CREATE).click()

    expect(page.locator("#id_references_error")).to_contain_text("liar.png isn't a picture we can send.")
    expect(page.locator("#announcer")).to_contain_text("liar.png isn't a picture we can send.")
    expect(page.locator("#id_references")).to_be_focused()
    expect(page.locator("#id_prompt")).to_have_value("A fox")
    assert (shown(page), to_send(page)) == (["good.png"], [])
    page.locator(CREATE).click()
    card = page.locator(".card").first
    expect(card).to_contain_text("A fox")
    expect(card).to_contain_text("1 reference")


def test_a_card_that_finishes_is_announced_and_told_by_the_tab_when_nobody_looks(page: Page):
    page.evaluate("Object.defineProperty(document, 'hidden', { get: () => true })")

    page.locator("#id_prompt").fill("A quiet harbour")
    page.locator("#id_prompt").press("Control+Enter")

    expect(page).to_have_title("Done · Create · Hubportal", timeout=40_000)
    expect(page.locator("#announcer")).to_contain_text("Done: A quiet harbour")
    expect(page.locator("link[rel=icon]")).to_have_attribute("href", re.compile("mark-done"))
    expect(page.locator("[name=card]")).to_have_count(0)


def submitted(page: Page, act: Callable[[Route], object]) -> None:
    """From now on the next order meets this on its way to the site."""
    page.route("**/generations/", act, times=1)


def test_files_that_the_browser_puts_back_after_a_step_back_are_shown_as_they_will_be_sent(page: Page, tmp_path: Path):
    for name in ("a.png", "b.png"):
        (tmp_path / name).write_bytes(picture_bytes())
    page.locator("#id_references").set_input_files([tmp_path / "a.png", tmp_path / "b.png"])
    page.get_by_role("link", name="Gallery").first.click()
    expect(page.locator("#prompt-form")).to_have_count(0)

    page.go_back()

    expect(page.locator("#prompt-form")).to_be_visible()
    expect(page.locator(".ref-list img")).to_have_count(2)
    assert shown(page) == to_send(page) == ["a.png", "b.png"]


def test_a_file_that_the_page_does_not_show_stops_the_order(page: Page):
    page.locator("#id_references").evaluate("""input => {
      const transfer = new DataTransfer();
      transfer.items.add(new File(["x"], "unseen.png", { type: "image/png" }));
      input.files = transfer.files;
    }""")
    page.locator("#id_prompt").fill("Nothing of this is sent")

    page.locator(CREATE).click()

    expect(page.locator("#id_references_error")).to_contain_text("not all that the form showed")
    expect(page.locator(".card", has_text="Nothing of this is sent")).to_have_count(0)


def test_images_that_the_browser_lost_are_to_be_chosen_again(page: Page, owner: str):
    page.locator("#id_prompt").fill("Like these two")
    page.locator("#id_references").set_input_files([picture("a.png"), picture("b.png")])
    page.context.clear_cookies(name="session")
    page.goto("/")
    sign_in(page, owner)

    expect(page.locator("#id_prompt")).to_have_value("Like these two")
    expect(page.locator("#id_references_error")).to_have_text(re.compile("Choose them again: a.png and b.png"))


def test_what_is_typed_and_chosen_while_an_order_is_sent_stays_for_the_next(page: Page):
    held: list[Route] = []
    submitted(page, lambda route: held.append(route))
    page.locator("#id_prompt").fill("The first order")
    page.locator("#id_references").set_input_files([picture("first.png")])
    page.locator(CREATE).click()
    expect(page.locator(CREATE)).to_have_text(re.compile("Sending…"), use_inner_text=True)

    page.locator("#id_prompt").fill("The second order")
    page.evaluate(DROP, [["second.png", "image/png", 10]])
    held[0].continue_()

    expect(page.locator(".card", has_text="The first order")).to_contain_text("1 reference")
    expect(page.locator("#id_prompt")).to_have_value("The second order")
    expect(page.locator(CREATE)).to_have_text(re.compile("Create"), use_inner_text=True)
    assert shown(page) == to_send(page) == ["second.png"]


def test_what_is_typed_and_chosen_while_an_order_is_refused_stays_too(page: Page):
    held: list[Route] = []
    submitted(page, lambda route: held.append(route))
    page.locator("#id_prompt").fill("A fox")
    page.locator("#id_references").set_input_files([picture("liar.png", b"%PDF")])
    page.locator(CREATE).click()

    page.locator("#id_prompt").fill("A fox in the snow")
    page.evaluate(DROP, [["second.png", "image/png", 10]])
    held[0].continue_()

    expect(page.locator("#id_references_error")).to_contain_text("liar.png isn't a picture")
    expect(page.locator("#id_prompt")).to_have_value("A fox in the snow")
    assert shown(page) == to_send(page) == ["second.png"]


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (lambda route: route.abort(), "could not be reached"),
        (lambda route: route.fulfill(status=503), "is busy"),
        (lambda route: route.fulfill(status=500), "Something went wrong on our side"),
    ],
)
def test_why_an_order_did_not_go_out_stays_where_the_person_is(
    page: Page, failure: Callable[[Route], object], words: str
):
    page.locator("#id_prompt").fill(f"[slow 6] It moves while the site {words}")
    page.locator(CREATE).click()
    expect(page.locator(".card", has_text=f"It moves while the site {words}")).to_be_attached()
    submitted(page, failure)
    page.locator("#id_prompt").fill("A tram that waits")
    page.locator(CREATE).click()
    expect(page.locator("#unsent")).to_contain_text(words)

    with page.expect_response("**/cards/*"):
        pass
    with page.expect_response("**/cards/*"):
        pass
    expect(page.locator("#unsent")).to_contain_text(words)
    expect(page.locator("#id_prompt")).to_have_value("A tram that waits")
    expect(page.locator("#messages .message")).to_have_count(0)
    page.locator(CREATE).click()

    expect(page.locator(".card", has_text="A tram that waits").first).to_be_visible()
    expect(page.locator("#unsent")).to_be_hidden()


def test_a_file_that_changed_on_disk_is_named(page: Page, tmp_path: Path):
    draft = tmp_path / "draft.png"
    draft.write_bytes(picture_bytes())
    page.locator("#id_references").set_input_files(draft)
    draft.write_bytes(picture_bytes(colour="red"))
    os.utime(draft, (0, 0))
    page.locator("#id_prompt").fill("Like this draft")

    page.locator(CREATE).click()

    expect(page.locator("#id_references_error")).to_contain_text("draft.png changed or was moved since you chose it")
    expect(page.locator("#unsent")).to_contain_text("Nothing was made and nothing was charged")


@pytest.mark.parametrize(("text", "attached"), [("draft.png", True), ("", True), ("Name\tSum\nAnna\t3", False)])
def test_a_file_on_the_clipboard_is_attached_unless_it_only_pictures_a_text(page: Page, text: str, attached: bool):
    page.evaluate(
        """text => {
          const transfer = new DataTransfer();
          transfer.items.add(new File(["x"], "draft.png", { type: "image/png" }));
          if (text) transfer.setData("text/plain", text);
          const paste = new ClipboardEvent("paste", { bubbles: true, cancelable: true, clipboardData: transfer });
          document.getElementById("id_prompt").dispatchEvent(paste);
        }""",
        text,
    )

    assert shown(page) == (["draft.png"] if attached else [])
