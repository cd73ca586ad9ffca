"""The demo team: made once, with a key of the sandbox, however often bin/run starts."""

import io
import json
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.keys.clients import client_for
from hubportal.keys.models import Key
from hubportal.sandbox.server import RunningSandbox
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role

pytestmark = pytest.mark.django_db

PASSWORD = "amber-brook-cedar-42"


@pytest.fixture
def files(tmp_path: Path, sandbox: RunningSandbox) -> dict[str, str]:
    (tmp_path / "password").write_text(f"{PASSWORD}\n")
    (tmp_path / "keys.json").write_text(json.dumps(sandbox.hub.demo_keys))
    return {"password_file": str(tmp_path / "password"), "key_file": str(tmp_path / "keys.json")}


def demo(files: dict[str, str]) -> str:
    out = io.StringIO()
    call_command("demo", stdout=out, **files)
    return out.getvalue()


def test_the_demo_makes_people_a_team_and_a_key_that_works(files: dict[str, str], client: Client) -> None:
    said = demo(files)

    team = Team.objects.get()
    roles = dict(team.memberships.values_list("user__email", "role"))
    assert (team.name, team.slug) == ("Demo studio", "demo-studio")
    assert roles == {
        "demo@example.org": Role.OWNER, "member@example.org": Role.MEMBER, "reviewer@example.org": Role.REVIEWER,
    }  # fmt: skip
    assert client_for(Key.objects.get(team=team, is_default=True)).credits().credits == Key.objects.get().balance
    assert "demo@example.org" in said
    assert PASSWORD in said
    for email in roles:
        response = Client().post(reverse("account_login"), {"login": email, "password": PASSWORD})
        assert response.status_code == 302


def test_the_demo_never_shows_the_key(files: dict[str, str], sandbox: RunningSandbox) -> None:
    assert sandbox.hub.demo_keys["main"] not in demo(files)


def test_a_second_start_changes_nothing(files: dict[str, str]) -> None:
    demo(files)
    before = [list(model.objects.order_by("pk").values()) for model in (User, Team, Membership, Key)]

    demo(files)

    assert [list(model.objects.order_by("pk").values()) for model in (User, Team, Membership, Key)] == before


def test_a_key_that_was_removed_stays_removed(files: dict[str, str]) -> None:
    demo(files)
    Key.objects.get().remove()

    demo(files)

    assert not Key.objects.present().exists()


def test_a_sandbox_that_was_made_anew_gets_its_new_key_used(files: dict[str, str], sandbox: RunningSandbox) -> None:
    demo(files)
    Path(files["key_file"]).write_text(json.dumps({"main": sandbox.hub.new_key(credits=7)}))

    demo(files)

    assert Key.objects.get(is_default=True).balance == 7
    assert Team.objects.count() == 1


def test_a_password_that_was_changed_is_not_told_wrong(files: dict[str, str]) -> None:
    demo(files)
    owner = User.objects.get(email="demo@example.org")
    owner.set_password("another one entirely")
    owner.save()

    said = demo(files)

    owner.refresh_from_db()
    assert PASSWORD not in said
    assert owner.check_password("another one entirely")


@pytest.mark.parametrize("content", ["", "[]", "{}", "not json", '{"main": "no key"}'])
def test_a_key_file_without_a_key_is_told(files: dict[str, str], content: str) -> None:
    Path(files["key_file"]).write_text(content)

    with pytest.raises(CommandError):
        demo(files)

    assert not Key.objects.exists()


@pytest.mark.parametrize("name", ["password_file", "key_file"])
def test_a_file_that_is_missing_is_named(files: dict[str, str], name: str) -> None:
    Path(files[name]).unlink()

    with pytest.raises(CommandError, match=files[name]):
        demo(files)


def test_a_sandbox_that_never_comes_is_told(files: dict[str, str], settings: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("hubportal.operations.management.commands.demo.PATIENCE", 0.0)
    settings.HUB_BASE_URL = "http://127.0.0.1:9"

    with pytest.raises(CommandError, match="can't be reached"):
        demo(files)
