"""Teams, memberships, and the table of what a role may do."""

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction

from hubportal.teams.models import Membership, Team
from hubportal.teams.models.team import TeamQuerySet
from hubportal.teams.permissions import Permission, Role, has_permission
from tests import makers

pytestmark = pytest.mark.django_db


@pytest.fixture
def studio() -> Team:
    return makers.make_team()


def test_a_team_starts_with_its_owner() -> None:
    team = makers.make_team("Studio North")

    membership = team.memberships.get()
    assert (team.slug, membership.role, membership.user.email) == ("studio-north", Role.OWNER, "anna@example.org")


@pytest.mark.parametrize(("names", "slugs"), [
    (("A b", "a B", "a-b"), ["a-b", "a-b-2", "a-b-3"]),
    (("team", "new"), ["team-2", "new-2"]),
    (("é",), ["e"]),
    (("x" * 80,), ["x" * 40]),
])  # fmt: skip
def test_slugs_are_free_and_not_reserved(names: tuple[str, ...], slugs: list[str]) -> None:
    anna = makers.make_user("anna@example.org")

    assert [Team.objects.create_with_owner(name, anna).slug for name in names] == slugs


def test_a_slug_that_another_team_got_meanwhile_is_looked_for_again(
    studio: Team, monkeypatch: pytest.MonkeyPatch
) -> None:
    slugs = iter([studio.slug, "studio-north-2"])
    monkeypatch.setattr(TeamQuerySet, "_free_slug", lambda self, name: next(slugs))

    assert makers.make_team("Studio North", studio.memberships.get().user).slug == "studio-north-2"


def test_nobody_is_twice_in_a_team_and_everybody_may_be_in_two(studio: Team) -> None:
    mina = makers.join(studio, "mina@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        Membership.objects.create(team=studio, user=mina, role=Role.ADMIN)

    Membership.objects.create(
        team=makers.make_team("Other", mina), user=makers.make_user("otto@example.org"), role="admin"
    )
    assert mina.memberships.count() == 2


@pytest.mark.parametrize("role", Role.values)
def test_the_database_knows_the_four_roles(studio: Team, role: str) -> None:
    assert makers.join(studio, "mina@example.org", role)


@pytest.mark.parametrize("role", ["", "king", "Owner"])
def test_the_database_refuses_any_other_role(studio: Team, role: str) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        makers.join(studio, "mina@example.org", role)


def test_the_team_a_person_was_in_last_comes_first() -> None:
    anna = makers.make_user("anna@example.org")
    teams = [makers.make_team(name, anna) for name in ("B", "A", "C")]
    assert [m.team.name for m in Membership.objects.of(anna)] == ["A", "B", "C"]

    anna.memberships.get(team=teams[2]).mark_opened()

    assert [m.team.name for m in Membership.objects.of(anna)] == ["C", "A", "B"]


@pytest.mark.parametrize("role", Role.values)
@pytest.mark.parametrize("act", list(Permission))
def test_requiring_an_act_agrees_with_the_table(role: str, act: Permission) -> None:
    membership = Membership(role=role)

    if has_permission(role, act):
        membership.require(act)
    else:
        with pytest.raises(PermissionDenied):
            membership.require(act)


def test_a_reviewer_looks_and_spends_nothing() -> None:
    assert {act for act in Permission if has_permission(Role.REVIEWER, act)} == {Permission.LOOK, Permission.LEAVE}


@pytest.mark.parametrize("act", list(Permission))
def test_who_is_mightier_may_all_that_the_next_may(act: Permission) -> None:
    rights = [has_permission(role, act) for role in Role.values]

    assert rights == sorted(rights, reverse=True)
