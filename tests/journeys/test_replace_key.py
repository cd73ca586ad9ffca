"""A key is replaced while pictures are being made with it: they come home with the old, the rest is paid by the new."""

import json
import re
import urllib.request
from collections.abc import Callable

import pytest
from playwright.sync_api import Page, expect

from tests.journeys.conftest import PASSWORD, Site

pytestmark = [pytest.mark.browser, pytest.mark.xdist_group("journeys")]

FRESH = 500  # credits on a key that the sandbox's front page makes
PRICE = 8


def fresh_key(page: Page, site: Site) -> str:
    """A key of an account of its own, made on the sandbox's front page as a person would."""
    page.goto(site.sandbox_url)
    before = page.inner_text("body")
    page.get_by_role("button", name=re.compile("fresh key")).click()
    (secret,) = {found for found in re.findall(r"gih_live_\w+", page.inner_text("body")) if found not in before}
    return str(secret)


def credits_at_the_hub(site: Site, secret: str) -> int:
    request = urllib.request.Request(
        f"{site.sandbox_url}/api/v1/credits", headers={"Authorization": f"Bearer {secret}"}
    )
    with urllib.request.urlopen(request, timeout=10) as answer:
        said = json.load(answer)
    return int(said.get("balance", said)["credits"])


def sign_in(page: Page, email: str) -> None:
    page.goto("/")
    page.get_by_label("Email").fill(email)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()
    expect(page.get_by_role("navigation").first).to_be_visible()


def ask(page: Page, team: str, prompt: str) -> None:
    page.goto(f"/t/{team}/")
    page.locator("#prompt-form [name=prompt]").fill(prompt)
    page.locator("#prompt-form").get_by_role("button", name=re.compile("Create")).click()
    expect(page.locator("[data-generation]").filter(has_text=prompt)).to_have_count(1)


def state(page: Page, team: str, prompt: str, word: str, patience: float = 15_000) -> None:
    page.goto(f"/t/{team}/")
    card = page.locator("[data-generation]").filter(has_text=prompt)
    expect(card).to_have_attribute("data-state", word, timeout=patience)


def replace(page: Page, team: str, secret: str) -> None:
    """Pasted as it was copied from a terminal: the key inside is offered, and taken with one press."""
    page.goto(f"/t/{team}/keys/")
    page.get_by_role("button", name=re.compile("More… Main")).click()
    page.get_by_role("link", name=re.compile("Replace… Main")).click()
    expect(page.get_by_text("fetched with the old key")).to_be_visible()
    page.locator("[name=secret]").fill(f"curl -H 'Authorization: Bearer {secret}'")
    page.get_by_role("button", name="Check and replace").click()
    expect(page.get_by_text(f"ending in …{secret[-4:]}")).to_be_visible()
    assert secret not in page.content()
    page.get_by_role("button", name="Replace with just that key").click()


def shell(site: Site, script: str) -> str:
    return site.manage("shell", "--no-imports", "-c", script)


def audit_log(site: Site, team: str) -> list[str]:
    """The actions on keys, oldest first."""
    script = (
        "from hubportal.audit.models import AuditEntry as A\n"
        f"found = A.objects.filter(team__slug={team!r}, action__startswith='key.').order_by('pk')\n"
        "for entry in found: print(entry.action)"
    )
    return [line for line in shell(site, script).split() if line.startswith("key.")]


def let_half_a_minute_pass(site: Site, team: str) -> None:
    """A retiring key is given so much time in any case. What it waits for is to be counted anew after that."""
    script = (
        "from django.db.models import F\n"
        "from hubportal.lifecycle.key_retirement import CLAIM_GRACE\n"
        "from hubportal.keys.models import Key\n"
        f"retiring = Key.objects.retiring().filter(team__slug={team!r})\n"
        "print(retiring.update(retiring_since=F('retiring_since') - CLAIM_GRACE, pending_count=None))"
    )
    assert shell(site, script).split() == ["1"]


def let_the_worker_sweep(site: Site) -> None:
    """Now, and not within a quarter of a minute."""
    shell(site, "from hubportal.generations.tasks import sweep\nsweep.enqueue()")


def look_until(page: Page, team: str, so: Callable[[], bool]) -> None:
    """Open the keys page again and again, at most for half a minute."""
    page.goto(f"/t/{team}/keys/")
    for _look in range(60):
        if so():
            break
        page.wait_for_timeout(500)
        page.reload()
    assert so()


def test_a_key_is_replaced_under_load(site: Site, open_browser: Callable[..., Page], problems: list[str]):
    team = site.new_team("Studio Harbour", "hanna@example.org")
    page = open_browser()
    old, new = fresh_key(page, site), fresh_key(page, site)
    site.manage("add_key", team, "--label", "Main", typed=old)
    sign_in(page, "hanna@example.org")
    problems.clear()
    for number in range(3):
        ask(page, team, f"[forever] Boat {number}")
    state(page, team, "Boat 2", "running")

    replace(page, team, new)

    section = page.locator("section:has(#retiring)")
    expect(section.get_by_text(f"···{old[-4:]}").first).to_be_visible()
    expect(page.locator("article").filter(has_text=new[-4:]).get_by_text("Default")).to_be_visible()
    # What the old key paid is still being painted, and will be followed with it.
    state(page, team, "Boat 0", "running")
    ask(page, team, "Lighthouse by day")
    ask(page, team, "Lighthouse by night")
    state(page, team, "Lighthouse by night", "succeeded", 25_000)
    state(page, team, "Lighthouse by day", "succeeded")
    let_half_a_minute_pass(site, team)
    let_the_worker_sweep(site)
    look_until(page, team, lambda: section.get_by_text("3 requests are still on their way").count() == 1)
    assert audit_log(site, team) == ["key.added", "key.replaced"]
    site.finish_painting("Boat")
    for number in range(3):
        state(page, team, f"Boat {number}", "succeeded", 25_000)

    let_the_worker_sweep(site)
    look_until(page, team, lambda: section.count() == 0)
    assert audit_log(site, team) == ["key.added", "key.replaced", "key.destroyed"]
    assert credits_at_the_hub(site, old) == FRESH - 3 * PRICE
    assert credits_at_the_hub(site, new) == FRESH - 2 * PRICE
    # The browser reports the refused paste as a failed request.
    assert [said for said in problems if "422" not in said] == []
