"""What is pasted where a key belongs: trimmed, told apart, and a key inside of it offered without coming back."""

import json
from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from hubportal.keys.key_parsing import read_pasted
from hubportal.keys.models import Key
from hubportal.keys.wording.changes import why_not_a_key
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from tests import makers

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[str], Client]
KEY = "gih_live_0123456789abcdef7f3a"


def page_of(response: Any) -> Any:
    return BeautifulSoup(response.content, "html.parser")


def index(team: Team) -> str:
    return f"/t/{team.slug}/keys/"


@pytest.mark.one_database
@pytest.mark.parametrize(
    "text", [KEY, f"  {KEY}\n", f"\u200b{KEY}\u00a0", f'"{KEY}"', f"'{KEY}',", f"`{KEY}`", f"\ufeff{KEY};"]
)
def test_a_key_is_a_key_whatever_came_along(text: str) -> None:
    assert read_pasted(text).secret == KEY


@pytest.mark.one_database
@pytest.mark.parametrize(
    "text",
    [
        f"curl -H 'Authorization: Bearer {KEY}' https://www.gptimagehub.com/api/v1/credits",
        f"Authorization: Bearer {KEY}",
        f"Bearer {KEY}",
        f"HUB_API_KEY={KEY}",
        f'export HUB_API_KEY="{KEY}"  # ours',
        f'{{"key": "{KEY}"}}',
        f"our key is {KEY}, and again {KEY}",
        f"https://hub.example/?key={KEY}",
    ],
)
def test_a_key_inside_of_something_else_is_found_and_not_taken(text: str) -> None:
    pasted = read_pasted(text)

    assert (pasted.secret, pasted.within) == (None, (KEY,))


@pytest.mark.one_database
def test_several_keys_are_told_apart() -> None:
    other = KEY[:-4] + "9d0e"

    assert read_pasted(f"A={KEY}\nB={other}\nC={KEY}").within == (KEY, other)


@pytest.mark.one_database
@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("sk-proj-abcdefghijklmnop", "of OpenAI"),
        ("sk-ant-api03-abcdefghijkl", "of Anthropic"),
        ("AIzaSyA-abcdefghijklmnop", "of Google"),
        ("hf_abcdefghijklmnop", "of Hugging Face"),
        ("r8_abcdefghijklmnop", "of Replicate"),
        ("ghp_abcdefghijklmnop", "of GitHub"),
        ("xoxb-1234-5678-abcdefgh", "of Slack"),
        ("AKIAIOSFODNN7EXAMPLE", "of Amazon Web Services"),
        ("OPENAI_API_KEY=sk-abcdefghijklmnop", "of OpenAI"),
        ("https://www.gptimagehub.com/keys", "an address of a page"),
        ("anna@example.org", "an email address"),
        ("curl https://www.gptimagehub.com/api/v1/models", "a curl command"),
        ("gih_live", "isn't a whole one"),
        ("gih_live_a b c", "isn't a whole one"),
        ("a quiet harbour", "has no spaces"),
        ("task-force-abcdefghijklmnop", "has no spaces"),
    ],
)
def test_what_is_no_key_is_told_what_it_is(text: str, says: str) -> None:
    pasted = read_pasted(text)

    assert (pasted.secret, pasted.within) == (None, ())
    assert says in why_not_a_key(pasted)
    assert text not in why_not_a_key(pasted)


# On the page ---------------------------------------------------------------------------------------------------


@pytest.fixture
def admin(browser_of: BrowserOf) -> Client:
    return browser_of("admin")


def paste(browser: Client, team: Team, text: str, label: str = "Main") -> Any:
    return browser.post(index(team), {"label": label, "secret": text})


def take_up(browser: Client, team: Team, label: str = "Main", **more: str) -> Any:
    """Press the button of the offer: the form as it is, the key's field empty."""
    return browser.post(index(team), {"label": label, "secret": "", "found": "1", **more})


def test_a_key_in_a_curl_command_is_offered_and_added_with_one_press(
    admin: Client, team: Team, sandbox: RunningSandbox
) -> None:
    secret = sandbox.hub.new_key(credits=55)

    offered = paste(admin, team, f"curl -H 'Authorization: Bearer {secret}' {sandbox.url}/api/v1/credits")
    stored = json.dumps([session.get_decoded() for session in Session.objects.all()])
    added = take_up(admin, team)

    button = page_of(offered).find("button", attrs={"name": "found"})
    assert offered.status_code == 422
    assert f"ending in …{secret[-4:]}" in page_of(offered).find("main").get_text()
    assert button.find_parent("form").find(id="id_label")["value"] == "Main"
    assert secret[4:-4] not in offered.text + stored + added.text
    assert added.status_code == 302
    assert (Key.objects.get().last_four, Key.objects.get().balance) == (secret[-4:], 55)
    assert "found_key" not in admin.session


def test_the_offer_stays_while_only_the_name_is_missing(admin: Client, team: Team, sandbox: RunningSandbox) -> None:
    secret = sandbox.hub.new_key()
    paste(admin, team, f"Bearer {secret}", label="")

    without = take_up(admin, team, label="")
    added = take_up(admin, team, label="Main")

    assert without.status_code == 422
    assert page_of(without).find("button", attrs={"name": "found"})
    assert page_of(without).find(id="id_secret_error") is None
    assert added.status_code == 302
    assert Key.objects.get().label == "Main"


def test_the_offer_holds_for_a_replacement_too(admin: Client, team: Team, sandbox: RunningSandbox) -> None:
    old, secret = makers.make_key(team), sandbox.hub.new_key()
    there = f"/t/{team.slug}/keys/{old.pk}/replacement/"

    offered = admin.post(there, {"secret": f"KEY={secret}"})
    taken = admin.post(there, {"secret": "", "found": "1"})

    assert page_of(offered).find("button", attrs={"name": "found"})
    assert taken.status_code == 302
    assert Key.objects.get(is_default=True).last_four == secret[-4:]


def test_after_ten_minutes_it_is_gone(admin: Client, team: Team, sandbox: RunningSandbox) -> None:
    paste(admin, team, f"Bearer {sandbox.hub.new_key()}")

    with time_machine.travel(timezone.now() + timedelta(minutes=11), tick=True):
        response = take_up(admin, team)

    assert response.status_code == 422
    assert "ten minutes" in page_of(response).find(id="id_secret_error").get_text()
    assert not Key.objects.exists()
    assert "found_key" not in admin.session


def test_it_is_for_the_team_it_was_pasted_in(
    admin: Client, cast: SimpleNamespace, team: Team, sandbox: RunningSandbox
) -> None:
    elsewhere = makers.make_team("Far off", makers.make_user("fay@example.org"))
    Membership.objects.create(team=elsewhere, user=cast.admin, role=Role.ADMIN)
    paste(admin, team, f"Bearer {sandbox.hub.new_key()}")

    response = take_up(admin, elsewhere)

    assert response.status_code == 422
    assert not Key.objects.exists()


def test_it_is_for_the_person_who_pasted_it(
    browser_of: BrowserOf, admin: Client, team: Team, sandbox: RunningSandbox
) -> None:
    paste(admin, team, f"Bearer {sandbox.hub.new_key()}")
    owner = browser_of("owner")
    session = owner.session
    session["found_key"] = admin.session["found_key"]
    session.save()

    response = take_up(owner, team)

    assert response.status_code == 422
    assert not Key.objects.exists()


def test_what_is_typed_anew_goes_before_the_offer(admin: Client, team: Team, sandbox: RunningSandbox) -> None:
    first, second = sandbox.hub.new_key(), sandbox.hub.new_key()
    paste(admin, team, f"Bearer {first}")

    take_up(admin, team, secret=second)

    assert Key.objects.get().last_four == second[-4:]


def test_another_try_forgets_the_offer(admin: Client, team: Team, sandbox: RunningSandbox) -> None:
    paste(admin, team, f"Bearer {sandbox.hub.new_key()}")
    paste(admin, team, "hello")

    assert take_up(admin, team).status_code == 422
    assert not Key.objects.exists()


def test_several_keys_are_not_offered_but_named(admin: Client, team: Team) -> None:
    response = paste(admin, team, f"A={KEY}\nB={KEY[:-4]}9d0e")

    told = page_of(response).find(id="id_secret_error").get_text()
    assert "2 keys" in told
    assert "···7f3a, ···9d0e" in told
    assert page_of(response).find("button", attrs={"name": "found"}) is None


def test_a_key_inside_that_the_team_has_is_not_offered(admin: Client, team: Team) -> None:
    makers.make_key(team, KEY)

    response = paste(admin, team, f"Bearer {KEY}", label="Again")

    assert "Main ···7f3a" in page_of(response).find(id="id_secret_error").get_text()
    assert page_of(response).find("button", attrs={"name": "found"}) is None


def test_a_key_inside_that_the_hub_refuses_is_not_offered_again(
    admin: Client, team: Team, sandbox: RunningSandbox
) -> None:
    paste(admin, team, f"Bearer {sandbox.hub.demo_keys['revoked']}")

    response = take_up(admin, team)

    assert "revoked" in page_of(response).find(id="id_secret_error").get_text()
    assert page_of(response).find("button", attrs={"name": "found"}) is None


def test_a_hub_in_trouble_leaves_the_offer(admin: Client, team: Team, hub_is_down: None) -> None:
    paste(admin, team, f"Bearer {KEY}")

    response = take_up(admin, team)

    assert response.status_code == 503
    assert page_of(response).find("button", attrs={"name": "found"})
