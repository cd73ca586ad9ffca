"""Asking for a team to be deleted, and thinking better of it: seven days in which everything can be looked at."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace
from typing import Any

import pytest
import time_machine
from bs4 import BeautifulSoup
from django.core import mail
from django.test import Client
from django.urls import reverse

from hubportal.audit.actor import SITE
from hubportal.audit.models import AuditEntry
from hubportal.generations.models import Generation
from hubportal.teams import emails
from hubportal.teams.models import Team
from hubportal.teams.tasks import send_deletion_email
from hubportal.teams.teams import rename_team, withdraw_deletion
from tests import makers

BrowserOf = Callable[[str], Client]
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def address(team: Team, name: str = "deletion") -> str:
    return reverse(f"teams:{name}", args=[team.slug])


def page_of(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(tag: Any) -> str:
    return " ".join(tag.get_text(" ", strip=True).split())


@pytest.fixture
def leaving(cast: SimpleNamespace) -> SimpleNamespace:
    """The cast, whose team is to be deleted."""
    makers.schedule_deletion(cast.team, cast.owner)
    return cast


def test_the_owner_types_the_name_and_the_team_goes_in_seven_days(browser_of: BrowserOf, cast: Any) -> None:
    with time_machine.travel(NOON, tick=False):
        response = browser_of("owner").post(address(cast.team), {"name": " Studio  North "})

    cast.team.refresh_from_db()
    assert response["Location"] == address(cast.team, "settings")
    assert (cast.team.deletion_at, cast.team.deletion_asked_by) == (NOON + timedelta(days=7), cast.owner)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by, entry.detail) == (
        "team.deletion-asked",
        cast.owner,
        {"until": "2026-11-28 12:00 UTC"},
    )


@pytest.mark.parametrize("name", ["", "studio north", "Studio Nort", "studio-north", "Elsewhere", "\0"])
def test_another_name_deletes_nothing_and_says_so_in_place(browser_of: BrowserOf, team: Team, name: str) -> None:
    response = browser_of("owner").post(address(team), {"name": name})

    team.refresh_from_db()
    assert (response.status_code, team.deletion_at) == (422, None)
    page = page_of(response)
    assert page.select("#deletion_name_error")
    assert page.select_one("#id_name")["value"] == "Studio North"
    assert not AuditEntry.objects.exists()


def test_asking_twice_does_not_move_the_day(browser_of: BrowserOf, leaving: Any) -> None:
    until = leaving.team.deletion_at

    with time_machine.travel(until - timedelta(days=1)):
        browser_of("owner").post(address(leaving.team), {"name": "Studio North"})

    leaving.team.refresh_from_db()
    assert leaving.team.deletion_at == until
    assert not AuditEntry.objects.exists()


@pytest.mark.parametrize("who", ["owner", "admin", "member", "reviewer"])
@pytest.mark.parametrize("name", ["generations:create", "generations:list", "gallery:index", "usage:overview"])
def test_every_page_says_when_the_team_goes(browser_of: BrowserOf, leaving: Any, who: str, name: str) -> None:
    page = page_of(browser_of(who).get(reverse(name, args=[leaving.team.slug])))

    banner = page.select_one("aside.banner")
    assert f"Studio North will be deleted on {leaving.team.deletion_at:%b. %-d, %Y}" in text(banner)
    keeps = banner.select(f"form[action='{address(leaving.team, 'keep-after-all')}'] [name=csrfmiddlewaretoken]")
    assert bool(keeps) is (who == "owner")


def test_a_page_of_a_team_that_stays_says_nothing(browser_of: BrowserOf, team: Team) -> None:
    page = page_of(browser_of("owner").get(reverse("gallery:index", args=[team.slug])))

    assert not page.select("aside.banner")


def test_an_owner_keeps_the_team_after_all(browser_of: BrowserOf, leaving: Any) -> None:
    response = browser_of("owner").post(address(leaving.team, "keep-after-all"))

    leaving.team.refresh_from_db()
    assert response.status_code == 302
    assert (leaving.team.deletion_at, leaving.team.deletion_asked_by) == (None, None)
    entry = AuditEntry.objects.get()
    assert (entry.action, entry.by) == ("team.deletion-withdrawn", leaving.owner)


def test_keeping_a_team_that_stays_is_no_act(browser_of: BrowserOf, team: Team) -> None:
    assert browser_of("owner").post(address(team, "keep-after-all")).status_code == 302

    assert not AuditEntry.objects.exists()


def test_once_its_time_is_over_nobody_keeps_it(browser_of: BrowserOf, leaving: Any) -> None:
    until = leaving.team.deletion_at

    with time_machine.travel(until + timedelta(seconds=1)):
        browser_of("owner").post(address(leaving.team, "keep-after-all"))

    leaving.team.refresh_from_db()
    assert leaving.team.deletion_at == until
    assert not AuditEntry.objects.exists()


def test_nothing_new_can_be_made_meanwhile(browser_of: BrowserOf, leaving: Any) -> None:
    makers.make_key(leaving.team)

    response = browser_of("member").post(reverse("generations:list", args=[leaving.team.slug]), {"prompt": "A boat"})

    assert response.status_code == 422
    assert "nothing new can be made" in text(page_of(response).select_one("#why"))
    assert "A boat" in page_of(response).select_one("[name=prompt]").get_text()
    assert not Generation.objects.exists()


def test_nothing_is_asked_for_again_meanwhile(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    generation = makers.make_generation(cast.team, cast.member)
    generation.record_cancelled()
    makers.schedule_deletion(cast.team, cast.owner)

    browser_of("member").post(reverse("generations:retry", args=[cast.team.slug, generation.pk]))

    assert Generation.objects.get() == generation


# E-mail --------------------------------------------------------------------------------------------------------


def test_owners_and_admins_are_told_by_e_mail(leaving: Any) -> None:
    send_deletion_email.func(leaving.team.pk)

    assert sorted(message.to for message in mail.outbox) == [["adam@example.org"], ["anna@example.org"]]
    assert {message.subject for message in mail.outbox} == {"Studio North will be deleted"}
    assert "Anna asked for the team Studio North to be deleted" in mail.outbox[0].body
    assert f"http://testserver/t/{leaving.team.slug}/settings/" in mail.outbox[0].body


def test_nobody_is_told_of_what_was_taken_back(leaving: Any) -> None:
    withdraw_deletion(leaving.team, actor=SITE)

    emails.send_deletion_email(leaving.team.pk)

    assert mail.outbox == []


def test_a_name_of_two_lines_makes_no_second_header(leaving: Any) -> None:
    rename_team(leaving.team, "North\nBcc: everybody@example.org", actor=SITE)

    emails.send_deletion_email(leaving.team.pk)

    assert mail.outbox[0].subject == "North Bcc: everybody@example.org will be deleted"
    assert mail.outbox[0].bcc == []


def test_a_mail_server_out_of_reach_keeps_nobody_else_from_being_told(leaving: Any, settings: Any) -> None:
    # Nothing listens there.
    settings.MAILERS = {
        "default": {
            "BACKEND": "django.core.mail.backends.smtp.EmailBackend",
            "OPTIONS": {"host": "127.0.0.1", "port": 9, "timeout": 2},
        }
    }

    emails.send_deletion_email(leaving.team.pk)

    assert mail.outbox == []
