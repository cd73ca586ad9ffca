"""Making an account: open to all, or to the invited alone; and what it must not tell."""

import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from allauth.account.models import EmailAddress
from django.contrib.auth.hashers import MD5PasswordHasher
from django.test import Client, RequestFactory
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.accounts.signup import allow_signup
from tests.accounts.steps import read, sign_in, signed_in, text
from tests.makers import make_user

pytestmark = pytest.mark.django_db

PASSWORD = "three quiet harbours"
SIGN_UP = {"name": "Nora Lind", "email": "nora@example.org", "password1": PASSWORD, "password2": PASSWORD}


@pytest.fixture
def opened(settings: Any) -> None:
    settings.SIGNUP = "open"


@pytest.fixture
def invite(client: Client) -> Callable[..., None]:
    """`invite(email, verified=True)`: what the page of an invitation does for the visitor."""

    def invited(email: str, *, verified: bool) -> None:
        request = RequestFactory().get("/")
        request.session = client.session
        allow_signup(request, email=email, verified=verified)
        request.session.save()
        client.cookies["session"] = request.session.session_key

    return invited


def sign_up(client: Client, **changes: str) -> Any:
    return client.post(reverse("account_signup"), SIGN_UP | changes)


def link_in(message: Any) -> str:
    found = re.search(r"http://testserver(/\S+)", message.body)
    assert found
    return found[1]


def test_a_new_account_has_a_name_and_opens_by_the_link_in_the_email(
    client: Client, opened: None, mailoutbox: list[Any]
) -> None:
    answer = sign_up(client, next="/teams-are-here/")
    before = signed_in(client)
    arrived = client.post(link_in(mailoutbox[0]))

    user = User.objects.get(email="nora@example.org")
    assert (answer["Location"], before, signed_in(client)) == ("/accounts/confirm-email/", False, True)
    assert (user.name, user.check_password(PASSWORD)) == ("Nora Lind", True)
    assert EmailAddress.objects.get(user=user).verified
    assert arrived["Location"] == "/teams-are-here/"


def test_signing_up_never_leads_to_another_site(client: Client, opened: None, mailoutbox: list[Any]) -> None:
    sign_up(client, next="https://evil.example/")

    assert client.post(link_in(mailoutbox[0]))["Location"] == "/"


def test_the_link_to_sign_up_and_back_keeps_where_one_was_going(client: Client, opened: None) -> None:
    login = read(client.get(reverse("account_login"), {"next": "/t/north/"}))
    form = read(client.get(login.select(".below a")[0]["href"]))

    assert form.select("input[name=next]")[0]["value"] == "/t/north/"
    assert form.select(".below a")[0]["href"].endswith("?next=%2Ft%2Fnorth%2F")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"email": "nora"}, "email"),
        ({"password1": "short", "password2": "short"}, "password1"),
        ({"password2": "three quiet harbors"}, "password2"),
    ],
)
def test_what_is_missing_is_said_at_its_field(
    client: Client, opened: None, changes: dict[str, str], field: str
) -> None:
    answer = sign_up(client, **changes)

    assert answer.status_code == 422
    assert read(answer).select(f"#id_{field}_error li")
    assert not User.objects.exists()


def test_an_address_that_has_an_account_is_told_by_email_alone(
    client: Client, opened: None, mailoutbox: list[Any]
) -> None:
    make_user("mina@example.org", name="Mina")

    known, unknown = sign_up(client, email="Mina@example.org"), sign_up(Client())

    assert (known.status_code, known["Location"]) == (unknown.status_code, unknown["Location"])
    assert [message.subject for message in mailoutbox] == ["You have an account already", "Confirm your email address"]
    assert "http://testserver/accounts/password/reset/" in mailoutbox[0].body
    assert User.objects.get(email="mina@example.org").name == "Mina"


@pytest.mark.parametrize("page", ["account_signup", "account_login"])
def test_a_password_is_hashed_as_often_whether_the_address_is_known_or_not(
    client: Client, opened: None, monkeypatch: pytest.MonkeyPatch, page: str
) -> None:
    make_user("mina@example.org")
    hashed: list[str] = []
    encode = MD5PasswordHasher.encode
    monkeypatch.setattr(
        MD5PasswordHasher, "encode", lambda self, *given: hashed.append(given[0]) or encode(self, *given)
    )

    def times(email: str) -> int:
        hashed.clear()
        Client().post(reverse(page), SIGN_UP | {"email": email, "login": email, "password": PASSWORD})
        return len(hashed)

    assert times("mina@example.org") == times("nobody@example.org") == 1


def test_the_invited_find_their_address_and_need_no_other_proof(
    client: Client, invite: Callable[..., None], mailoutbox: list[Any]
) -> None:
    invite("Nora@Example.org", verified=True)
    login = read(client.get(reverse("account_login"), {"next": "/i/abc/"}))
    form = read(client.get(login.select(".below a")[0]["href"]))

    answer = sign_up(client, next="/i/abc/")

    assert form.select("input[name=email]")[0]["value"] == "nora@example.org"
    assert (answer["Location"], signed_in(client)) == ("/i/abc/", True)
    assert EmailAddress.objects.get(email="nora@example.org").verified
    assert not mailoutbox


@pytest.mark.parametrize(("email", "verified"), [("other@example.org", True), ("nora@example.org", False)])
def test_another_address_or_a_copied_link_has_to_be_confirmed(
    client: Client, invite: Callable[..., None], mailoutbox: list[Any], email: str, verified: bool
) -> None:
    invite("nora@example.org", verified=verified)

    sign_up(client, email=email, next="/i/abc/")

    assert not EmailAddress.objects.get(email=email).verified
    assert not signed_in(client)
    assert client.post(link_in(mailoutbox[0]))["Location"] == "/i/abc/"


def test_an_invitation_lets_in_for_an_hour_and_nobody_else(client: Client, invite: Callable[..., None]) -> None:
    invite("nora@example.org", verified=True)

    with time_machine.travel(timezone.now() + timedelta(minutes=61), tick=False):
        late = sign_up(client)
    elsewhere = sign_up(Client())

    for answer in (late, elsewhere):
        assert "by invitation" in text(answer)
    assert not User.objects.exists()


def test_an_invitation_proves_nothing_for_an_account_that_is_there(
    client: Client, invite: Callable[..., None], mailoutbox: list[Any]
) -> None:
    mina = make_user("mina@example.org")
    invite("mina@example.org", verified=True)

    sign_up(client, email="mina@example.org")

    mina.refresh_from_db()
    assert not signed_in(client)
    assert not mina.check_password(PASSWORD)
    assert [message.subject for message in mailoutbox] == ["You have an account already"]


def test_signing_in_comes_back_to_where_one_was_going(client: Client) -> None:
    make_user("mina@example.org")

    assert sign_in(client, "mina@example.org", next="/t/north/")["Location"] == "/t/north/"
    assert sign_in(Client(), "mina@example.org", next="//evil.example/")["Location"] == "/"
