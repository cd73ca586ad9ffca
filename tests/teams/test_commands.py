"""create_team and add_member."""

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from hubportal.accounts.models import User
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from tests import makers
from tests.teams.reading import audit_log

pytestmark = pytest.mark.django_db


def run(*arguments: str) -> list[str]:
    out = io.StringIO()
    call_command(*arguments, stdout=out)
    return out.getvalue().splitlines()


@pytest.fixture
def say(monkeypatch: pytest.MonkeyPatch) -> Any:
    """`say(text)` puts text on standard input."""
    return lambda text: monkeypatch.setattr("sys.stdin", io.StringIO(text))


def test_create_team_makes_owner_and_team_and_ends_with_the_slug(say: Any) -> None:
    say("three quiet harbours\n")

    lines = run("create_team", "Studio  North", "--owner", "nora@example.org", "--password-stdin")

    membership = Membership.objects.get()
    assert lines[-1] == "studio-north" == membership.team.slug
    assert (membership.team.name, membership.role, membership.user.email) == (
        "Studio North", Role.OWNER, "nora@example.org",
    )  # fmt: skip
    assert membership.user.check_password("three quiet harbours")
    assert audit_log(membership.team) == [("team.started", "", "Studio North")]
    assert "three quiet harbours" not in "\n".join(lines)


def test_create_team_twice_gives_two_slugs_and_one_owner() -> None:
    first, second = (run("create_team", "Studio", "--owner", "nora@example.org")[-1] for _ in range(2))

    assert (first, second) == ("studio", "studio-2")
    assert User.objects.count() == 1


def test_create_team_without_a_password_says_how_to_make_one() -> None:
    lines = run("create_team", "Studio", "--owner", "nora@example.org")

    assert "Forgot your password?" in lines[0]
    assert not User.objects.get().has_usable_password()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\x00b"])
def test_create_team_needs_a_name_that_fits(name: str) -> None:
    with pytest.raises(CommandError, match="name"):
        run("create_team", name, "--owner", "nora@example.org")

    assert not User.objects.exists()


@pytest.mark.parametrize("name", ["工作室", "!!!", "🎨"])
def test_a_name_without_latin_letters_gets_a_slug_too(name: str) -> None:
    assert run("create_team", name, "--owner", "nora@example.org")[-1]
    assert Team.objects.get().slug


def test_create_team_refuses_what_is_no_address() -> None:
    with pytest.raises(CommandError, match="valid email"):
        run("create_team", "Studio", "--owner", "nora")

    assert not Team.objects.exists()


@pytest.mark.parametrize(
    ("text", "says"), [("", "empty"), ("\n", "empty"), ("short\n", "too short"), ("password123\n", "common")]
)
def test_a_weak_or_missing_password_is_refused_and_nothing_made(say: Any, text: str, says: str) -> None:
    say(text)

    with pytest.raises(CommandError, match=says):
        run("create_team", "Studio", "--owner", "nora@example.org", "--password-stdin")

    assert (Team.objects.count(), User.objects.count()) == (0, 0)


@pytest.mark.parametrize("role", Role.values)
def test_add_member_takes_somebody_in_with_the_role(team: Team, role: str) -> None:
    lines = run("add_member", team.slug, "nora@example.org", "--role", role)

    assert team.memberships.get(user__email="nora@example.org").role == role
    assert f"as {role}" in lines[-1]
    assert audit_log(team) == [("member.added", "", "nora")]


def test_add_member_knows_who_has_an_account(team: Team, say: Any) -> None:
    makers.make_user("nora@example.org")
    say("three quiet harbours\n")

    lines = run("add_member", team.slug, "nora@example.org", "--role", "member", "--password-stdin")

    assert "kept their password" in lines[0]
    assert User.objects.get(email="nora@example.org").check_password(makers.PASSWORD)


def test_add_member_leaves_somebody_who_is_in_as_they_are(team: Team) -> None:
    with pytest.raises(CommandError, match="already, as owner"):
        run("add_member", team.slug, "anna@example.org", "--role", "reviewer")

    assert team.memberships.get(user__email="anna@example.org").role == Role.OWNER
    assert audit_log(team) == []


@pytest.mark.parametrize(
    ("team_slug", "role", "says"), [("nowhere", "member", "no team"), ("studio-north", "king", "no role")]
)
def test_add_member_refuses_an_unknown_team_or_role(team: Team, team_slug: str, role: str, says: str) -> None:
    with pytest.raises(CommandError, match=says):
        run("add_member", team_slug, "nora@example.org", "--role", role)

    assert not User.objects.filter(email="nora@example.org").exists()
