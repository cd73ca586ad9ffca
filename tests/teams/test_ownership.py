"""Ownership is offered, and passes with the other's consent."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.test import Client
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.teams.memberships import change_role
from hubportal.teams.models import Membership
from hubportal.teams.ownership import NoOfferError, accept_ownership, decline_ownership, withdraw_offer
from hubportal.teams.permissions import Role
from hubportal.teams.views import ownership as views
from tests import makers
from tests.teams.reading import audit_log, page_of, place, said

BrowserOf = Callable[[str], Client]


@pytest.fixture
def mina(cast: SimpleNamespace) -> Membership:
    return cast.team.memberships.get(user=cast.member)


@pytest.fixture
def offered(mina: Membership, cast: SimpleNamespace) -> Membership:
    """Mina, whom Anna asked to own the team."""
    mina.save_offer(cast.owner, timezone.now())
    return mina


def roles(cast: SimpleNamespace) -> dict[str, str]:
    return dict(cast.team.memberships.values_list("user__name", "role"))


AS_BEFORE = {"Anna": "owner", "Adam": "admin", "Mina": "member", "Rob": "reviewer"}


def test_offering_says_what_it_means_and_changes_no_role(
    browser_of: BrowserOf, cast: SimpleNamespace, mina: Membership
) -> None:
    browser = browser_of("owner")
    address = place("offer", cast.team, mina.pk)
    assert "Nothing changes until Mina agrees" in said(browser.get(address))

    browser.post(address)

    assert roles(cast) == AS_BEFORE
    assert audit_log(cast.team) == [("ownership.offered", "anna@example.org", "Mina")]
    assert "asked to own the team" in said(browser.get(place("members", cast.team)))


def test_the_one_who_is_asked_sees_it_on_every_page_and_nobody_else_does(
    browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership
) -> None:
    for room in ("", "gallery/", "usage/"):
        page = page_of(browser_of("member").get(f"/t/{cast.team.slug}/{room}"))
        assert page.select_one(f".banner a[href='{place('ownership', cast.team)}']"), room
        assert "Anna asks whether you want to own Studio North" in page.get_text()
    assert "asks whether" not in browser_of("admin").get(f"/t/{cast.team.slug}/").text


def test_on_consent_the_team_changes_hands(browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership) -> None:
    browser = browser_of("member")
    assert "Anna becomes an admin" in said(browser.get(place("ownership", cast.team)))

    response = browser.post(place("ownership", cast.team))

    assert response["Location"] == place("members", cast.team)
    assert roles(cast) == AS_BEFORE | {"Mina": "owner", "Anna": "admin"}
    assert audit_log(cast.team) == [("ownership.passed", "mina@example.org", "Anna")]
    assert browser.post(place("ownership", cast.team)).status_code == 404
    assert len(audit_log(cast.team)) == 1


def test_declining_leaves_all_as_it_was(browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership) -> None:
    browser = browser_of("member")

    browser.post(place("decline-ownership", cast.team))

    assert roles(cast) == AS_BEFORE
    assert audit_log(cast.team) == [("ownership.declined", "mina@example.org", "Anna")]
    assert browser.post(place("ownership", cast.team)).status_code == 404
    assert browser.post(place("decline-ownership", cast.team)).status_code == 404
    assert roles(cast) == AS_BEFORE


def test_an_offer_is_withdrawn(browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership) -> None:
    browser = browser_of("owner")

    browser.post(place("withdraw-offer", cast.team, offered.pk))
    browser.post(place("withdraw-offer", cast.team, offered.pk))

    assert audit_log(cast.team) == [("ownership.withdrawn", "anna@example.org", "Mina")]
    assert browser_of("member").post(place("ownership", cast.team)).status_code == 404
    assert roles(cast) == AS_BEFORE


@pytest.mark.parametrize(("days", "status"), [(6.9, 302), (7, 404)])
def test_an_offer_lapses_after_seven_days(
    browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership, days: float, status: int
) -> None:
    Membership.objects.filter(pk=offered.pk).update(ownership_offered_at=timezone.now() - timedelta(days=days))

    assert browser_of("member").post(place("ownership", cast.team)).status_code == status


def test_who_no_longer_owns_the_team_has_nothing_to_offer(
    browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership
) -> None:
    olga = makers.join(cast.team, "olga@example.org", "owner", name="Olga")
    giver = cast.team.memberships.get(user=cast.owner)
    change_role(giver, Role.MEMBER, actor=Actor(olga))

    assert browser_of("member").post(place("ownership", cast.team)).status_code == 404
    assert roles(cast)["Mina"] == "member"


def test_of_two_who_were_asked_the_first_takes_it(
    browser_of: BrowserOf, cast: SimpleNamespace, offered: Membership
) -> None:
    cast.team.memberships.get(user=cast.reviewer).save_offer(cast.owner, timezone.now())

    statuses = [browser_of(who).post(place("ownership", cast.team)).status_code for who in ("reviewer", "member")]

    assert statuses == [302, 404]
    assert roles(cast) == AS_BEFORE | {"Rob": "owner", "Anna": "admin"}


def test_an_owner_is_not_offered_what_they_have(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    browser = browser_of("owner")

    browser.post(place("offer", cast.team, cast.team.memberships.get(user=cast.owner).pk))

    assert audit_log(cast.team) == []


@pytest.mark.parametrize("act", [accept_ownership, decline_ownership, withdraw_offer])
def test_an_offer_that_ended_meanwhile_is_not_answered_again(
    cast: SimpleNamespace, offered: Membership, act: Any
) -> None:
    stale = Membership.objects.select_related("team").get(pk=offered.pk)
    offered.save_offer(None, None)

    with pytest.raises(NoOfferError):
        act(stale, actor=Actor(cast.owner if act is withdraw_offer else cast.member))

    assert roles(cast) == AS_BEFORE
    assert audit_log(cast.team) == []


@pytest.mark.parametrize("act", [accept_ownership, decline_ownership])
def test_nobody_answers_what_somebody_else_is_asked(cast: SimpleNamespace, offered: Membership, act: Any) -> None:
    with pytest.raises(PermissionDenied):
        act(offered, actor=Actor(cast.admin))

    assert roles(cast) == AS_BEFORE
    offered.refresh_from_db()
    assert offered.offer_ends_at


def test_offering_to_somebody_removed_in_this_moment_answers_404(
    browser_of: BrowserOf, cast: SimpleNamespace, mina: Membership, monkeypatch: pytest.MonkeyPatch
) -> None:
    def look_up_then_lose(request: Any, pk: int) -> Membership:
        found = request.team.memberships.select_related("user", "team").get(pk=pk)
        Membership.objects.filter(pk=pk).delete()
        return found

    monkeypatch.setattr(views, "member", look_up_then_lose)

    assert browser_of("owner").post(place("offer", cast.team, mina.pk)).status_code == 404
    assert audit_log(cast.team) == []
