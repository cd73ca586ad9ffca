"""People: one account an address, a name to show, a theme that is kept."""

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from tests import makers

pytestmark = pytest.mark.django_db


def test_an_address_has_one_account_whatever_its_case() -> None:
    makers.make_user("mina@example.org")

    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.bulk_create([User(email="MINA@example.org")])

    assert User.objects.get_by_natural_key("Mina@Example.org").email == "mina@example.org"


@pytest.mark.parametrize(
    ("name", "email", "shown", "initials"),
    [
        ("Mina Rossi", "m@example.org", "Mina Rossi", "MR"),
        ("Mina", "m@example.org", "Mina", "M"),
        ("", "mina.rossi@example.org", "mina.rossi", "MR"),
        ("  ", "m@example.org", "  ", "?"),
        ("Anna Maria de Luca", "a@example.org", "Anna Maria de Luca", "AL"),
    ],
)
def test_a_person_is_shown_by_name_or_by_address(name: str, email: str, shown: str, initials: str) -> None:
    user = User(name=name, email=email)

    assert (user.display_name, user.initials) == (shown, initials)


@pytest.mark.parametrize(("theme", "kept"), [("light", "light"), ("dark", "dark"), ("system", None)])
def test_the_chosen_theme_is_stored_and_drawn(client: Client, theme: str, kept: str | None) -> None:
    user = makers.make_user("mina@example.org", theme="dark")
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")

    response = client.post(reverse("accounts:theme"), {"theme": theme}, follow=True)

    user.refresh_from_db()
    assert user.theme == theme
    assert (f'data-theme="{kept}"' in response.text) == bool(kept)


def test_a_theme_that_is_none_is_refused(client: Client) -> None:
    user = makers.make_user("mina@example.org")
    client.force_login(user, "allauth.account.auth_backends.AuthenticationBackend")

    assert client.post(reverse("accounts:theme"), {"theme": "pink"}).status_code == 422
    assert client.get(reverse("accounts:theme")).status_code == 405
    with pytest.raises(IntegrityError), transaction.atomic():
        User.objects.update(theme="pink")


@pytest.mark.parametrize("back", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_changing_the_theme_never_leads_elsewhere(client: Client, back: str) -> None:
    client.force_login(makers.make_user("m@example.org"), "allauth.account.auth_backends.AuthenticationBackend")

    response = client.post(reverse("accounts:theme"), {"theme": "dark"}, headers={"referer": back})

    assert response["Location"] == "/"


def test_changing_the_theme_needs_signing_in(client: Client) -> None:
    response = client.post(reverse("accounts:theme"), {"theme": "dark"})

    assert response["Location"].startswith(reverse("account_login"))
