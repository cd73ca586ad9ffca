"""The way in, and starting a team."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from hubportal.teams.models import Team
from tests import makers
from tests.teams.reading import audit_log

BrowserOf = Callable[[str], Client]


def page_of(response: Any) -> Any:
    return BeautifulSoup(response.content, "html.parser")


def test_the_start_leads_to_the_team_a_person_was_in_last(browser_of: BrowserOf, cast: SimpleNamespace) -> None:
    other = makers.make_team("Other", makers.make_user("otto@example.org"))
    other.memberships.create(user=cast.member, role="member")
    browser = browser_of("member")

    for team in (other, cast.team):
        browser.get(reverse("usage:overview", args=[team.slug]))
        assert browser.get("/")["Location"] == reverse("generations:create", args=[team.slug])


def test_somebody_without_a_team_is_told_what_to_do(db: None, client: Client) -> None:
    client.force_login(makers.make_user("nora@example.org"), "allauth.account.auth_backends.AuthenticationBackend")

    response = client.get("/")

    assert response.status_code == 200
    assert "nora@example.org" in page_of(response).find("main").get_text()
    assert len(page_of(response).find_all("h1")) == 1


@pytest.fixture
def nora(db: None, client: Client) -> Client:
    """Somebody without a team."""
    client.force_login(makers.make_user("nora@example.org"), "allauth.account.auth_backends.AuthenticationBackend")
    return client


def test_where_sign_up_is_open_a_person_starts_a_team_of_their_own(nora: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    assert page_of(nora.get("/")).select_one(f"form[action='{reverse('start-team')}'] [name=name]")

    response = nora.post(reverse("start-team"), {"name": "Nora's"})

    membership = Team.objects.get(name="Nora's").memberships.get()
    assert (membership.role, membership.user.email) == ("owner", "nora@example.org")
    assert response["Location"] == reverse("keys:index", args=["noras"])
    assert audit_log(membership.team) == [("team.started", "nora@example.org", "Nora's")]


def test_a_team_needs_a_name(nora: Client, settings: Any) -> None:
    settings.SIGNUP = "open"

    response = nora.post(reverse("start-team"), {"name": " "})

    assert response.status_code == 422
    assert page_of(response).select_one(".field-error")
    assert not Team.objects.exists()


def test_where_sign_up_is_by_invitation_nobody_starts_a_team(nora: Client) -> None:
    assert nora.post(reverse("start-team"), {"name": "Nora's"}).status_code == 404
    assert not page_of(nora.get("/")).select("main form")
    assert not Team.objects.exists()
