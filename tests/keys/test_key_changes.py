"""What people change about a key: each says first what it means, does it, and writes one entry into the audit log."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from hubportal.audit.actor import SITE, Actor
from hubportal.audit.models import AuditEntry
from hubportal.encryption import Secret
from hubportal.hub.client import HubClient
from hubportal.hub.errors import KeyRejected
from hubportal.keys import key_changes
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.clients import client_for
from hubportal.keys.models import Key
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db

BrowserOf = Callable[[str], Client]
MAIN, SPARE = "gih_live_mainmain7f3a", "gih_live_sparespare9d0e"


def address(name: str, team: Team, key: Key | None = None) -> str:
    return reverse(f"keys:{name}", kwargs={"team": team.slug, **({"pk": key.pk} if key else {})})


def page_of(response: Any) -> Any:
    return BeautifulSoup(response.content, "html.parser")


def said(response: Any) -> str:
    return " ".join(page_of(response).find(id="messages").get_text(" ").split())


def actions(key: Key) -> list[str]:
    entries = AuditEntry.objects.filter(about_id=str(key.pk)).order_by("pk")
    assert all(entry.by_email == "adam@example.org" and entry.address for entry in entries)
    return [entry.action for entry in entries]


@pytest.fixture
def admin(browser_of: BrowserOf) -> Client:
    return browser_of("admin")


@pytest.fixture
def main(team: Team) -> Key:
    return makers.make_key(team, MAIN)


@pytest.fixture
def spare(team: Team, main: Key) -> Key:
    return makers.make_key(team, SPARE, label="Spare")


# Asking first --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("act", "says"),
    [
        ("pause", "New pictures will be made with Spare ···9d0e from then on"),
        ("removal", "fetched with it first"),
        ("destruction", "can't be undone"),
    ],
)
def test_what_it_means_is_said_on_the_spot_and_on_a_page_of_its_own(
    admin: Client, team: Team, main: Key, spare: Key, act: str, says: str
) -> None:
    there = address(act, team, main)

    listed, asked = page_of(admin.get(address("index", team))), page_of(admin.get(there))

    questions = [asked.find("main")]
    if act != "destruction":
        link = listed.find("a", href=there)
        questions.append(listed.find("dialog", id=link["data-dialog"]))
        assert questions[1].find("button", command="close")
    for question in questions:
        assert says in " ".join(question.get_text(" ").split())
        assert question.find("form", action=there, method="post")
    assert asked.find("main").find("a", href=address("index", team))
    assert not AuditEntry.objects.exists()
    assert Key.objects.usable().count() == 2


def test_the_last_key_is_said_to_be_the_last(admin: Client, team: Team, main: Key) -> None:
    for act in ("pause", "removal", "destruction"):
        assert "last key" in page_of(admin.get(address(act, team, main))).find("main").get_text()


def test_where_no_other_key_works_that_is_said(admin: Client, team: Team, main: Key, spare: Key) -> None:
    spare.record_problem("expiredApiKey")

    assert "None of the team's other keys" in page_of(admin.get(address("pause", team, main))).find("main").get_text()


def test_a_key_that_does_not_serve_first_hands_nothing_over(admin: Client, team: Team, main: Key, spare: Key) -> None:
    asked = page_of(admin.get(address("removal", team, spare))).find("main").get_text()

    assert "Nothing new will be made with it" in asked
    assert "Main" not in asked


def test_the_worried_find_the_way_to_destroy_at_once(admin: Client, team: Team, main: Key) -> None:
    asked = page_of(admin.get(address("removal", team, main))).find("main")

    assert asked.find("a", href=address("destruction", team, main))


# Pausing and resuming ------------------------------------------------------------------------------------------


def test_a_paused_key_takes_no_new_work_until_it_is_resumed(admin: Client, team: Team, main: Key, spare: Key) -> None:
    admin.post(address("pause", team, main))
    assert Key.objects.candidates(team.pk, 8) == [spare]
    shown = page_of(admin.get(address("index", team))).find(id=f"key-{main.pk}")
    assert "Paused" in shown.get_text()
    assert shown.find("a", href=address("resumption", team, main))

    admin.post(address("resumption", team, main))

    assert Key.objects.candidates(team.pk, 8) == [main, spare]
    assert actions(main) == [KeyAction.PAUSED, KeyAction.RESUMED]


def test_pausing_twice_is_one_act(admin: Client, team: Team, main: Key) -> None:
    for _press in range(2):
        assert admin.post(address("pause", team, main)).status_code == 302

    assert actions(main) == [KeyAction.PAUSED]


# Default and order ---------------------------------------------------------------------------------------------


def test_make_default_moves_new_work_to_another_key(admin: Client, team: Team, main: Key, spare: Key) -> None:
    response = admin.post(address("default", team, spare), follow=True)

    assert Key.objects.candidates(team.pk, 8) == [spare, main]
    assert "Default" in page_of(response).find(id=f"key-{spare.pk}").get_text()
    assert actions(spare) == [KeyAction.DEFAULT]


def test_a_default_that_does_not_work_is_not_said_to_make_pictures(
    admin: Client, team: Team, main: Key, spare: Key
) -> None:
    spare.record_problem("expiredApiKey")

    response = admin.post(address("default", team, spare), follow=True)

    assert "not working" in said(response)


def test_keys_are_moved_by_buttons_that_need_no_script(admin: Client, team: Team, main: Key, spare: Key) -> None:
    third = makers.make_key(team, label="Third")
    page = page_of(admin.get(address("index", team)))
    moves = {
        key.label: [button["value"] for button in page.find(id=f"key-{key.pk}").select("button[name=to]")]
        for key in (main, spare, third)
    }

    response = admin.post(address("place", team, third), {"to": "up"}, follow=True)

    assert moves == {"Main": [], "Spare": ["down"], "Third": ["up"]}
    assert [one["id"] for one in page_of(response).select("article")] == [
        f"key-{key.pk}" for key in (main, third, spare)
    ]
    assert actions(third) == [KeyAction.ORDERED]


@pytest.mark.parametrize("to", ["up", "sideways", ""])
def test_a_key_that_can_go_no_further_stays_and_nothing_is_written(
    admin: Client, team: Team, main: Key, spare: Key, to: str
) -> None:
    response = admin.post(address("place", team, spare), {"to": to}, follow=True)

    assert "Nothing was changed" in said(response)
    assert actions(spare) == []


# Names ---------------------------------------------------------------------------------------------------------


def test_a_key_is_renamed(admin: Client, team: Team, main: Key) -> None:
    form = page_of(admin.get(address("name", team, main))).find("main").find("form")
    assert form.find(id="id_label")["value"] == "Main"

    response = admin.post(address("name", team, main), {"label": "Studio"}, follow=True)

    main.refresh_from_db()
    assert str(main) == "Studio ···7f3a"
    assert "Studio" in page_of(response).find(id=f"key-{main.pk}").get_text()
    assert actions(main) == [KeyAction.RENAMED]
    assert AuditEntry.objects.get().detail == {"before": "Main ···7f3a"}


@pytest.mark.parametrize("label", ["", "x" * 61, "gih_live_abcdefgh", "sk-proj-abcdefghijklmnop"])
def test_a_name_that_is_none_or_looks_like_a_secret_is_refused(
    admin: Client, team: Team, main: Key, label: str
) -> None:
    response = admin.post(address("name", team, main), {"label": label})

    main.refresh_from_db()
    assert (response.status_code, main.label) == (422, "Main")
    assert page_of(response).find(id="id_label_error").get_text(strip=True)
    assert "abcdefgh" not in response.text


# Replacing -----------------------------------------------------------------------------------------------------


def test_a_replaced_key_retires_and_the_new_one_takes_over(
    admin: Client, team: Team, main: Key, spare: Key, sandbox: RunningSandbox
) -> None:
    secret = sandbox.hub.new_key(credits=77)
    asked = " ".join(page_of(admin.get(address("replacement", team, main))).find("main").get_text(" ").split())
    assert "fetched with the old key" in asked

    response = admin.post(address("replacement", team, main), {"secret": secret}, follow=True)

    new = Key.objects.get(is_default=True)
    main.refresh_from_db()
    page = page_of(response)
    assert (new.label, new.balance, client_for(new).credits().credits) == ("Main", 77, 77)
    assert (bool(main.retiring_since), bool(main.encrypted_secret)) == (True, True)
    assert page.find(id="retiring").find_parent("section").find(id=f"key-{main.pk}")
    assert "77" in page.find(id=f"key-{new.pk}").get_text()
    assert actions(new) == [KeyAction.REPLACED]
    assert actions(main) == []
    assert secret not in response.text


@pytest.mark.parametrize("what", ["revoked", "its own", "sk-ant-abcdefghijklmnop", ""])
def test_what_does_not_work_replaces_nothing(
    admin: Client, team: Team, main: Key, sandbox: RunningSandbox, what: str
) -> None:
    secret = {"revoked": sandbox.hub.demo_keys["revoked"], "its own": MAIN}.get(what, what)

    response = admin.post(address("replacement", team, main), {"secret": secret})

    main.refresh_from_db()
    assert (response.status_code, main.retiring_since, Key.objects.count()) == (422, None, 1)
    assert page_of(response).find(id="id_secret_error").get_text(strip=True)
    assert not AuditEntry.objects.exists()


def test_a_hub_in_trouble_replaces_nothing(admin: Client, team: Team, main: Key, hub_is_down: None) -> None:
    response = admin.post(address("replacement", team, main), {"secret": SPARE})

    assert response.status_code == 503
    assert "Nothing was changed" in page_of(response).find(attrs={"role": "alert"}).get_text()
    assert Key.objects.serving().get() == main


def test_a_key_removed_while_the_hub_was_asked_is_not_replaced(
    admin: Client, team: Team, main: Key, sandbox: RunningSandbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    ask = HubClient.credits

    def meanwhile(client: HubClient) -> Any:
        Key.objects.get(pk=main.pk).retire()
        return ask(client)

    monkeypatch.setattr(HubClient, "credits", meanwhile)

    response = admin.post(address("replacement", team, main), {"secret": sandbox.hub.new_key()})

    assert response.status_code == 422
    assert "meanwhile" in page_of(response).find(attrs={"role": "alert"}).get_text()
    assert Key.objects.count() == 1


# Removing ------------------------------------------------------------------------------------------------------


def test_removal_is_staged_the_key_retires_and_keeps_its_secret_for_now(
    admin: Client, team: Team, main: Key, spare: Key
) -> None:
    response = admin.post(address("removal", team, main), follow=True)

    main.refresh_from_db()
    section = page_of(response).find(id="retiring").find_parent("section")
    assert (bool(main.retiring_since), bool(main.encrypted_secret), main.removed_at) == (True, True, None)
    assert Key.objects.candidates(team.pk, 8) == [spare]
    assert section.find("a", href=address("destruction", team, main))
    assert actions(main) == [KeyAction.REMOVED]


@pytest.mark.parametrize(
    ("moving", "doubtful", "says"),
    [
        (None, 0, "being counted"),
        (2, 0, "2 requests are still on their way"),
        (1, 1, "1 request is still on its way with it. Of 1 request nobody knows"),
        (0, 0, "Nothing is on its way"),
    ],
)
def test_a_retiring_key_says_what_it_waits_for(
    admin: Client, team: Team, main: Key, moving: int | None, doubtful: int, says: str
) -> None:
    main.retire()
    Key.objects.update(pending_count=moving, undecided_count=doubtful)

    page = page_of(admin.get(address("index", team)))

    assert says in " ".join(page.find(id=f"key-{main.pk}").get_text(" ").split())


def test_a_retiring_key_can_be_destroyed_now_and_what_that_costs_is_said(admin: Client, team: Team, main: Key) -> None:
    main.retire()
    Key.objects.update(pending_count=3)
    asked = " ".join(page_of(admin.get(address("destruction", team, main))).find("main").get_text(" ").split())

    response = admin.post(address("destruction", team, main), follow=True)

    main.refresh_from_db()
    assert "3 requests on their way with it can't be followed any more" in asked
    assert (main.encrypted_secret, bool(main.removed_at), main.label) == ("", True, "Main")
    assert page_of(response).find(id=f"key-{main.pk}") is None
    assert actions(main) == [KeyAction.DESTROYED]


def test_a_key_that_serves_can_be_destroyed_at_once_which_is_one_removal(
    admin: Client, team: Team, main: Key, spare: Key
) -> None:
    admin.post(address("destruction", team, main))

    main.refresh_from_db()
    assert main.encrypted_secret == ""
    assert Key.objects.get(is_default=True) == spare
    assert actions(main) == [KeyAction.REMOVED]
    assert AuditEntry.objects.get().detail == {"at_once": True}


@pytest.mark.parametrize("act", ["check", "name", "replacement", "place", "pause", "resumption", "default", "removal"])
def test_a_retiring_key_can_only_be_destroyed(admin: Client, team: Team, main: Key, act: str) -> None:
    main.retire()

    assert admin.post(address(act, team, main), {"label": "X", "secret": SPARE, "to": "up"}).status_code == 404
    assert not AuditEntry.objects.exists()


def test_a_retiring_keys_secret_can_not_be_added_yet_and_why_is_said(
    admin: Client, team: Team, main: Key, sandbox: RunningSandbox
) -> None:
    main.retire()

    response = admin.post(address("index", team), {"label": "Again", "secret": MAIN})

    assert "retiring" in page_of(response).find(id="id_secret_error").get_text()


# Adding -------------------------------------------------------------------------------------------


def test_adding_writes_one_entry_into_the_audit_log(admin: Client, team: Team, sandbox: RunningSandbox) -> None:
    secret = sandbox.hub.new_key()

    admin.post(address("index", team), {"label": "Main", "secret": secret})
    admin.post(address("index", team), {"label": "Again", "secret": secret})

    assert actions(Key.objects.get()) == [KeyAction.ADDED]


# Without a page ------------------------------------------------------------------------------------------------


def test_each_change_writes_who_did_it_without_any_request(
    cast: SimpleNamespace, team: Team, sandbox: RunningSandbox
) -> None:
    anna = Actor(cast.owner, "192.0.2.7")
    first = key_changes.add_key(team, " Main ", Secret(sandbox.hub.new_key(credits=5)), anna)
    spare = key_changes.add_key(team, "Spare", Secret(sandbox.hub.new_key()), SITE)
    third = key_changes.add_key(team, "Third", Secret(sandbox.hub.new_key()), SITE)

    key_changes.rename_key(first, "Studio", anna)
    key_changes.pause_key(first, anna)
    key_changes.resume_key(first, anna)
    key_changes.make_default(spare, anna)
    key_changes.move_key(third, "up", anna)
    new = key_changes.replace_key(spare, Secret(sandbox.hub.new_key()), anna)
    key_changes.remove_key(new, anna)
    key_changes.destroy_key(spare, anna)

    entries = list(AuditEntry.objects.order_by("pk"))
    assert [(entry.action, entry.by) for entry in entries[:3]] == [
        (KeyAction.ADDED, cast.owner), (KeyAction.ADDED, None), (KeyAction.ADDED, None),
    ]  # fmt: skip
    assert {(entry.by, entry.address) for entry in entries[3:]} == {(cast.owner, "192.0.2.7")}
    assert [entry.action for entry in entries[3:]] == [
        KeyAction.RENAMED, KeyAction.PAUSED, KeyAction.RESUMED, KeyAction.DEFAULT, KeyAction.ORDERED,
        KeyAction.REPLACED, KeyAction.REMOVED, KeyAction.DESTROYED,
    ]  # fmt: skip
    assert (first.label, first.balance, first.added_by) == ("Main", 5, cast.owner)
    assert Key.objects.get(is_default=True).label == "Third"


@pytest.mark.parametrize(
    ("label", "code"),
    [("", "required"), ("  ", "required"), ("x" * 61, "too_long"), ("it is gih_live_abcdefgh", "looks_like_key")],
)
def test_a_label_that_is_none_stops_an_addition_before_the_hub_is_asked(
    team: Team, hub_is_down: None, label: str, code: str
) -> None:
    with pytest.raises(key_changes.InvalidLabel) as refused:
        key_changes.add_key(team, label, Secret(MAIN), SITE)

    assert refused.value.code == code
    assert not AuditEntry.objects.exists()


def test_why_an_addition_failed_is_told_by_the_error(team: Team, sandbox: RunningSandbox, settings: Any) -> None:
    known = makers.make_key(team, MAIN)
    with pytest.raises(key_changes.SecretAlreadyAdded) as refused:
        key_changes.add_key(team, "Again", Secret(MAIN), SITE)
    assert refused.value.key == known

    with pytest.raises(KeyRejected):
        key_changes.add_key(team, "Revoked", Secret(sandbox.hub.demo_keys["revoked"]), SITE)

    settings.KEYRING = "nonsense"
    with pytest.raises(key_changes.KeyringUnreadable):
        key_changes.add_key(team, "Spare", Secret(SPARE), SITE)
    assert Key.objects.get() == known
    assert not AuditEntry.objects.exists()
