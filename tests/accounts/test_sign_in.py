"""Signing in, through allauth's own addresses."""

import pytest
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from tests.makers import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def test_the_right_password_leads_in(client: Client) -> None:
    make_user("mina@example.org")

    response = client.post(reverse("account_login"), {"login": "Mina@Example.org", "password": PASSWORD})

    assert (response.status_code, response["Location"]) == (302, "/")


def test_a_wrong_password_is_refused_in_place_with_the_address_still_there(client: Client) -> None:
    make_user("mina@example.org")

    response = client.post(reverse("account_login"), {"login": "mina@example.org", "password": "wrong"})

    page = BeautifulSoup(response.content, "html.parser")
    assert response.status_code == 422
    assert page.select_one("[name=login]")["value"] == "mina@example.org"  # type: ignore[index]
    assert "not correct" in page.get_text()


def test_making_an_account_is_closed_unless_it_is_opened(client: Client, settings: object) -> None:
    before = client.get(reverse("account_signup")).content.decode()
    settings.SIGNUP = "open"  # type: ignore[attr-defined]
    after = client.get(reverse("account_signup")).content.decode()

    assert 'name="password1"' not in before
    assert 'name="password1"' in after


def test_resetting_a_password_tells_nobody_who_has_an_account(client: Client, mailoutbox: list[object]) -> None:
    make_user("mina@example.org")

    known = client.post(reverse("account_reset_password"), {"email": "mina@example.org"})
    unknown = client.post(reverse("account_reset_password"), {"email": "nobody@example.org"})

    assert known["Location"] == unknown["Location"]
    assert known.status_code == unknown.status_code == 302
