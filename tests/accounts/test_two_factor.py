"""The second step: set up, asked for, recovered from, taken away; sealed at rest and told of by e-mail."""

import base64
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import (
    IDENTITY,
    codes_left,
    has_two_factor,
    reencrypt_authenticators,
    without_two_factor,
)
from hubportal.encryption import decrypt, encrypted_with
from tests.accounts.steps import guarded, read, set_up_app, show_it_is_you, sign_in, signed_in, text
from tests.makers import make_user

pytestmark = pytest.mark.django_db

NEWER = "t2:" + base64.b64encode(b"n" * 32).decode()


@pytest.fixture
def mina() -> User:
    return make_user("mina@example.org", name="Mina")


def second_step(client: Client, code: str) -> Any:
    return client.post(reverse("mfa_authenticate"), {"code": code})


def test_setting_up_shows_a_code_to_scan_and_the_same_secret_to_type(client: Client, mina: User) -> None:
    sign_in(client, mina.email)
    show_it_is_you(client)

    response = client.get(reverse("mfa_activate_totp"))

    page = read(response)
    secret = page.select("#secret")[0].get_text()
    assert len(base64.b32decode(secret)) == 20
    assert page.select("svg.qr path[d]")
    assert "data:" not in response.text
    assert "no-store" in response["Cache-Control"]


def test_with_an_app_the_password_alone_no_longer_lets_in(client: Client, mina: User) -> None:
    app, _codes = guarded(client, mina)

    first = sign_in(client, mina.email)
    between = signed_in(client)
    wrong = second_step(client, "000000")
    right = second_step(client, app.code())

    assert (first["Location"], between) == (reverse("mfa_authenticate"), False)
    assert (wrong.status_code, "isn't right" in text(wrong)) == (422, True)
    assert (right["Location"], signed_in(client)) == ("/", True)


def test_the_second_step_keeps_where_one_was_going(client: Client, mina: User) -> None:
    app, _codes = guarded(client, mina)

    sign_in(client, mina.email, next="/t/north/")

    assert second_step(client, app.code())["Location"] == "/t/north/"


def test_a_code_works_once(client: Client, mina: User) -> None:
    app, _codes = guarded(client, mina)
    code = app.code()
    sign_in(client, mina.email)
    second_step(client, code)

    overheard = Client()
    sign_in(overheard, mina.email)
    second_step(overheard, code)

    assert (signed_in(client), signed_in(overheard)) == (True, False)


def test_a_wrong_code_to_begin_with_changes_nothing(client: Client, mina: User) -> None:
    sign_in(client, mina.email)
    show_it_is_you(client)
    shown = read(client.get(reverse("mfa_activate_totp"))).select("#secret")[0].get_text()

    refused = client.post(reverse("mfa_activate_totp"), {"code": "000000"})

    assert refused.status_code == 422
    assert read(refused).select("#secret")[0].get_text() == shown
    assert not has_two_factor(mina)


def test_guessing_codes_is_stopped(client: Client, mina: User) -> None:
    app, _codes = guarded(client, mina)
    sign_in(client, mina.email)

    guesses = [second_step(client, f"00000{number}") for number in range(5)]
    right = second_step(client, app.code())

    assert [guess.status_code for guess in guesses] == [422] * 5
    assert "Wait five minutes" in text(right)
    assert not signed_in(client)


def test_a_recovery_code_lets_in_once(client: Client, mina: User) -> None:
    _app, codes = guarded(client, mina)

    sign_in(client, mina.email)
    second_step(client, codes[3])
    again = Client()
    sign_in(again, mina.email)
    second_step(again, codes[3])

    assert (signed_in(client), signed_in(again)) == (True, False)
    assert codes_left(Authenticator.objects.get(type="recovery_codes")) == 9
    assert "9 left" in text(client.get(reverse("mfa_index")))


def test_recovery_codes_are_shown_once(client: Client, mina: User) -> None:
    sign_in(client, mina.email)
    show_it_is_you(client)
    _app, codes = set_up_app(client)

    again = client.get(reverse("mfa_view_recovery_codes"))
    download = client.get(reverse("mfa_download_recovery_codes"))

    assert len(set(codes)) == 10
    assert not [code for code in codes if code in again.text]
    assert "10 codes are left" in text(again)
    assert download.status_code == 403


def test_new_recovery_codes_replace_the_old(client: Client, mina: User, mailoutbox: list[Any]) -> None:
    sign_in(client, mina.email)
    show_it_is_you(client)
    _app, old = set_up_app(client)

    client.post(reverse("mfa_generate_recovery_codes"))

    new = read(client.get(reverse("mfa_view_recovery_codes"))).select("#codes")[0].get_text().split()
    assert len(new) == 10
    assert not set(old) & set(new)


def test_taking_the_last_step_away_takes_the_recovery_codes_along(client: Client, mina: User) -> None:
    guarded(client, mina)
    app = Authenticator.objects.get(type="totp")
    assert decrypt(app.data["secret"], IDENTITY)
    client.force_login(mina, "allauth.account.auth_backends.AuthenticationBackend")
    show_it_is_you(client)

    client.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert not has_two_factor(mina)


@pytest.mark.parametrize("address", ["mfa_activate_totp", "mfa_add_webauthn", "account_email"])
def test_what_protects_the_account_asks_once_more_who_it_is(client: Client, mina: User, address: str) -> None:
    sign_in(client, mina.email)

    asked = client.post(reverse(address), {"email": "new@example.org", "action_add": "", "code": "1"})
    wrong = client.post(asked["Location"], {"password": "not mine"})

    assert asked["Location"].startswith(reverse("account_reauthenticate"))
    assert (wrong.status_code, "isn't your password" in text(wrong)) == (422, True)


@pytest.mark.django_db(transaction=True)  # allauth tells once it is committed
def test_every_change_is_told_by_email_in_words(mina: User, mailoutbox: list[Any]) -> None:
    desk = Client(headers={"user-agent": "Mozilla/5.0 (X11; Linux x86_64) Gecko/20100101 Firefox/140.0"})
    sign_in(desk, mina.email)
    show_it_is_you(desk)
    set_up_app(desk)
    desk.post(reverse("mfa_generate_recovery_codes"))
    desk.post(reverse("mfa_deactivate_totp"))

    assert [message.subject for message in mailoutbox] == [
        "Two-factor is on",
        "You have new recovery codes",
        "Your authenticator app was turned off",
    ]
    for message in mailoutbox:
        assert message.to == ["mina@example.org"]
        assert "Firefox on Linux, 127.0.0.1" in message.body
        assert "http://testserver/accounts/password/reset/" in message.body


def test_secrets_are_sealed_at_rest(client: Client, mina: User) -> None:
    app, codes = guarded(client, mina)

    kept = "".join(str(step.data) for step in Authenticator.objects.all())
    sessions = "".join(str(session.get_decoded()) for session in Session.objects.all())
    assert [encrypted_with(next(iter(step.data.values()))) for step in Authenticator.objects.all()] == ["t1", "t1"]
    for secret in (app.secret, *codes):
        assert secret not in kept
        assert secret not in sessions


def test_rotation_seals_second_steps_too_and_they_go_on_working(client: Client, mina: User, settings: Any) -> None:
    app, codes = guarded(client, mina)
    sign_in(client, mina.email)
    second_step(client, codes[0])
    client.post(reverse("account_logout"))
    settings.KEYRING = f"{NEWER},{settings.KEYRING}"

    first, second = reencrypt_authenticators(), reencrypt_authenticators()
    settings.KEYRING = NEWER
    sign_in(client, mina.email)
    second_step(client, app.code())

    assert (first.reencrypted, first.unchanged, first.failed) == (2, 0, [])
    assert (second.reencrypted, second.unchanged, second.failed) == (0, 2, [])
    assert codes_left(Authenticator.objects.get(type="recovery_codes")) == 9
    assert signed_in(client)


def test_rotate_keyring_names_second_steps_that_do_not_open(client: Client, mina: User, settings: Any) -> None:
    guarded(client, mina)
    settings.KEYRING = NEWER

    with pytest.raises(CommandError, match=f"(?s)person {mina.pk}.*'t1'.*person {mina.pk}.*'t1'"):
        call_command("rotate_keyring")

    assert {encrypted_with(next(iter(step.data.values()))) for step in Authenticator.objects.all()} == {"t1"}


def test_with_the_wrong_keyring_nobody_is_let_in_and_nothing_breaks(client: Client, mina: User, settings: Any) -> None:
    app, codes = guarded(client, mina)
    inside = Client()
    sign_in(inside, mina.email)
    second_step(inside, codes[1])
    inside.post(reverse("mfa_reauthenticate"), {"code": codes[2]})
    settings.KEYRING = NEWER

    sign_in(client, mina.email)
    answers = [second_step(client, code) for code in (app.code(), codes[0])]
    page = inside.get(reverse("mfa_generate_recovery_codes"))

    assert [(answer.status_code, "can't check codes" in text(answer)) for answer in answers] == [(422, True)] * 2
    assert (page.status_code, "can't check codes" in text(page)) == (503, True)
    assert inside.get(reverse("mfa_index")).status_code == 200
    assert not signed_in(client)


def test_a_second_step_moved_from_a_hub_key_does_not_open(client: Client, mina: User) -> None:
    guarded(client, mina)
    step = Authenticator.objects.get(type="totp")

    assert decrypt(step.data["secret"], IDENTITY)
    with pytest.raises(Exception, match="can't be decrypted"):
        decrypt(step.data["secret"], "team:1:key:1")


def test_who_lacks_a_second_step_is_found(client: Client, mina: User) -> None:
    make_user("rob@example.org")
    guarded(client, mina)

    assert [user.email for user in without_two_factor(User.objects.all())] == ["rob@example.org"]
    assert has_two_factor(mina)
