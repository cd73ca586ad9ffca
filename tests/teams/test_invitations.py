"""Asking people to join: pasting addresses, the pending list, sending again, taking back."""

from collections.abc import Callable
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams import invitations
from hubportal.teams.audit_actions import InvitationAction
from hubportal.teams.models import Invitation
from hubportal.teams.permissions import Role
from tests import makers
from tests.teams.reading import audit_log, page_of, place, said, words_of

BrowserOf = Callable[[str], Client]


@pytest.fixture
def invited(cast: SimpleNamespace) -> Invitation:
    """Otto, invited by Adam."""
    return makers.make_invitation(cast.team, "otto@example.org", cast.admin)


def invite(browser: Client, cast: SimpleNamespace, addresses: str, role: str = "member") -> Any:
    return browser.post(place("members", cast.team), {"addresses": addresses, "role": role})


def pending(cast: SimpleNamespace) -> set[str]:
    return set(Invitation.objects.pending().filter(team=cast.team).values_list("email", flat=True))


@pytest.mark.parametrize("who", ["owner", "admin"])
def test_many_are_invited_at_once_and_the_audit_log_tells_of_each(
    browser_of: BrowserOf, cast: SimpleNamespace, who: str
) -> None:
    response = invite(browser_of(who), cast, "Otto <otto@example.org>, nora@example.org\nida@example.org", "reviewer")

    assert response["Location"] == place("members", cast.team)
    made = Invitation.objects.order_by("email")
    by = getattr(cast, who)
    assert [(one.email, one.role, one.invited_by) for one in made] == [
        (f"{name}@example.org", "reviewer", by) for name in ("ida", "nora", "otto")
    ]
    assert sorted(audit_log(cast.team)) == [
        ("invitation.sent", by.email, f"{name}@example.org (reviewer)") for name in ("ida", "nora", "otto")
    ]
    assert all(timedelta(days=6.9) < one.expires_at - timezone.now() <= timedelta(days=7) for one in made)


@pytest.mark.parametrize("role", ["owner", "king", ""])
def test_nobody_is_invited_as_owner_or_as_what_is_no_role(
    browser_of: BrowserOf, cast: SimpleNamespace, role: str
) -> None:
    response = invite(browser_of("owner"), cast, "otto@example.org", role)

    assert response.status_code == 422
    assert page_of(response).select_one("#id_role_error")
    assert not pending(cast)


def test_the_database_knows_no_invited_owner(cast: SimpleNamespace) -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Invitation.objects.create(team=cast.team, email="otto@example.org", role="owner")


def test_an_admin_may_invite_admins(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    invite(browser_of("admin"), cast, "otto@example.org", "admin")

    assert Invitation.objects.get().role == "admin"


def test_each_bad_address_is_named_nothing_is_lost_and_nothing_sent(
    browser_of: BrowserOf, cast: SimpleNamespace
) -> None:
    pasted = "otto@example.org, nora@, <b>ida</b>@x"

    response = invite(browser_of("admin"), cast, pasted, "reviewer")

    page = page_of(response)
    assert response.status_code == 422
    errors = words_of(page.select_one("#id_addresses_error"))
    assert "“nora@” isn't an email address" in errors
    assert "Nothing was sent" in errors
    assert "otto@example.org" not in errors
    assert page.select_one("textarea").get_text().strip() == pasted
    assert page.select_one("#id_role option[selected]")["value"] == "reviewer"
    assert not pending(cast)
    assert audit_log(cast.team) == []


def test_members_the_invited_and_doubles_get_no_second_mail(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    cast.member.emailaddress_set.create(email="mina@home.example.org", verified=True)

    invite(
        browser_of("admin"),
        cast,
        "mina@home.example.org rob@example.org otto@example.org nora@example.org NORA@example.org",
    )

    assert pending(cast) == {"otto@example.org", "nora@example.org"}
    assert Invitation.objects.count() == 2


def test_what_was_left_out_is_said(browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation) -> None:
    browser = browser_of("admin")

    invite(browser, cast, "mina@example.org rob@example.org otto@example.org nora@example.org NORA@example.org")

    told = words_of(page_of(browser.get(place("members", cast.team))).select_one("#messages"))
    assert "1 invitation is on its way" in told
    assert "mina@example.org and rob@example.org are in the team already" in told
    assert "otto@example.org has an invitation already" in told
    assert "nora@example.org was there twice" in told


def test_where_there_is_nobody_left_to_invite_that_is_said(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    response = invite(browser_of("admin"), cast, "mina@example.org otto@example.org")

    assert response.status_code == 422
    assert "mina@example.org is in the team already" in said(response)
    assert audit_log(cast.team) == []


def test_somebody_with_an_account_elsewhere_is_invited_like_anybody(
    browser_of: BrowserOf, cast: SimpleNamespace
) -> None:
    browser = browser_of("admin")

    known, unknown = (invite(browser, cast, email) for email in ("stan@example.org", "nobody@example.org"))

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    told = words_of(page_of(browser.get(place("members", cast.team))).select_one("#messages"))
    assert told.count("1 invitation is on its way") == 2


@pytest.mark.parametrize(("count", "status"), [(50, 302), (51, 422)])
def test_fifty_go_at_once_and_no_more(browser_of: BrowserOf, cast: SimpleNamespace, count: int, status: int) -> None:
    response = invite(browser_of("admin"), cast, "\n".join(f"p{number}@example.org" for number in range(count)))

    assert response.status_code == status
    assert len(pending(cast)) == (count if status == 302 else 0)


def test_a_team_has_so_many_invitations_waiting_and_no_more(
    browser_of: BrowserOf, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_PENDING", 3)
    browser = browser_of("admin")
    invite(browser, cast, "a@example.org b@example.org")

    response = invite(browser, cast, "c@example.org d@example.org")

    assert response.status_code == 422
    assert "cancel those nobody will take" in said(response)
    assert "c@example.org" in page_of(response).select_one("textarea").get_text()
    assert pending(cast) == {"a@example.org", "b@example.org"}
    assert invite(browser, cast, "c@example.org").status_code == 302


def test_so_many_a_day_are_mailed_and_no_more(
    browser_of: BrowserOf, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_MAILS_PER_DAY", 3)
    browser = browser_of("admin")
    invite(browser, cast, "a@example.org b@example.org")
    first = Invitation.objects.get(email="a@example.org")

    assert invite(browser, cast, "c@example.org d@example.org").status_code == 422
    assert invite(browser, cast, "c@example.org").status_code == 302
    again = browser.post(place("resend", cast.team, first.pk))

    assert again.status_code == 429
    assert "tomorrow" in said(again)
    assert pending(cast) == {"a@example.org", "b@example.org", "c@example.org"}


def test_the_limit_of_a_day_is_also_the_persons_in_all_their_teams(
    browser_of: BrowserOf, cast: SimpleNamespace, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(invitations, "MAX_MAILS_PER_DAY", 1)
    other = makers.make_team("Other", cast.admin)
    browser = browser_of("admin")
    invite(browser, cast, "a@example.org")

    response = browser.post(place("members", other), {"addresses": "b@example.org", "role": "member"})

    assert response.status_code == 422
    assert not Invitation.objects.filter(team=other).exists()


def test_the_pending_list_says_who_when_until_when_and_offers_the_link(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    entry = page_of(browser_of("owner").get(place("members", cast.team))).select_one(f"#invitation-{invited.pk}")

    words = words_of(entry)
    assert "otto@example.org" in words
    assert "Invited by Adam" in words
    assert "good until" in words
    assert "on its way" in words
    copies = entry.select_one("button[data-copy]")["data-copy"]
    assert entry.select_one(f"#{copies}").get_text().startswith("http://testserver/invitations/")


@pytest.mark.parametrize(
    ("changed", "says"),
    [
        ({"mailed_at": timezone.now(), "mail_due_at": None}, "Emailed"),
        ({"mail_problem": "server"}, "we keep trying"),
        ({"mail_problem": "address", "mail_due_at": None}, "refused this address"),
        ({"expires_at": timezone.now() - timedelta(minutes=1)}, "Expired on"),
        ({"invited_by": None}, "no longer looks after members"),
    ],
)
def test_the_pending_list_says_how_each_stands(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation, changed: dict[str, Any], says: str
) -> None:
    Invitation.objects.filter(pk=invited.pk).update(**changed)

    entry = page_of(browser_of("owner").get(place("members", cast.team))).select_one(f"#invitation-{invited.pk}")

    assert says in words_of(entry.select_one(".state"))
    works = "expires_at" not in changed and "invited_by" not in changed
    assert bool(entry.select("button[data-copy]")) is works


def test_sending_again_renews_the_seven_days_in_the_name_of_whoever_asks(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    gone = {"expires_at": timezone.now() - timedelta(days=1), "mail_due_at": None, "mail_problem": "address"}
    Invitation.objects.filter(pk=invited.pk).update(**gone)

    response = browser_of("owner").post(place("resend", cast.team, invited.pk))

    invited.refresh_from_db()
    assert response["Location"] == place("members", cast.team)
    assert invited.expires_at > timezone.now() + timedelta(days=6)
    assert (invited.invited_by, invited.mail_problem) == (cast.owner, "")
    assert invited.mail_due_at <= timezone.now()
    assert audit_log(cast.team) == [("invitation.resent", "anna@example.org", "otto@example.org (member)")]


def test_one_invitation_is_not_sent_again_and_again(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    browser = browser_of("owner")

    statuses = [browser.post(place("resend", cast.team, invited.pk)).status_code for _ in range(4)]

    assert statuses == [302, 302, 302, 429]
    assert AuditEntry.objects.filter(action=InvitationAction.RESENT).count() == 3


def test_cancelling_says_what_it_means_and_closes_the_link(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    browser = browser_of("admin")
    address = place("cancel-invitation", cast.team, invited.pk)
    assert "stops working at once" in said(browser.get(address))
    assert pending(cast) == {"otto@example.org"}

    browser.post(address)

    assert not pending(cast)
    assert audit_log(cast.team) == [("invitation.cancelled", "adam@example.org", "otto@example.org (member)")]
    assert browser.post(address).status_code == 404
    assert len(audit_log(cast.team)) == 1


def test_an_address_is_invited_anew_where_the_first_invitation_no_longer_works(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    Invitation.objects.filter(pk=invited.pk).update(expires_at=timezone.now())

    invite(browser_of("admin"), cast, "otto@example.org", "reviewer")

    invited.refresh_from_db()
    assert invited.cancelled_at
    assert Invitation.objects.pending().get().role == "reviewer"


@pytest.mark.parametrize("name", ["resend", "cancel-invitation"])
def test_another_teams_invitation_is_out_of_reach(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation, name: str
) -> None:
    elsewhere = cast.stranger.memberships.get().team

    response = browser_of("stranger").post(place(name, elsewhere, invited.pk))

    assert response.status_code == 404
    assert pending(cast) == {"otto@example.org"}


def test_the_act_itself_leaves_out_who_needs_no_invitation(cast: SimpleNamespace, invited: Invitation) -> None:
    emails = ["mina@example.org", "otto@example.org", "Nora@example.org", "nora@example.org"]

    result = invitations.invite_people(cast.team, emails, Role.MEMBER, actor=Actor(cast.admin))

    assert [one.email for one in result.invitations] == ["nora@example.org"]
    assert (result.members, result.already_invited, result.duplicates) == (
        ["mina@example.org"], ["otto@example.org"], ["nora@example.org"],
    )  # fmt: skip
    assert audit_log(cast.team) == [("invitation.sent", "adam@example.org", "nora@example.org (member)")]


@pytest.mark.parametrize(
    ("emails", "error"),
    [
        (["nora@example.org", "nora@"], invitations.InvalidAddressesError),
        (["mina@example.org"], invitations.NobodyToInviteError),
        ([f"p{number}@example.org" for number in range(51)], invitations.TooManyAtOnceError),
    ],
)
def test_the_act_itself_refuses_what_the_page_refuses(
    cast: SimpleNamespace, emails: list[str], error: type[Exception]
) -> None:
    with pytest.raises(error):
        invitations.invite_people(cast.team, emails, Role.MEMBER, actor=Actor(cast.admin))

    assert not pending(cast)
    assert audit_log(cast.team) == []


def test_an_invitation_that_was_accepted_meanwhile_is_neither_sent_again_nor_cancelled(
    cast: SimpleNamespace, invited: Invitation
) -> None:
    Invitation.objects.filter(pk=invited.pk).update(accepted_at=timezone.now())

    for act in (invitations.resend_invitation, invitations.cancel_invitation):
        with pytest.raises(invitations.InvitationEndedError):
            act(invited, actor=Actor(cast.admin))

    assert audit_log(cast.team) == []


def test_the_page_tells_the_status_of_each_invitation_to_scripts(
    browser_of: BrowserOf, cast: SimpleNamespace, invited: Invitation
) -> None:
    entry = page_of(browser_of("owner").get(place("members", cast.team))).select_one(f"#invitation-{invited.pk}")

    assert entry["data-status"] == "open"
