"""The members page, changing a role, removing and leaving."""

import json
from collections.abc import Callable
from functools import partial
from types import SimpleNamespace
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.teams.memberships import OwnershipNotAssignableError, change_role, leave_team, remove_member
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role
from tests import makers
from tests.teams.reading import audit_log, page_of, place, said, words_of

BrowserOf = Callable[[str], Client]


def membership(team: Team, user: User) -> Membership:
    return team.memberships.get(user=user)


def give(browser: Client, cast: SimpleNamespace, user: User, role: str) -> Any:
    return browser.post(place("role", cast.team, membership(cast.team, user).pk), {"role": role})


def role_of(cast: SimpleNamespace, user: User) -> str:
    return membership(cast.team, user).role


def row_of(page: Any, team: Team, user: User) -> Any:
    return page.select_one(f"#member-{membership(team, user).pk}")


def messages(browser: Client, cast: SimpleNamespace) -> str:
    return words_of(page_of(browser.get(f"/t/{cast.team.slug}/usage/")).select_one("#messages"))


@pytest.fixture
def second_owner(cast: SimpleNamespace) -> User:
    return makers.join(cast.team, "olga@example.org", Role.OWNER, name="Olga")


def test_the_page_names_everybody_with_their_role(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    page = page_of(browser_of("admin").get(place("members", cast.team)))

    rows = {row["id"]: words_of(row) for row in page.select("tr[id^=member-]")}
    assert len(rows) == 4
    assert "Rob rob@example.org" in words_of(row_of(page, cast.team, cast.reviewer))
    chosen = row_of(page, cast.team, cast.reviewer).select_one("option[selected]")
    assert chosen["value"] == "reviewer"
    assert "(you)" in words_of(row_of(page, cast.team, cast.admin))
    assert "stan@example.org" not in page.get_text()


def test_the_page_takes_the_same_number_of_queries_for_many(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    browser = browser_of("owner")
    address = place("members", cast.team)
    makers.make_invitation(cast.team, "a@example.org", cast.admin)
    browser.get(address)
    with CaptureQueriesContext(connection) as few:
        browser.get(address)
    for number in range(8):
        makers.join(cast.team, f"p{number}@example.org")
        makers.make_invitation(cast.team, f"q{number}@example.org", cast.admin)

    with CaptureQueriesContext(connection) as many:
        browser.get(address)

    assert len(many) == len(few)


def test_a_name_is_shown_as_text(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    cast.member.name = "<b>Mina</b>"
    cast.member.save(update_fields=["name"])

    page = page_of(browser_of("owner").get(place("members", cast.team)))

    assert "<b>Mina</b>" in row_of(page, cast.team, cast.member).get_text()


@pytest.mark.parametrize(
    ("who", "whom", "may"),
    [
        ("owner", "admin", True),
        ("owner", "member", True),
        ("admin", "member", True),
        ("admin", "admin", True),
        ("admin", "owner", False),
        ("owner", "owner", False),
    ],
)
def test_the_page_offers_what_may_be_done_and_nothing_else(
    browser_of: BrowserOf, cast: SimpleNamespace, who: str, whom: str, may: bool
) -> None:
    page = page_of(browser_of(who).get(place("members", cast.team)))

    row = row_of(page, cast.team, getattr(cast, whom))
    roles = [option["value"] for option in row.select("option")]
    assert roles == (["admin", "member", "reviewer"] if may else [])
    assert bool(row.select(".danger")) is (may and who != whom)
    assert bool(row.select(f"a[href='{place('leaving', cast.team)}']")) is (who == whom)


@pytest.mark.parametrize("who", ["owner", "admin"])
@pytest.mark.parametrize("role", ["admin", "reviewer"])
def test_a_role_is_changed_and_the_audit_log_tells_of_it(
    browser_of: BrowserOf, cast: SimpleNamespace, who: str, role: str
) -> None:
    response = give(browser_of(who), cast, cast.member, role)

    assert response["Location"] == place("members", cast.team)
    assert role_of(cast, cast.member) == role
    assert audit_log(cast.team) == [("member.role", getattr(cast, who).email, "Mina")]
    assert cast.team.audit.get().detail == {"email": "mina@example.org", "before": "member", "after": role}


def choose(browser: Client, cast: SimpleNamespace, user: User, role: str) -> Any:
    """As htmx posts it when another role is chosen."""
    address = place("role", cast.team, membership(cast.team, user).pk)
    return browser.post(address, {"role": role}, headers={"HX-Request": "true"})


def test_a_role_is_saved_as_soon_as_it_is_chosen(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    response = choose(browser_of("admin"), cast, cast.member, "reviewer")

    page = page_of(response)
    assert role_of(cast, cast.member) == "reviewer"
    assert [tag["id"] for tag in page.find_all(recursive=False)] == ["people"]
    assert row_of(page, cast.team, cast.member).select_one("option[selected]")["value"] == "reviewer"
    told = json.loads(response["HX-Trigger"])["notice"]
    assert told == {"level": "success", "text": "Mina is now a reviewer."}


def test_a_choice_that_is_refused_shows_the_role_as_it_is(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    response = choose(browser_of("owner"), cast, cast.member, "owner")

    assert response.status_code == 422
    assert row_of(page_of(response), cast.team, cast.member).select_one("option[selected]")["value"] == "member"
    assert json.loads(response["HX-Trigger"])["notice"]["level"] == "error"


def test_the_button_for_a_role_is_for_pages_without_scripts_and_for_ones_own(
    browser_of: BrowserOf, cast: SimpleNamespace
) -> None:
    page = page_of(browser_of("admin").get(place("members", cast.team)))

    theirs, own = (row_of(page, cast.team, user).select_one("form") for user in (cast.member, cast.admin))
    assert theirs["hx-post"] == theirs["action"] == place("role", cast.team, membership(cast.team, cast.member).pk)
    assert theirs.select("noscript button[type=submit]")
    assert not own.get("hx-post")
    assert own.select("button[type=submit]")
    assert not own.select("noscript")


@pytest.mark.parametrize(("role", "says"), [("admin", "an admin"), ("member", "a member"), ("reviewer", "a reviewer")])
def test_a_change_of_role_says_what_they_are_now(
    browser_of: BrowserOf, cast: SimpleNamespace, role: str, says: str
) -> None:
    browser = browser_of("owner")

    give(browser, cast, cast.reviewer, role)

    assert f"Rob is now {says}." in messages(browser, cast)


def test_what_each_role_may_do_is_folded(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    page = page_of(browser_of("admin").get(place("members", cast.team)))

    fold = page.select_one("details#roles")
    assert fold is not None
    assert not fold.has_attr("open")
    assert "What each role may do" in words_of(fold.select_one("summary"))


def test_the_role_one_has_already_is_no_change(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    give(browser_of("owner"), cast, cast.member, "member")

    assert audit_log(cast.team) == []


@pytest.mark.parametrize("role", ["owner", "king", ""])
@pytest.mark.parametrize("whom", ["member", "admin", "owner"])
def test_nobody_is_made_owner_this_way(browser_of: BrowserOf, cast: SimpleNamespace, role: str, whom: str) -> None:
    before = role_of(cast, getattr(cast, whom))

    response = give(browser_of("owner"), cast, getattr(cast, whom), role)

    assert response.status_code == 422
    assert "can't be given, only offered" in words_of(page_of(response).select_one("#messages"))
    assert role_of(cast, getattr(cast, whom)) == before
    assert audit_log(cast.team) == []


@pytest.mark.parametrize("act", ["role", "removal"])
def test_an_admin_touches_no_owner(browser_of: BrowserOf, cast: SimpleNamespace, second_owner: User, act: str) -> None:
    address = place(act, cast.team, membership(cast.team, cast.owner).pk)

    response = browser_of("admin").post(address, {"role": "member"})

    assert response.status_code == 403
    assert role_of(cast, cast.owner) == "owner"
    assert audit_log(cast.team) == []


def test_the_last_owner_does_not_step_down(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    response = give(browser_of("owner"), cast, cast.owner, "admin")

    assert response.status_code == 422
    assert "Anna is the only owner" in words_of(page_of(response).select_one("#messages"))
    assert role_of(cast, cast.owner) == "owner"
    assert audit_log(cast.team) == []


def test_one_of_two_owners_steps_down_and_may_not_go_up_again(
    browser_of: BrowserOf, cast: SimpleNamespace, second_owner: User
) -> None:
    browser = browser_of("owner")

    assert give(browser, cast, cast.owner, "admin")["Location"] == place("members", cast.team)
    assert give(browser, cast, cast.owner, "reviewer")["Location"] == f"/t/{cast.team.slug}/"

    assert give(browser, cast, cast.owner, "admin").status_code == 403
    assert role_of(cast, cast.owner) == "reviewer"


@pytest.mark.parametrize("who", ["member", "reviewer"])
def test_those_without_the_right_change_nobodys_role_nor_their_own(
    browser_of: BrowserOf, cast: SimpleNamespace, who: str
) -> None:
    assert give(browser_of(who), cast, getattr(cast, who), "admin").status_code == 403
    assert role_of(cast, getattr(cast, who)) == who


@pytest.mark.parametrize("act", ["role", "removal", "offer", "withdraw-offer"])
def test_another_teams_member_is_out_of_reach(browser_of: BrowserOf, cast: SimpleNamespace, act: str) -> None:
    elsewhere = cast.stranger.memberships.get().team

    response = browser_of("stranger").post(
        place(act, elsewhere, membership(cast.team, cast.member).pk), {"role": "reviewer"}
    )

    assert response.status_code == 404
    assert role_of(cast, cast.member) == "member"


def test_removing_says_first_what_it_means(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    words = said(browser_of("admin").get(place("removal", cast.team, membership(cast.team, cast.member).pk)))

    assert "Remove Mina?" in words
    for consequence in ("stay with the team under their name", "isn't finished yet is finished", "private pictures"):
        assert consequence in words
    assert role_of(cast, cast.member) == "member"


@pytest.mark.parametrize("whom", ["admin", "member", "reviewer"])
def test_a_removed_person_loses_the_team_and_the_audit_log_tells_of_it(
    browser_of: BrowserOf, cast: SimpleNamespace, whom: str
) -> None:
    gone = browser_of(whom)
    name = getattr(cast, whom).name
    assert gone.get(f"/t/{cast.team.slug}/").status_code == 200

    browser = browser_of("owner")
    browser.post(place("removal", cast.team, membership(cast.team, getattr(cast, whom)).pk))

    assert gone.get(f"/t/{cast.team.slug}/").status_code == 404
    assert audit_log(cast.team) == [("member.removed", "anna@example.org", name)]
    assert f"{name} is no longer in the team" in messages(browser, cast)


def test_removing_oneself_is_leaving(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    response = browser_of("admin").post(place("removal", cast.team, membership(cast.team, cast.admin).pk))

    assert response["Location"] == place("leaving", cast.team)
    assert role_of(cast, cast.admin) == "admin"


@pytest.mark.parametrize("who", ["admin", "member", "reviewer"])
def test_whoever_leaves_is_told_what_it_means_and_is_out(
    browser_of: BrowserOf, cast: SimpleNamespace, who: str
) -> None:
    browser = browser_of(who)
    address = place("leaving", cast.team)
    assert "private pictures pass to nobody" in said(browser.get(address))

    response = browser.post(address)

    assert response["Location"] == "/"
    assert "You have left Studio North" in words_of(page_of(browser.get("/")).find("body"))
    assert browser.get(f"/t/{cast.team.slug}/").status_code == 404
    assert audit_log(cast.team) == [("member.left", getattr(cast, who).email, getattr(cast, who).name)]


def test_the_last_owner_is_told_what_to_do_instead_of_leaving(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    browser = browser_of("owner")
    page = browser.get(place("leaving", cast.team))
    assert "Offer ownership to somebody else first" in said(page)
    assert not page_of(page).select("main form")

    response = browser.post(place("leaving", cast.team))

    assert response.status_code == 422
    assert role_of(cast, cast.owner) == "owner"
    assert audit_log(cast.team) == []


def test_one_of_two_owners_leaves(browser_of: BrowserOf, cast: SimpleNamespace, second_owner: User) -> None:
    browser_of("owner").post(place("leaving", cast.team))

    assert set(cast.team.memberships.values_list("user__email", flat=True)) == {
        "adam@example.org",
        "mina@example.org",
        "rob@example.org",
        "olga@example.org",
    }


def test_everybody_finds_the_way_out_in_the_menu_of_the_team(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    for who in ("owner", "admin", "member", "reviewer"):
        page = page_of(browser_of(who).get(f"/t/{cast.team.slug}/usage/"))

        assert page.select(f"#team-menu a[href='{place('leaving', cast.team)}']"), who


def test_the_act_itself_makes_nobody_owner(cast: SimpleNamespace) -> None:
    with pytest.raises(OwnershipNotAssignableError):
        change_role(membership(cast.team, cast.member), Role.OWNER, actor=Actor(cast.owner))

    assert role_of(cast, cast.member) == "member"
    assert audit_log(cast.team) == []


@pytest.mark.parametrize("act", [partial(change_role, role=Role.REVIEWER), remove_member], ids=["role", "removal"])
def test_whoever_lost_their_role_meanwhile_manages_nobody(cast: SimpleNamespace, act: Any) -> None:
    cast.team.memberships.filter(user=cast.admin).update(role=Role.MEMBER)

    with pytest.raises(PermissionDenied):
        act(membership(cast.team, cast.member), actor=Actor(cast.admin))

    assert role_of(cast, cast.member) == "member"
    assert audit_log(cast.team) == []


def test_nobody_leaves_in_anothers_name(cast: SimpleNamespace) -> None:
    with pytest.raises(PermissionDenied):
        leave_team(membership(cast.team, cast.member), actor=Actor(cast.admin))

    assert role_of(cast, cast.member) == "member"
