"""Making an account for somebody else."""

import pytest
from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.accounts.signup import get_or_create_account
from tests import makers

pytestmark = pytest.mark.django_db

PASSWORD = "three quiet harbours"


def test_somebody_new_can_sign_in_at_once(client: Client) -> None:
    user, made = get_or_create_account("  Nora@Example.org ", PASSWORD, name="Nora")

    response = client.post(reverse("account_login"), {"login": "nora@example.org", "password": PASSWORD})

    assert made
    assert (user.email, user.name) == ("nora@example.org", "Nora")
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)


def test_somebody_new_without_a_password_can_make_one_by_e_mail(client: Client, mailoutbox: list[object]) -> None:
    user, _ = get_or_create_account("nora@example.org")

    client.post(reverse("account_reset_password"), {"email": "nora@example.org"})

    assert not user.has_usable_password()
    assert len(mailoutbox) == 1
    assert "/accounts/password/reset/key/" in str(getattr(mailoutbox[0], "body", ""))


def test_somebody_who_was_here_keeps_name_and_password() -> None:
    mina = makers.make_user("mina@example.org", name="Mina")

    user, made = get_or_create_account("MINA@example.org", PASSWORD, name="Other")

    user.refresh_from_db()
    assert (user, made, user.name) == (mina, False, "Mina")
    assert user.check_password(makers.PASSWORD)


def test_a_second_address_finds_the_same_person() -> None:
    mina = makers.make_user("mina@example.org")
    EmailAddress.objects.create(user=mina, email="mina@work.example", verified=True)

    user, made = get_or_create_account("mina@work.example")

    assert (user, made) == (mina, False)
    assert User.objects.count() == 1


def test_an_address_that_was_not_verified_is_now() -> None:
    mina = makers.make_user("mina@example.org")
    EmailAddress.objects.update(verified=False)

    get_or_create_account("mina@example.org")

    assert EmailAddress.objects.get(user=mina).verified


@pytest.mark.parametrize("email", ["", "mina", "mina@", "a b@example.org", "x" * 260 + "@example.org"])
def test_what_is_no_address_is_refused(email: str) -> None:
    with pytest.raises(ValidationError):
        get_or_create_account(email)

    assert not User.objects.exists()


@pytest.mark.parametrize("password", ["", "short", "password123", "nora@example.org"])
def test_a_weak_password_is_refused_and_nobody_made(password: str) -> None:
    with pytest.raises(ValidationError):
        get_or_create_account("nora@example.org", password)

    assert not User.objects.exists()
