"""The team's settings: its name, and whether two-factor is required of everybody."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from bs4 import BeautifulSoup
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams.models import Team
from hubportal.teams.teams import ActorWithoutTwoFactorError, rename_team, require_two_factor, start_team

BrowserOf = Callable[[str], Client]


def address(team: Team, name: str = "settings") -> str:
    return reverse(f"teams:{name}", args=[team.slug])


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(tag: Any) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


def give_two_factor(user: Any, kind: str = Authenticator.Type.TOTP) -> None:
    Authenticator.objects.create(user=user, type=kind, data={"secret": "x"})


def test_an_admin_renames_the_team_and_its_address_stays(browser_of: BrowserOf, team: Team, cast: Any) -> None:
    response = browser_of("admin").post(address(team), {"name": "Studio South"})

    team.refresh_from_db()
    assert (team.name, team.slug) == ("Studio South", "studio-north")
    assert response["Location"] == address(team)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.address) == ("team.renamed", cast.admin, "127.0.0.1")
    assert entry.detail == {"before": "Studio North", "after": "Studio South"}


def test_the_same_name_again_is_no_act(browser_of: BrowserOf, team: Team) -> None:
    assert browser_of("admin").post(address(team), {"name": "Studio North"}).status_code == 302

    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
def test_a_name_that_is_none_comes_back_with_its_error(browser_of: BrowserOf, team: Team, name: str) -> None:
    response = browser_of("owner").post(address(team), {"name": name})

    assert response.status_code == 422
    page = page_of(response)
    assert page.select("#id_name_error")
    assert not page.select("#deletion_name_error")
    team.refresh_from_db()
    assert team.name == "Studio North"
    assert not AuditEntry.objects.exists()


def test_who_has_no_two_factor_is_named_before_it_is_required(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    give_two_factor(cast.admin)
    give_two_factor(cast.member, Authenticator.Type.WEBAUTHN)
    give_two_factor(cast.reviewer, Authenticator.Type.RECOVERY_CODES)

    page = page_of(browser_of("admin").get(address(cast.team)))

    without = page.select_one("#without-two-factor")
    assert [text(chip) for chip in without.select("li")] == ["Anna", "Rob"]
    assert "2 people of the team have none yet" in text(without)


def test_two_factor_is_required_and_no_longer(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    give_two_factor(cast.admin)
    browser = browser_of("admin")

    for word, required in (("yes", True), ("yes", True), ("no", False)):
        assert browser.post(address(cast.team, "require-two-factor"), {"required": word}).status_code == 302
        cast.team.refresh_from_db()
        assert cast.team.requires_two_factor is required

    entries = AuditEntry.objects.order_by("pk")
    assert [(entry.action, entry.detail) for entry in entries] == [
        ("team.two-factor", {"required": True}),
        ("team.two-factor", {"required": False}),
    ]


def test_an_admin_without_two_factor_is_led_to_set_it_up_first(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    browser = browser_of("admin")
    page = page_of(browser.get(address(cast.team)))

    response = browser.post(address(cast.team, "require-two-factor"), {"required": "yes"})

    assert page.select_one(f"main a[href='{reverse('mfa_index')}?next={address(cast.team)}']")
    assert not page.select("button[name=required][value=yes]")
    assert response.status_code == 422
    assert "Set up two-factor for yourself first" in text(page_of(response).select_one("[role=alert]"))
    cast.team.refresh_from_db()
    assert not cast.team.requires_two_factor
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("required", ["", "maybe", "True"])
def test_whether_two_factor_is_required_is_yes_or_no(browser_of: BrowserOf, cast: Any, required: str) -> None:
    give_two_factor(cast.owner)

    response = browser_of("owner").post(address(cast.team, "require-two-factor"), {"required": required})

    assert response.status_code == 422
    assert "required or not" in text(page_of(response).select_one("[role=alert]"))


def test_only_the_owner_is_offered_the_end_of_the_team(browser_of: BrowserOf, team: Team) -> None:
    offered = {
        who: bool(page_of(browser_of(who).get(address(team))).select(f"form[action='{address(team, 'deletion')}']"))
        for who in ("owner", "admin")
    }

    assert offered == {"owner": True, "admin": False}


@pytest.mark.parametrize(("who", "sees"), [("owner", True), ("admin", True), ("member", False), ("reviewer", False)])
def test_the_menu_leads_to_settings_and_audit_log_who_may_open_them(
    browser_of: BrowserOf, team: Team, who: str, sees: bool
) -> None:
    page = page_of(browser_of(who).get(reverse("gallery:index", args=[team.slug])))

    links = {link["href"] for link in page.select("#team-menu a")}
    assert (address(team) in links, address(team, "audit") in links) == (sees, sees)


def test_the_act_itself_asks_whoever_requires_two_factor_to_have_it(cast: SimpleNamespace) -> None:
    with pytest.raises(ActorWithoutTwoFactorError):
        require_two_factor(cast.team, True, actor=Actor(cast.admin))

    cast.team.refresh_from_db()
    assert not cast.team.requires_two_factor
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("name", ["", "   ", "x" * 81, "a\0b"])
def test_the_acts_themselves_take_no_name_that_is_none(cast: SimpleNamespace, name: str) -> None:
    with pytest.raises(ValidationError):
        rename_team(cast.team, name, actor=Actor(cast.admin))
    with pytest.raises(ValidationError):
        start_team(name, cast.admin, actor=Actor(cast.admin))

    assert set(Team.objects.values_list("name", flat=True)) == {"Studio North", "Elsewhere"}


def test_what_an_audit_entry_says_it_was_called_before_is_read_with_the_team_locked(cast: SimpleNamespace) -> None:
    stale = Team.objects.get(pk=cast.team.pk)
    rename_team(cast.team, "Studio South", actor=Actor(cast.admin))

    rename_team(stale, "Studio West", actor=Actor(cast.owner))

    assert AuditEntry.objects.latest("pk").detail == {"before": "Studio South", "after": "Studio West"}
