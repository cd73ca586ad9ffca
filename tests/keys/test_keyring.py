"""The keyring from a key's point of view: entries that are missing, rows that were moved, rotation under load."""

import base64
import io
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client

from hubportal.encryption import encrypted_with
from hubportal.generations.models import Generation, State
from hubportal.keys.clients import client_for
from hubportal.keys.health import check
from hubportal.keys.models import Key
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from tests import makers, worker

BrowserOf = Callable[[str], Client]
OLD = "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW = "t2:" + base64.b64encode(b"n" * 32).decode()
PAGES = ("", "gallery/", "usage/", "generations/", "keys/")


def text_of(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text(" ").split())


# An entry that is not there --------------------------------------------------------------------------------------


@pytest.mark.django_db
def test_a_missing_entry_is_named_on_the_keys_page_and_by_the_doctor_and_nowhere_else(
    browser_of: BrowserOf, cast: SimpleNamespace, sandbox: RunningSandbox, settings: Any
) -> None:
    key = makers.make_key(cast.team, sandbox.hub.new_key())
    generation = makers.make_generation(cast.team, cast.member)
    settings.KEYRING = NEW
    browser = browser_of("admin")

    worker.send(generation.pk)
    pages = {
        path: browser.get(f"/t/{cast.team.slug}/{path}") for path in (*PAGES, f"generations/{generation.pk}/card/")
    }
    with pytest.raises(CommandError):
        call_command("doctor", stdout=(said := io.StringIO()))

    generation.refresh_from_db()
    assert {path: page.status_code for path, page in pages.items()} == dict.fromkeys(pages, 200)
    assert [path for path, page in pages.items() if "keyring entry" in text_of(page)] == ["keys/"]
    assert "“t1”" in text_of(pages["keys/"])
    assert str(key) in said.getvalue()
    assert "'t1'" in said.getvalue()
    assert (generation.state, generation.error_code) == (State.FAILED, "decryptionFailed")


@pytest.mark.django_db
def test_a_missing_entry_is_told_before_anybody_tried_the_key(browser_of: BrowserOf, team: Team, settings: Any) -> None:
    makers.make_key(team)
    settings.KEYRING = NEW

    page = text_of(browser_of("owner").get(f"/t/{team.slug}/keys/"))

    assert "Not working" in page
    assert "“t1”" in page


@pytest.mark.django_db
def test_an_entry_put_back_heals_the_key(team: Team, sandbox: RunningSandbox, settings: Any) -> None:
    key = makers.make_key(team, sandbox.hub.new_key())
    settings.KEYRING = NEW
    assert check(key) == "decryptionFailed"

    settings.KEYRING = f"{NEW},{OLD}"

    assert check(key) == ""
    assert Key.objects.usable().get() == key


@pytest.mark.django_db
def test_a_keyring_that_can_not_be_read_is_told_on_the_keys_page_and_adds_nothing(
    browser_of: BrowserOf, team: Team, settings: Any
) -> None:
    makers.make_key(team)
    settings.KEYRING = "nonsense"
    browser = browser_of("owner")

    shown = browser.get(f"/t/{team.slug}/keys/")
    refused = browser.post(f"/t/{team.slug}/keys/", {"label": "Spare", "secret": "gih_live_abcdefgh"})
    offered = browser.post(f"/t/{team.slug}/keys/", {"label": "Spare", "secret": "Bearer gih_live_abcdefgh"})

    assert (shown.status_code, refused.status_code, offered.status_code) == (200, 422, 422)
    for page in (shown, refused, offered):
        assert "KEYRING can't be read" in text_of(page)
        assert "nonsense" not in text_of(page)
    assert Key.objects.count() == 1


# A sealed text that was moved ------------------------------------------------------------------------------------


@pytest.mark.django_db
@pytest.mark.parametrize("whose", ["another key of the team", "another team"])
def test_the_worker_sends_nothing_with_a_secret_that_was_moved_into_the_row(
    cast: SimpleNamespace, sandbox: RunningSandbox, whose: str
) -> None:
    mine, theirs = sandbox.hub.new_key(), sandbox.hub.new_key()
    key = makers.make_key(cast.team, mine)
    elsewhere = makers.make_team("Far off", makers.make_user("fay@example.org"))
    other = makers.make_key(cast.team if whose == "another key of the team" else elsewhere, theirs, label="Other")
    Key.objects.filter(pk=key.pk).update(sealed=other.sealed)
    generation = makers.make_generation(cast.team, cast.member)

    worker.send(generation.pk)

    generation.refresh_from_db()
    key.refresh_from_db()
    assert (generation.state, generation.error_code, key.problem) == (
        State.FAILED,
        "decryptionFailed",
        "decryptionFailed",
    )
    assert (sandbox.hub.requests(mine), sandbox.hub.requests(theirs)) == ({}, {})


@pytest.mark.django_db
def test_the_worker_looks_with_no_secret_that_was_moved_into_the_row(
    cast: SimpleNamespace, sandbox: RunningSandbox
) -> None:
    mine, theirs = sandbox.hub.new_key(), sandbox.hub.new_key()
    key = makers.make_key(cast.team, mine)
    other = makers.make_key(makers.make_team("Far off", makers.make_user("fay@example.org")), theirs)
    generation = makers.make_generation(cast.team, cast.member, "[forever]", size="64x64")
    worker.send(generation.pk)
    Key.objects.filter(pk=key.pk).update(sealed=other.sealed)

    Generation.objects.update(due_at=generation.created_at)
    for _images in worker.poll_due(timedelta()):
        pass

    assert sandbox.hub.requests(theirs) == {}
    assert sandbox.hub.requests(mine)["looks"] == 0


# Rotation under load ---------------------------------------------------------------------------------------------


@pytest.mark.django_db(transaction=True)
def test_rotation_does_not_disturb_threads_that_use_the_keys(
    cast: SimpleNamespace, sandbox: RunningSandbox, settings: Any
) -> None:
    keys = [makers.make_key(cast.team, sandbox.hub.new_key(credits=42), label=f"Key {n}") for n in range(12)]
    settings.KEYRING = f"{NEW},{OLD}"
    once, done, checks = threading.Event(), threading.Event(), []

    def use() -> None:
        try:
            over = False
            while not over:
                over = done.is_set()
                for key in keys:
                    mine = Key.objects.get(pk=key.pk)
                    checks.append((encrypted_with(mine.sealed), client_for(mine).credits().credits, check(mine)))
                once.set()
        finally:
            connection.close()

    out = io.StringIO()
    with ThreadPoolExecutor(max_workers=3) as pool:
        users = [pool.submit(use) for _ in range(3)]
        assert once.wait(20)
        call_command("rotate_keyring", stdout=out)
        done.set()
    for user in users:
        user.result()

    assert "Keys re-sealed with entry 't2': 12. Sealed with it already: 0." in out.getvalue()
    assert {entry for entry, _credits, _problem in checks} == {"t1", "t2"}
    assert {(credits, problem) for _entry, credits, problem in checks} == {(42, "")}
    settings.KEYRING = NEW
    assert all(client_for(key).credits().credits == 42 for key in Key.objects.all())


@pytest.mark.django_db
def test_rotation_takes_retiring_keys_along(team: Team, settings: Any) -> None:
    key = makers.make_key(team)
    key.retire()
    settings.KEYRING = f"{NEW},{OLD}"

    call_command("rotate_keyring", stdout=io.StringIO())

    assert encrypted_with(Key.objects.get(pk=key.pk).sealed) == "t2"
