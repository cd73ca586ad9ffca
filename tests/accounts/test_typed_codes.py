"""One-time codes as people type and paste them."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import codes_left
from tests.accounts.steps import App, read, show_it_is_you, sign_in, signed_in
from tests.makers import make_user

pytestmark = pytest.mark.django_db

# The first of each script's ten digits.
FULL_WIDTH, ARABIC, PERSIAN, DEVANAGARI = (
    {ord("0") + digit: zero + digit for digit in range(10)} for zero in (0xFF10, 0x0660, 0x06F0, 0x0966)
)


def split(code: str, by: str) -> str:
    return code[: len(code) // 2] + by + code[len(code) // 2 :]


SPELLINGS = {
    "full-width digits": lambda code: code.translate(FULL_WIDTH),
    "full-width digits and space": lambda code: split(code.translate(FULL_WIDTH), "\u3000"),
    "the long-vowel mark of a Japanese keyboard": lambda code: split(code.translate(FULL_WIDTH), "ー"),
    "Arabic-Indic digits": lambda code: code.translate(ARABIC),
    "Arabic-Indic digits between marks of direction": lambda code: f"\u200f{code.translate(ARABIC)}\u200e",
    "Persian digits": lambda code: code.translate(PERSIAN),
    "Devanagari digits": lambda code: code.translate(DEVANAGARI),
    "spaces": lambda code: f" {split(code, ' ')} ",
    "a no-break space": lambda code: split(code, "\xa0"),
    "a narrow no-break space": lambda code: split(code, "\u202f"),
    "a zero-width space": lambda code: split(code, "\u200b"),
    "a hyphen": lambda code: split(code, "-"),
    "a no-break hyphen": lambda code: split(code, "\u2011"),
    "an en dash": lambda code: split(code, "–"),
    "a minus": lambda code: split(code, "\u2212"),
    "a tab and a newline": lambda code: split(code, "\t") + "\n",
}


@pytest.fixture
def mina() -> User:
    return make_user("mina@example.org", name="Mina")


def set_up(user: User) -> tuple[App, list[str]]:
    secret = generate_totp_secret()
    TOTP.activate(user, secret)
    return App(secret), RecoveryCodes.activate(user).get_unused_codes()


def second_step(client: Client, code: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code})


@pytest.mark.parametrize("spelling", SPELLINGS.values(), ids=SPELLINGS)
def test_a_code_of_the_app_and_a_recovery_code_work_however_they_are_typed(
    client: Client, mina: User, spelling: Any
) -> None:
    app, codes = set_up(mina)

    sign_in(client, mina.email)
    second_step(client, spelling(app.code()))
    by_app = signed_in(client)
    client.post(reverse("account_logout"))
    sign_in(client, mina.email)
    second_step(client, spelling(codes[0]))

    assert (by_app, signed_in(client)) == (True, True)
    assert codes_left(Authenticator.objects.get(type="recovery_codes")) == 9


def test_it_works_when_the_app_is_set_up_and_when_the_site_asks_again(client: Client, mina: User) -> None:
    sign_in(client, mina.email)
    show_it_is_you(client)
    app = App(read(client.get(reverse("mfa_activate_totp"))).select("#secret")[0].get_text())

    activated = client.post(reverse("mfa_activate_totp"), {"code": split(app.code(), "\xa0").translate(ARABIC)})
    again = client.post(reverse("mfa_reauthenticate"), {"code": split(app.code(), " ").translate(FULL_WIDTH)})

    assert (activated.status_code, again.status_code) == (302, 302)


def test_another_spelling_does_not_let_the_same_code_in_twice(client: Client, mina: User) -> None:
    app, _codes = set_up(mina)
    code = app.code()
    sign_in(client, mina.email)
    second_step(client, code)
    client.post(reverse("account_logout"))

    sign_in(client, mina.email)
    again = second_step(client, code.translate(ARABIC))

    assert (again.status_code, signed_in(client)) == (422, False)


@pytest.mark.parametrize("typed", ["½½½½½½", "①②③④⑤⑥", "٪٪٪٪٪٪", "abcdef", "---", "\u200f", "😀" * 6, "0" * 5000])
def test_what_is_no_code_stays_wrong(client: Client, mina: User, typed: str) -> None:
    set_up(mina)
    sign_in(client, mina.email)

    response = second_step(client, typed)

    assert (response.status_code, signed_in(client)) == (422, False)
    assert read(response).select(".field-error li")
