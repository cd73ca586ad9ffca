"""The keys page: who may see it, what adding and checking do, and that no secret ever comes back."""

import base64
import json
import logging
import sys
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.signals import got_request_exception
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.views.debug import ExceptionReporter

from hubportal.hub.client import HubClient
from hubportal.hub.records import Balance
from hubportal.keys.clients import client_for
from hubportal.keys.models import CachedModelList, Key
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from tests import makers

BrowserOf = Callable[[str], Client]
ACTIONS = ("check", "name", "replacement", "place", "pause", "resumption", "default", "removal", "destruction")


def address(name: str, team: Team, key: Key | None = None) -> str:
    return reverse(f"keys:{name}", kwargs={"team": team.slug, **({"pk": key.pk} if key else {})})


def page_of(response: Any) -> Any:
    return BeautifulSoup(response.content, "html.parser")


def add(browser: Client, team: Team, secret: str, label: str = "Main", **how: Any) -> Any:
    return browser.post(address("index", team), {"label": label, "secret": secret}, **how)


# Who may -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("action", ACTIONS)
def test_a_key_of_another_team_is_not_found_from_ones_own(
    browser_of: BrowserOf, cast: SimpleNamespace, action: str
) -> None:
    theirs = makers.make_key(Team.objects.get(name="Elsewhere"))

    response = browser_of("owner").post(address(action, cast.team, theirs))

    assert response.status_code == 404
    assert Key.objects.present().get() == theirs


# Adding --------------------------------------------------------------------------------------------------------


def test_an_admin_adds_a_key_and_sees_what_the_hub_says_of_it(
    browser_of: BrowserOf, cast: SimpleNamespace, sandbox: RunningSandbox
) -> None:
    secret = sandbox.hub.new_key(credits=1234, account_type="PRO", next_expiration="2027-05-04T08:00:00.000Z")

    response = add(browser_of("admin"), cast.team, f"  {secret}\u200b\n", "Main", follow=True)

    key = Key.objects.get()
    assert (key.label, key.last_four, key.added_by, key.balance) == ("Main", secret[-4:], cast.admin, 1234)
    assert key.is_default
    assert client_for(key).credits().credits == 1234
    shown = page_of(response).find(id=f"key-{key.pk}").get_text(" ", strip=True)
    for part in (f"···{secret[-4:]}", "1,234", "PRO", "Adam", "Works", "Default", "May 4, 2027"):
        assert part in shown
    assert "1234 credits are left" in page_of(response).find(id="messages").get_text()


@pytest.mark.parametrize(
    "text",
    ["", "   ", "hello", "sk-proj-abcdefghijkl", "gih_", "gih_live_a b c d e f", "gih_live_\x00abcdefgh",
     "gih_живой_ключ",
     "curl -H 'Authorization: Bearer gih_live_abcdefgh'", "gih_live_" + "a" * 300],
)  # fmt: skip
def test_what_is_no_key_is_refused_at_its_field_before_the_hub_is_asked(
    browser_of: BrowserOf, team: Team, text: str
) -> None:
    response = add(browser_of("admin"), team, text, "My label")

    page = page_of(response)
    assert response.status_code == 422
    assert page.find(id="id_secret_error").get_text(strip=True)
    assert page.find(id="id_label")["value"] == "My label"
    assert not page.find(id="id_secret").get("value")
    assert page.find(autofocus=True)["id"] == "id_secret"
    assert not Key.objects.exists()


@pytest.mark.parametrize("label", ["", "  ", "x" * 61])
def test_a_key_needs_a_label_that_fits(browser_of: BrowserOf, team: Team, sandbox: RunningSandbox, label: str) -> None:
    response = add(browser_of("admin"), team, sandbox.hub.new_key(), label)

    assert response.status_code == 422
    assert page_of(response).find(id="id_label_error").get_text(strip=True)
    assert not Key.objects.exists()


@pytest.mark.parametrize("around", ["", "my key: ", "this is the key that our hub gave me: "])
def test_a_key_pasted_into_the_wrong_field_is_not_shown_again(
    browser_of: BrowserOf, team: Team, sandbox: RunningSandbox, around: str
) -> None:
    secret = sandbox.hub.new_key()

    response = add(browser_of("admin"), team, secret, around + secret)

    assert response.status_code == 422
    assert "goes into the field below" in page_of(response).find(id="id_label_error").get_text()
    assert secret not in response.text
    assert not Key.objects.exists()


@pytest.mark.parametrize(
    ("state", "says"), [("unknown", "doesn't know"), ("revoked", "doesn't know"), ("expired", "expired")]
)
def test_a_key_that_the_hub_refuses_is_not_stored(
    browser_of: BrowserOf, team: Team, sandbox: RunningSandbox, state: str, says: str
) -> None:
    secret = "gih_live_" + "0" * 40 if state == "unknown" else sandbox.hub.demo_keys[state]

    response = add(browser_of("admin"), team, secret, "My label")

    page = page_of(response)
    assert response.status_code == 422
    assert says in page.find(id="id_secret_error").get_text()
    assert page.find(id="id_label")["value"] == "My label"
    assert secret not in response.text
    assert not Key.objects.exists()


@pytest.mark.parametrize(
    ("kind", "says"), [("down", "can't be reached"), ("silent", "too long"), ("html", "isn't the hub")]
)
def test_a_hub_in_trouble_is_told_and_the_label_stays(
    browser_of: BrowserOf, team: Team, make_hub: Callable[[str], None], kind: str, says: str
) -> None:
    make_hub(kind)
    secret = "gih_live_" + "0" * 40

    response = add(browser_of("admin"), team, secret, "My label")

    page = page_of(response)
    assert response.status_code == 503
    assert says in page.find(attrs={"role": "alert"}).get_text()
    assert page.find(id="id_label")["value"] == "My label"
    assert secret not in response.text
    assert not Key.objects.exists()


def test_the_same_key_twice_is_told_with_the_label_it_has(
    browser_of: BrowserOf, team: Team, sandbox: RunningSandbox
) -> None:
    secret = sandbox.hub.new_key()
    add(browser_of("admin"), team, secret, "Main")

    response = add(browser_of("owner"), team, secret, "Again")

    assert response.status_code == 422
    assert f"Main ···{secret[-4:]}" in page_of(response).find(id="id_secret_error").get_text()
    assert Key.objects.get().label == "Main"


def test_the_same_key_is_found_while_a_new_keyring_entry_waits_for_rotation(
    browser_of: BrowserOf, team: Team, sandbox: RunningSandbox, settings: Any
) -> None:
    secret = sandbox.hub.new_key()
    makers.make_key(team, secret)
    settings.KEYRING = "t2:" + "QUJD" * 10 + "QUI=," + settings.KEYRING

    response = add(browser_of("owner"), team, secret, "Again")

    assert response.status_code == 422
    assert Key.objects.count() == 1


def test_two_who_add_the_same_key_at_once_get_one(
    browser_of: BrowserOf, team: Team, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = sandbox.hub.new_key()
    ask = HubClient.credits

    def meanwhile(client: HubClient) -> Balance:
        balance = ask(client)
        Key.objects.create_checked(team, label="First", secret=secret, added_by=None, balance=balance)
        return balance

    monkeypatch.setattr(HubClient, "credits", meanwhile)

    response = add(browser_of("admin"), team, secret, "Second")

    assert response.status_code == 422
    assert "First" in page_of(response).find(id="id_secret_error").get_text()
    assert Key.objects.get().label == "First"


def test_no_page_or_log_line_tells_a_secret(
    browser_of: BrowserOf, team: Team, sandbox: RunningSandbox, caplog: pytest.LogCaptureFixture
) -> None:
    secret = sandbox.hub.new_key()
    browser = browser_of("admin")
    caplog.set_level(logging.DEBUG)

    pages = [add(browser, team, secret, follow=True)]
    key = Key.objects.get()
    pages += [
        browser.post(address("check", team, key), follow=True),
        add(browser, team, secret),
        add(browser, team, "", "Other"),
        browser.get(address("removal", team, key)),
        browser.post(address("removal", team, key), follow=True),
    ]

    said = "".join(page.text for page in pages) + caplog.text + json.dumps(list(browser.session.values()))
    assert secret[4:-4] not in said
    assert all(page_of(page).find("input", value=secret) is None for page in pages)


@pytest.mark.parametrize("breaks", ["encryption.AESGCM", "encryption.keyring", "hub.client.HubClient.credits"])
def test_a_report_of_a_crash_tells_no_secret(
    browser_of: BrowserOf,
    team: Team,
    sandbox: RunningSandbox,
    settings: Any,
    monkeypatch: pytest.MonkeyPatch,
    breaks: str,
) -> None:
    secret, reports = sandbox.hub.new_key(), []
    browser = browser_of("admin")
    browser.raise_request_exception = False

    def crash(*args: Any, **kwargs: Any) -> Any:
        raise RuntimeError("something broke")

    def report(request: Any, **kwargs: Any) -> None:
        reporter = ExceptionReporter(request, *sys.exc_info())
        reports.append(reporter.get_traceback_text() + reporter.get_traceback_html())

    monkeypatch.setattr(f"hubportal.{breaks}", crash)
    got_request_exception.connect(report)
    response = add(browser, team, secret)
    got_request_exception.disconnect(report)

    assert response.status_code == 500
    assert "something broke" in reports[0]
    assert secret[4:] not in reports[0]
    assert settings.KEYRING[3:] not in reports[0]
    assert base64.b64decode(settings.KEYRING[3:]).decode() not in reports[0]


# What is shown -------------------------------------------------------------------------------------------------


def test_the_page_takes_the_same_number_of_queries_for_many_keys(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    team = cast.team
    browser = browser_of("admin")
    makers.make_key(team)
    Key.objects.update(added_by=cast.owner)
    browser.get(address("index", team))
    with CaptureQueriesContext(connection) as few:
        browser.get(address("index", team))
    for number in range(8):
        makers.make_key(team, label=f"Key {number}")
    Key.objects.update(added_by=cast.owner)

    with CaptureQueriesContext(connection) as many:
        assert len(page_of(browser.get(address("index", team))).select("article")) == 9

    assert len(many) == len(few)


def test_an_empty_page_says_that_nothing_can_be_made_yet(browser_of: BrowserOf, team: Team) -> None:
    page = page_of(browser_of("owner").get(address("index", team)))

    assert "No key yet" in page.find("main").get_text()
    assert page.find("form", attrs={"method": "post", "action": address("index", team)})


def test_beside_the_sandbox_the_page_says_where_to_get_a_key(browser_of: BrowserOf, team: Team, settings: Any) -> None:
    link = {"href": f"{settings.HUB_BASE_URL}/"}
    assert page_of(browser_of("owner").get(address("index", team))).find("main").find("a", link) is None
    CachedModelList.objects.create(hub_url=settings.HUB_BASE_URL, sandbox=True)

    page = page_of(browser_of("owner").get(address("index", team)))

    assert page.find("main").find("a", link)


def test_the_secret_field_is_neither_filled_in_nor_remembered(browser_of: BrowserOf, team: Team) -> None:
    field = page_of(browser_of("owner").get(address("index", team))).find(id="id_secret")

    assert (field["type"], field["autocomplete"], field.get("value")) == ("password", "off", None)


def on_offer(settings: Any, **credits: int) -> None:
    """The hub offers one model, at these credits a picture, by tier."""
    model = {
        "id": "gpt-image-2",
        "name": "GPT IMAGE 2",
        "credits": {f"{tier[1:]}K": each for tier, each in credits.items()},
    }
    CachedModelList.objects.create(hub_url=settings.HUB_BASE_URL, models_read=[model], sandbox=False)


@pytest.mark.parametrize(("cheapest", "word"), [(6, "Too few for one picture"), (5, "Works")])
def test_a_key_with_too_few_credits_for_the_cheapest_picture_is_told_in_amber(
    browser_of: BrowserOf, team: Team, settings: Any, cheapest: int, word: str
) -> None:
    on_offer(settings, _1=cheapest, _2=50)
    key = makers.make_key(team, credits=5, label="Old")

    row = page_of(browser_of("admin").get(address("index", team))).find(id=f"key-{key.pk}")

    assert row.find(class_="state").get_text() == word
    assert row.find(class_="state")["data-state"] == ("unknown" if word != "Works" else "succeeded")
    assert row.find("h2").find(id=f"key-{key.pk}-name").get_text() == f"Old ···{key.last_four}"
    assert ("a picture costs at least 6" in row.get_text()) is (word != "Works")


@pytest.mark.parametrize(
    ("who", "credits", "told"),
    [
        ("admin", (5, 500), True),
        ("owner", (0, 500), True),
        ("admin", (5, None), True),
        ("member", (5, 500), False),
        ("admin", (500, 5), False),
        ("admin", (5, 5), False),
        ("admin", (5,), False),
        ("admin", (None, 500), False),
    ],
)
def test_admins_read_on_the_create_page_that_the_first_key_is_short_and_others_serve(
    browser_of: BrowserOf, team: Team, who: str, credits: tuple[int | None, ...], told: bool
) -> None:
    first, *_others = [makers.make_key(team, credits=each, label=f"Key {at}") for at, each in enumerate(credits)]

    page = page_of(browser_of(who).get(reverse("generations:create", args=[team.slug])))

    said = " ".join(page.find("main").get_text(" ").split())
    assert (f"{first} has {credits[0]} credits left, too few for one picture" in said) is told
    assert bool(page.select(f".banner a[href='{address('index', team)}']")) is told


# Acting --------------------------------------------------------------------------------------------------------


def test_check_now_learns_the_balance(browser_of: BrowserOf, team: Team, sandbox: RunningSandbox) -> None:
    key = makers.make_key(team, sandbox.hub.new_key(credits=77), credits=1)

    response = browser_of("admin").post(address("check", team, key), follow=True)

    assert "77" in page_of(response).find(id=f"key-{key.pk}").get_text()
    assert "Main" in page_of(response).find(id="messages").get_text()
    key.refresh_from_db()
    assert key.balance == 77


def test_check_now_tells_that_a_key_was_revoked(browser_of: BrowserOf, team: Team, sandbox: RunningSandbox) -> None:
    key = makers.make_key(team, sandbox.hub.demo_keys["revoked"])

    response = browser_of("admin").post(address("check", team, key), follow=True)

    assert "revoked" in page_of(response).find(id=f"key-{key.pk}").get_text()
    assert page_of(response).find(id="messages").find(attrs={"data-level": "error"})


def test_check_now_gives_up_on_a_silent_hub_while_the_person_waits(
    browser_of: BrowserOf, team: Team, hub_is_silent: None
) -> None:
    key = makers.make_key(team, credits=112)

    began = time.monotonic()
    response = browser_of("admin").post(address("check", team, key), follow=True)

    assert time.monotonic() - began < 4
    shown = page_of(response).find(id=f"key-{key.pk}").get_text()
    assert "112" in shown
    assert "could not be asked" in shown
