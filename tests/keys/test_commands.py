"""add_key and rotate_keyring."""

import base64
import io
import uuid
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from hubportal.encryption import encrypted_with
from hubportal.keys.clients import client_for, reencrypt_key
from hubportal.keys.models import Key
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Team
from tests import makers

pytestmark = pytest.mark.django_db

OLD = "t1:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY="
NEW = "t2:" + base64.b64encode(b"n" * 32).decode()


def run(*arguments: str, **options: Any) -> SimpleNamespace:
    out, err = io.StringIO(), io.StringIO()
    call_command(*arguments, stdout=out, stderr=err, **options)
    return SimpleNamespace(out=out.getvalue(), err=err.getvalue())


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`say(text)` puts text on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_add_key_checks_a_secret_from_standard_input_and_prints_its_id(
    team: Team, sandbox: RunningSandbox, say: Any
) -> None:
    secret = sandbox.hub.new_key(credits=55)
    say(f"{secret}\n")

    said = run("add_key", team.slug, "--label", "Main")

    key = Key.objects.get(pk=uuid.UUID(said.out.strip()))
    assert (key.team, key.label, key.balance, key.added_by) == (team, "Main", 55, None)
    assert "55 credits" in said.err
    assert secret not in said.out + said.err


@pytest.mark.parametrize(
    ("state", "says"),
    [("revoked", "doesn't know"), ("expired", "expired"), ("nonsense", "isn't a key"), ("", "Paste the key")],
)
def test_add_key_refuses_what_the_page_would_refuse(
    team: Team, sandbox: RunningSandbox, say: Any, state: str, says: str
) -> None:
    secret = sandbox.hub.demo_keys.get(state, state)
    say(secret)

    with pytest.raises(CommandError, match=says) as refused:
        run("add_key", team.slug, "--label", "Main")

    assert not secret or secret not in str(refused.value)
    assert not Key.objects.exists()


def test_add_key_says_when_the_hub_is_down(team: Team, hub_is_down: None, say: Any) -> None:
    say("gih_live_abcdefgh")

    with pytest.raises(CommandError, match="can't be reached"):
        run("add_key", team.slug, "--label", "Main")


def test_add_key_knows_no_such_team(db: None, say: Any) -> None:
    say("gih_live_abcdefgh")

    with pytest.raises(CommandError, match="no team 'nowhere'"):
        run("add_key", "nowhere", "--label", "Main")


def test_add_key_says_what_is_wrong_with_the_keyring(team: Team, say: Any, settings: Any) -> None:
    settings.KEYRING = "nonsense"
    say("gih_live_abcdefgh")

    with pytest.raises(CommandError, match="KEYRING"):
        run("add_key", team.slug, "--label", "Main")


def test_rotation_seals_every_key_with_the_newest_entry_and_the_old_may_go(
    team: Team, sandbox: RunningSandbox, settings: Any
) -> None:
    secret = sandbox.hub.new_key(credits=42)
    key = makers.make_key(team, secret)
    makers.make_key(team, label="Gone").destroy_secret()
    settings.KEYRING = f"{NEW},{OLD}"
    makers.make_key(team, label="Newer")

    said = run("rotate_keyring")
    settings.KEYRING = NEW
    key.refresh_from_db()

    assert "entry 't2': 1. Sealed with it already: 1." in said.out
    assert encrypted_with(key.encrypted_secret) == "t2"
    assert client_for(key).credits().credits == 42
    assert Key.objects.with_secret(secret, team) == key


def test_rotation_twice_changes_nothing_the_second_time(team: Team, settings: Any) -> None:
    key = makers.make_key(team)
    settings.KEYRING = f"{NEW},{OLD}"
    run("rotate_keyring")
    once = Key.objects.get(pk=key.pk).encrypted_secret

    said = run("rotate_keyring")

    assert Key.objects.get(pk=key.pk).encrypted_secret == once
    assert "entry 't2': 0. Sealed with it already: 1." in said.out


def test_rotation_names_what_it_cannot_open_and_does_the_rest(team: Team, settings: Any) -> None:
    broken, good = makers.make_key(team, label="Broken"), makers.make_key(team, label="Good")
    Key.objects.filter(pk=broken.pk).update(encrypted_secret="v1.lost.QUJD")
    settings.KEYRING = f"{NEW},{OLD}"

    with pytest.raises(CommandError, match=r"Broken.*'lost'"):
        run("rotate_keyring")

    good.refresh_from_db()
    assert encrypted_with(good.encrypted_secret) == "t2"
    assert Key.objects.get(pk=broken.pk).encrypted_secret == "v1.lost.QUJD"


def test_rotation_does_not_bring_back_a_key_removed_meanwhile(team: Team, settings: Any) -> None:
    key = makers.make_key(team)
    Key.objects.get(pk=key.pk).destroy_secret()
    settings.KEYRING = f"{NEW},{OLD}"

    assert reencrypt_key(key) is False
    assert Key.objects.get(pk=key.pk).encrypted_secret == ""


def test_rotation_says_what_is_wrong_with_the_keyring(settings: Any) -> None:
    settings.KEYRING = "nonsense"

    with pytest.raises(CommandError, match="KEYRING: entry 1"):
        run("rotate_keyring")
