"""The page behind an invitation's link, for whoever opens it, and joining by it."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings as site
from django.core.signing import Signer
from django.test import Client
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.teams import emails
from hubportal.teams.invitation_links import SIGNER, link_to
from hubportal.teams.memberships import change_role
from hubportal.teams.models import Invitation, Membership
from hubportal.teams.permissions import Role
from tests import makers
from tests.makers import PASSWORD
from tests.teams.reading import audit_log, link_in, only_mail, page_of, place, said, words_of

BrowserOf = Callable[[str], Client]
NEW_PASSWORD = "three quiet harbours"


@pytest.fixture
def invited(cast: SimpleNamespace) -> Invitation:
    """Otto, invited by Adam as a reviewer."""
    return makers.make_invitation(cast.team, "otto@example.org", cast.admin, Role.REVIEWER)


@pytest.fixture
def mailed(invited: Invitation) -> str:
    """The address in the e-mail."""
    emails.send_invitation_email(invited.pk)
    return link_in(only_mail())


@pytest.fixture
def copied(invited: Invitation, cast: SimpleNamespace) -> str:
    """The address as Anna copies it from the pending list."""
    return link_to(invited, copied_by=cast.owner).removeprefix(site.SITE_URL)


def create(cast: SimpleNamespace) -> str:
    return f"/t/{cast.team.slug}/"


def sign_up(browser: Client, page: str, email: str) -> Any:
    fields = {"email": email, "name": "Otto", "password1": NEW_PASSWORD, "password2": NEW_PASSWORD}
    form = page_of(browser.get(page)).select_one("main form")
    hidden = {field["name"]: field["value"] for field in form.select("[type=hidden]") if field["name"] == "next"}
    return browser.post(form.get("action") or page, fields | hidden)


def test_nobody_in_particular_reads_who_invites_to_what_as_what(client: Client, mailed: str) -> None:
    response = client.get(mailed)

    words = said(response)
    assert response.status_code == 200
    assert "Adam invites you to the team Studio North" in words
    assert "Reviewer" in words
    assert "spend nothing" in words
    assert {words_of(button) for button in page_of(response).select("main form button")} == {
        "Make an account",
        "Sign in",
    }


def test_the_page_is_kept_nowhere_and_its_address_told_to_nobody(client: Client, mailed: str) -> None:
    response = client.get(mailed)

    assert "no-store" in response["Cache-Control"]
    assert response["Referrer-Policy"] == "same-origin"
    outside = [tag for tag in page_of(response).select("[href], [src]") if "//" in (tag.get("href") or tag.get("src"))]
    assert outside == []


def test_reading_it_changes_nothing(client: Client, browser_of: BrowserOf, mailed: str, cast: SimpleNamespace) -> None:
    client.get(mailed)
    browser_of("stranger").get(mailed)

    assert Invitation.objects.open().count() == 1
    assert not cast.team.memberships.filter(user=cast.stranger).exists()


def test_who_signs_up_by_the_mailed_link_is_in_at_once(client: Client, mailed: str, cast: SimpleNamespace) -> None:
    page = client.post(mailed)["Location"]
    assert page_of(client.get(page)).select_one("[name=email]")["value"] == "otto@example.org"

    response = sign_up(client, page, "otto@example.org")

    assert response["Location"] == mailed
    assert client.get(mailed)["Location"] == create(cast)
    membership = cast.team.memberships.get(user__email="otto@example.org")
    assert membership.role == Role.REVIEWER
    assert audit_log(cast.team) == [("member.joined", "otto@example.org", "otto@example.org (reviewer)")]
    assert "Welcome to Studio North" in words_of(page_of(client.get(create(cast))).select_one("#messages"))


def test_a_copied_link_does_not_prove_the_address(client: Client, copied: str, cast: SimpleNamespace) -> None:
    response = sign_up(client, client.post(copied)["Location"], "otto@example.org")

    assert response["Location"] == "/accounts/confirm-email/"
    assert client.get(copied).status_code == 200
    assert not cast.team.memberships.filter(user__email="otto@example.org").exists()


def test_the_mailed_link_proves_no_other_address(client: Client, mailed: str, cast: SimpleNamespace) -> None:
    response = sign_up(client, client.post(mailed)["Location"], "somebody@example.org")

    assert response["Location"] == "/accounts/confirm-email/"
    assert not cast.team.memberships.filter(user__email="somebody@example.org").exists()


def test_who_signs_in_by_the_link_is_in_at_once_under_their_own_address(
    client: Client, mailed: str, cast: SimpleNamespace, browser_of: BrowserOf
) -> None:
    page = client.post(mailed, {"by": "signing-in"})["Location"]
    assert page.startswith("/accounts/login/")

    response = client.post(page, {"login": "stan@example.org", "password": PASSWORD})

    assert response["Location"] == mailed
    assert client.get(mailed)["Location"] == create(cast)
    assert cast.team.memberships.get(user=cast.stranger).role == Role.REVIEWER
    assert audit_log(cast.team) == [("member.joined", "stan@example.org", "otto@example.org (reviewer)")]
    row = page_of(browser_of("admin").get(place("members", cast.team))).select_one(
        "section[aria-labelledby=accepted] tbody tr"
    )
    assert "otto@example.org" in words_of(row)
    assert "Stan · stan@example.org another address" in words_of(row)


def test_who_signed_in_without_saying_that_they_want_to_join_is_asked(
    client: Client, mailed: str, cast: SimpleNamespace
) -> None:
    client.post("/accounts/login/", {"login": "stan@example.org", "password": PASSWORD})

    response = client.get(mailed)

    assert response.status_code == 200
    assert words_of(page_of(response).select_one("main form button")) == "Join as Stan"
    assert not cast.team.memberships.filter(user=cast.stranger).exists()


def test_that_one_wants_to_join_is_not_remembered_for_long(
    client: Client, mailed: str, cast: SimpleNamespace, time_machine: Any
) -> None:
    client.post(mailed)
    time_machine.move_to(timezone.now() + timedelta(hours=2))
    client.post("/accounts/login/", {"login": "stan@example.org", "password": PASSWORD})

    assert client.get(mailed).status_code == 200
    assert not cast.team.memberships.filter(user=cast.stranger).exists()


def test_wanting_to_join_one_team_joins_no_other(client: Client, mailed: str, cast: SimpleNamespace) -> None:
    olga = makers.make_user("olga@example.org")
    other = makers.make_team("Other", olga)
    second = makers.make_invitation(other, "otto@example.org", olga, Role.ADMIN)
    client.post(mailed)
    client.post("/accounts/login/", {"login": "stan@example.org", "password": PASSWORD})

    assert client.get(link_to(second)).status_code == 200
    assert not other.memberships.filter(user=cast.stranger).exists()


def test_who_is_signed_in_joins_with_one_press_or_signs_out_first(
    browser_of: BrowserOf, mailed: str, cast: SimpleNamespace
) -> None:
    browser = browser_of("stranger")
    out = page_of(browser.get(mailed)).select_one("form[action='/accounts/logout/'] [name=next]")
    assert out["value"] == mailed

    response = browser.post(mailed)

    assert response["Location"] == create(cast)
    assert cast.team.memberships.get(user=cast.stranger).role == Role.REVIEWER
    assert browser.get(create(cast)).status_code == 200


def test_it_works_once(browser_of: BrowserOf, client: Client, mailed: str, cast: SimpleNamespace) -> None:
    browser_of("stranger").post(mailed)
    client.force_login(makers.make_user("otto@example.org"), "allauth.account.auth_backends.AuthenticationBackend")

    responses = [client.get(mailed), client.post(mailed)]

    assert [response.status_code for response in responses] == [410, 410]
    assert "each invitation works once" in said(responses[0])
    assert not cast.team.memberships.filter(user__email="otto@example.org").exists()
    assert len(audit_log(cast.team)) == 1


def test_whoever_took_it_is_led_to_the_team_by_the_same_link(
    browser_of: BrowserOf, mailed: str, cast: SimpleNamespace
) -> None:
    browser = browser_of("stranger")
    browser.post(mailed)

    assert browser.get(mailed)["Location"] == create(cast)
    cast.team.memberships.get(user=cast.stranger).delete()
    assert browser.get(mailed).status_code == 410


@pytest.mark.parametrize("who", ["owner", "admin", "member", "reviewer"])
def test_who_is_in_already_keeps_their_role_and_leaves_it_to_another(
    browser_of: BrowserOf, mailed: str, cast: SimpleNamespace, who: str
) -> None:
    browser = browser_of(who)
    assert "You are in the team already" in said(browser.get(mailed))

    response = browser.post(mailed)

    assert response["Location"] == create(cast)
    assert cast.team.memberships.get(user=getattr(cast, who)).role == who
    assert Invitation.objects.open().exists()
    assert audit_log(cast.team) == []


@pytest.mark.parametrize(
    ("ended", "says"),
    [
        ({"expires_at": timezone.now()}, "good for seven days"),
        ({"cancelled_at": timezone.now()}, "withdrawn"),
        ({"accepted_at": timezone.now()}, "joined with it already"),
        ({"invited_by": None}, "no longer looks after"),
    ],
)
@pytest.mark.parametrize("who", ["nobody", "stranger"])
def test_what_no_longer_works_says_so_and_names_no_team(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation, mailed: str, ended: Any, says: str, who: str
) -> None:
    Invitation.objects.filter(pk=invited.pk).update(**ended)
    browser = browser_of(who)

    responses = [browser.get(mailed), browser.post(mailed)]

    assert [response.status_code for response in responses] == [410, 410]
    assert says in said(responses[0])
    assert "Studio North" not in responses[0].text
    assert cast.team.memberships.count() == 4


@pytest.mark.parametrize("link", ["mailed", "copied"])
@pytest.mark.parametrize("end", ["removed", "demoted"])
def test_a_link_is_worth_the_word_of_who_gave_it(
    browser_of: BrowserOf, cast: SimpleNamespace, request: pytest.FixtureRequest, link: str, end: str
) -> None:
    address = request.getfixturevalue(link)
    # Adam sent it, and Anna copied it: she has to go for the copied one to die, where he stays.
    giver = cast.team.memberships.get(user=cast.admin if link == "mailed" else cast.owner)
    cast.team.memberships.create(user=makers.make_user("olga@example.org"), role=Role.OWNER)
    giver.delete() if end == "removed" else change_role(giver, Role.MEMBER, actor=Actor(giver.user))

    response = browser_of("stranger").post(address)

    assert response.status_code == 410
    assert not cast.team.memberships.filter(user=cast.stranger).exists()


def garbled(token: str) -> list[str]:
    content, _, signature = token.rpartition(".")
    right, nowhere = SIGNER.unsign_object(token), ["00" * 16, None]
    return [
        "made-up",
        content,
        f"{content}.{signature[:-1]}",
        f"{content[:-2]}.{signature}",
        Signer(salt="another", sep=".").sign_object(right),
        SIGNER.sign_object(nowhere),
    ]


@pytest.mark.parametrize("number", range(6))
def test_a_garbled_link_says_nothing(client: Client, mailed: str, number: int) -> None:
    token = garbled(mailed.split("/")[2])[number]

    for response in (client.get(f"/invitations/{token}/"), client.post(f"/invitations/{token}/")):
        assert response.status_code == 404
        assert "Studio North" not in response.text
        assert token not in response.text


def test_the_token_tells_nothing_of_team_or_address(mailed: str, copied: str) -> None:
    for link in (mailed, copied):
        assert SIGNER.unsign_object(link.split("/")[2])[0] == Invitation.objects.get().pk.hex
    assert mailed != copied


def test_a_team_that_is_gone_takes_its_invitations_along(client: Client, mailed: str, cast: SimpleNamespace) -> None:
    Membership.objects.filter(team=cast.team).delete()
    Invitation.objects.all().delete()

    assert client.get(mailed).status_code == 404


def test_joining_asks_for_the_forms_own_token(mailed: str, cast: SimpleNamespace) -> None:
    browser = Client(enforce_csrf_checks=True)
    browser.force_login(cast.stranger, "allauth.account.auth_backends.AuthenticationBackend")

    assert browser.post(mailed).status_code == 403
    assert not cast.team.memberships.filter(user=cast.stranger).exists()
