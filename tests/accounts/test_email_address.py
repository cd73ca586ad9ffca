"""Changing one's address: the new one proves itself before it replaces the old, and the old one hears of it."""

import re
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from tests.accounts.steps import show_it_is_you, sign_in, text
from tests.makers import make_user

pytestmark = pytest.mark.django_db


@pytest.fixture
def mina(client: Client) -> User:
    user = make_user("mina@example.org", name="Mina")
    sign_in(client, user.email)
    show_it_is_you(client)
    return user


def change_to(client: Client, email: str) -> Any:
    return client.post(reverse("account_email"), {"email": email, "action_add": ""})


def open_link(client: Client, message: Any) -> Any:
    found = re.search(r"http://testserver(/accounts/confirm-email/\S+)", message.body)
    assert found
    return client.post(found[1], follow=True)


def test_a_new_address_replaces_the_old_one_once_it_is_confirmed(
    client: Client, mina: User, mailoutbox: list[Any]
) -> None:
    change_to(client, "mina@work.example")
    mina.refresh_from_db()
    waiting = (mina.email, text(client.get(reverse("account_email"))))
    open_link(client, mailoutbox[0])

    mina.refresh_from_db()
    assert waiting[0] == "mina@example.org"
    assert "When you open it, that address replaces mina@example.org" in waiting[1]
    assert mina.email == "mina@work.example"
    assert list(EmailAddress.objects.values_list("email", "verified", "primary")) == [("mina@work.example", True, True)]
    assert [(message.to, message.subject) for message in mailoutbox] == [
        (["mina@work.example"], "Confirm your email address"),
        (["mina@example.org"], "Your email address was changed"),
    ]
    assert "from mina@example.org to mina@work.example" in mailoutbox[1].body


def test_whoever_has_a_second_step_can_change_their_address_too(
    client: Client, mina: User, mailoutbox: list[Any]
) -> None:
    TOTP.activate(mina, generate_totp_secret())

    answer = change_to(client, "mina@work.example")
    before = User.objects.get(pk=mina.pk).email
    open_link(client, mailoutbox[0])

    assert answer.status_code == 302
    assert before == "mina@example.org"
    assert User.objects.get(pk=mina.pk).email == "mina@work.example"


def test_a_change_can_be_withdrawn(client: Client, mina: User, mailoutbox: list[Any]) -> None:
    change_to(client, "mina@work.example")
    client.post(reverse("account_email"), {"email": "mina@work.example", "action_remove": ""})
    open_link(client, mailoutbox[0])

    mina.refresh_from_db()
    assert mina.email == "mina@example.org"
    assert EmailAddress.objects.get().email == "mina@example.org"


@pytest.mark.parametrize("confirmed", [True, False])
def test_an_address_of_another_account_is_neither_told_nor_taken(
    client: Client, mina: User, mailoutbox: list[Any], confirmed: bool
) -> None:
    make_user("rob@example.org")
    EmailAddress.objects.filter(email="rob@example.org").update(verified=confirmed)

    free = change_to(client, "free@example.org")
    answer = change_to(client, "rob@example.org")
    opened = open_link(client, mailoutbox[1])

    mina.refresh_from_db()
    assert (answer.status_code, answer["Location"]) == (free.status_code, free["Location"])
    assert opened.status_code == 200
    assert mina.email == "mina@example.org"
    assert User.objects.filter(email="rob@example.org").count() == 1


def test_changing_the_address_asks_for_the_password_after_a_while(client: Client, mina: User) -> None:
    session = client.session
    session["account_authentication_methods"] = [{"method": "password", "at": 0, "reauthenticated": True}]
    session.save()

    answer = change_to(client, "mina@work.example")

    assert answer["Location"].startswith(reverse("account_reauthenticate"))
    assert not EmailAddress.objects.filter(email="mina@work.example").exists()


def test_links_in_emails_lead_to_the_site_whatever_host_was_asked_for(
    client: Client, mina: User, mailoutbox: list[Any]
) -> None:
    client.post(reverse("account_reset_password"), {"email": "mina@example.org"}, headers={"host": "localhost"})
    client.post(
        reverse("account_email"), {"email": "mina@work.example", "action_add": ""}, headers={"host": "127.0.0.1"}
    )

    assert len(mailoutbox) == 2
    for message in mailoutbox:
        assert "http://testserver/accounts/" in message.body
        assert "localhost" not in message.body
        assert "127.0.0.1" not in message.body


def test_the_link_in_the_email_chooses_a_new_password_once(client: Client, mailoutbox: list[Any]) -> None:
    user = make_user("rob@example.org")
    client.post(reverse("account_reset_password"), {"email": "rob@example.org"})
    found = re.search(r"http://testserver(/\S+)", mailoutbox[0].body)
    assert found

    form = client.get(found[1], follow=True).redirect_chain[-1][0]
    new = {"password1": "three quiet harbours", "password2": "three quiet harbours"}
    client.post(form, new)
    again = Client().get(found[1], follow=True)

    user.refresh_from_db()
    assert user.check_password("three quiet harbours")
    assert "has been used or is too old" in text(again)
    assert mailoutbox[1].subject == "Your password was reset"


def test_a_name_is_changed_on_the_persons_own_page(client: Client, mina: User) -> None:
    saved = client.post(reverse("accounts:you"), {"name": "Mina Rossi"})
    refused = client.post(reverse("accounts:you"), {"name": "x" * 121})

    mina.refresh_from_db()
    assert (saved.status_code, refused.status_code) == (302, 422)
    assert mina.name == "Mina Rossi"
