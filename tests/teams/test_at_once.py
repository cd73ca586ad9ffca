"""Two people at the same moment, on a real database with a connection each."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from hubportal.audit.models import AuditEntry
from hubportal.teams import invitations
from hubportal.teams.invitation_links import link_to
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.permissions import Role
from tests import makers
from tests.teams.reading import place

pytestmark = pytest.mark.django_db(transaction=True)

BrowserOf = Callable[[str], Client]


def both(*acts: Callable[[], int]) -> list[int]:
    """Do these at once; gives their status codes, sorted."""
    start = threading.Barrier(len(acts), timeout=10)

    def act(one: Callable[[], int]) -> int:
        try:
            start.wait()
            return one()
        finally:
            connection.close()

    with ThreadPoolExecutor(len(acts)) as pool:
        return sorted(pool.map(act, acts))


def signed_in(user: object) -> Client:
    client = Client()
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")
    return client


@pytest.fixture(params=range(2))
def again(request: pytest.FixtureRequest) -> None:
    """A race is run more than once."""


@pytest.mark.usefixtures("again")
def test_of_two_who_take_the_same_link_one_is_in(cast: SimpleNamespace) -> None:
    invited = makers.make_invitation(cast.team, "otto@example.org", cast.admin)
    link = link_to(invited)
    browsers = [signed_in(cast.stranger), signed_in(makers.make_user("nora@example.org"))]

    statuses = both(*[lambda browser=browser: browser.post(link).status_code for browser in browsers])

    assert statuses == [302, 410]
    assert cast.team.memberships.count() == 5
    assert AuditEntry.objects.filter(team=cast.team, action="member.joined").count() == 1
    invited.refresh_from_db()
    assert cast.team.memberships.filter(user=invited.accepted_by).exists()


@pytest.mark.usefixtures("again")
def test_two_presses_of_the_same_person_make_one_place(cast: SimpleNamespace) -> None:
    invited = makers.make_invitation(cast.team, "otto@example.org", cast.admin)
    link = link_to(invited)
    browsers = [signed_in(cast.stranger), signed_in(cast.stranger)]

    statuses = both(*[lambda browser=browser: browser.post(link).status_code for browser in browsers])

    assert statuses == [302, 302]
    assert cast.team.memberships.filter(user=cast.stranger).count() == 1
    assert AuditEntry.objects.filter(team=cast.team, action="member.joined").count() == 1


@pytest.mark.usefixtures("again")
@pytest.mark.parametrize("how", ["step down", "leave", "remove each other"])
def test_of_two_owners_who_go_at_once_one_stays(cast: SimpleNamespace, how: str) -> None:
    olga = makers.join(cast.team, "olga@example.org", Role.OWNER)
    places = {user: cast.team.memberships.get(user=user) for user in (cast.owner, olga)}
    browsers = {user: signed_in(user) for user in places}

    def go(user: object, other: object) -> int:
        if how == "step down":
            address = place("role", cast.team, places[user].pk)
        elif how == "leave":
            address = place("leaving", cast.team)
        else:
            address = place("removal", cast.team, places[other].pk)
        return browsers[user].post(address, {"role": "member"}).status_code

    statuses = both(lambda: go(cast.owner, olga), lambda: go(olga, cast.owner))

    assert statuses[0] == 302
    assert statuses[1] in {404, 422}
    assert Membership.objects.filter(team=cast.team, role=Role.OWNER).count() == 1
    assert AuditEntry.objects.filter(team=cast.team).count() == 1


@pytest.mark.usefixtures("again")
def test_two_admins_who_invite_the_same_address_send_one_invitation(cast: SimpleNamespace) -> None:
    browsers = [signed_in(cast.owner), signed_in(cast.admin)]
    form = {"addresses": "otto@example.org", "role": "member"}

    statuses = both(
        *[lambda browser=browser: browser.post(place("members", cast.team), form).status_code for browser in browsers]
    )

    assert set(statuses) <= {302, 422}
    assert Invitation.objects.filter(team=cast.team).count() == 1
    assert AuditEntry.objects.filter(team=cast.team).count() == 1


@pytest.mark.usefixtures("again")
@pytest.mark.parametrize("how", ["one team", "one person"])
def test_two_invitations_at_once_do_not_get_past_the_limit_of_a_day(
    cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch, how: str
) -> None:
    monkeypatch.setattr(invitations, "MAX_MAILS_PER_DAY", 1)
    other = cast.team if how == "one team" else makers.make_team("Other", cast.owner)
    asked = [
        (signed_in(cast.admin if how == "one team" else cast.owner), cast.team, "otto@example.org"),
        (signed_in(cast.owner), other, "nora@example.org"),
    ]

    statuses = both(
        *[
            lambda browser=browser, team=team, email=email: (
                browser.post(place("members", team), {"addresses": email, "role": "member"}).status_code
            )
            for browser, team, email in asked
        ]
    )

    assert statuses == [302, 422]
    assert Invitation.objects.count() == 1


@pytest.mark.usefixtures("again")
def test_presses_at_once_do_not_send_one_invitation_more_often_than_it_may_be(cast: SimpleNamespace) -> None:
    invited = makers.make_invitation(cast.team, "otto@example.org", cast.admin)
    browsers = [signed_in(user) for user in (cast.owner, cast.owner, cast.admin, cast.admin, cast.admin)]
    address = place("resend", cast.team, invited.pk)

    statuses = both(*[lambda browser=browser: browser.post(address).status_code for browser in browsers])

    assert statuses == [302, 302, 302, 429, 429]


@pytest.mark.usefixtures("again")
def test_an_offer_that_is_accepted_and_withdrawn_at_once_ends_one_way(cast: SimpleNamespace) -> None:
    mina = cast.team.memberships.get(user=cast.member)
    Membership.objects.filter(pk=mina.pk).update(ownership_offered_by=cast.owner, ownership_offered_at=timezone.now())
    owner, member = signed_in(cast.owner), signed_in(cast.member)

    both(
        lambda: member.post(place("ownership", cast.team)).status_code,
        lambda: owner.post(place("withdraw-offer", cast.team, mina.pk)).status_code,
    )

    [entry] = AuditEntry.objects.filter(team=cast.team, action__startswith="ownership.")
    passed = entry.action == "ownership.passed"
    assert Membership.objects.get(pk=mina.pk).role == (Role.OWNER if passed else Role.MEMBER)
