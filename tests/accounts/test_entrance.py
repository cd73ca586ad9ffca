"""The forms that one comes in by: where the cursor is, and the password shown to whoever types it."""

from typing import Any

import pytest
from allauth.account.forms import default_token_generator
from allauth.account.utils import user_pk_to_url_str
from django.test import Client
from django.urls import reverse

from tests.accounts.steps import read, set_up_app, show_it_is_you, sign_in
from tests.makers import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def in_focus(response: Any) -> list[str]:
    return [str(field["name"]) for field in read(response).select("[autofocus]")]


def test_the_cursor_is_in_the_first_field_that_is_empty(client: Client) -> None:
    make_user("mina@example.org")

    first = client.get(reverse("account_login"))
    refused = sign_in(client, "mina@example.org", "wrong")
    nothing = client.post(reverse("account_login"), {"login": "", "password": "wrong"})

    assert [in_focus(one) for one in (first, refused, nothing)] == [["login"], ["password"], ["login"]]


def test_the_cursor_is_in_a_field_that_is_wrong_before_one_that_is_empty(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"
    typed = {"name": "Mina", "email": "no address", "password1": PASSWORD, "password2": PASSWORD}

    first = client.get(reverse("account_signup"))
    refused = client.post(reverse("account_signup"), typed)

    assert [in_focus(one) for one in (first, refused)] == [["name"], ["email"]]


def test_the_other_forms_have_it_too(client: Client) -> None:
    mina = make_user("mina@example.org")
    key = f"{user_pk_to_url_str(mina)}-{default_token_generator.make_token(mina)}"
    begun = client.get(reverse("account_reset_password_from_key", args=key.split("-", 1)), follow=True)
    forgotten = client.get(reverse("account_reset_password"))
    sign_in(client, mina.email)
    again = client.get(reverse("account_reauthenticate"))
    show_it_is_you(client)
    set_up_app(client)
    code_again = client.get(reverse("mfa_reauthenticate"))
    client.post(reverse("account_logout"))
    sign_in(client, mina.email)
    second = client.get(reverse("mfa_authenticate"))

    pages = (begun, forgotten, again, code_again, second)
    assert [in_focus(one) for one in pages] == [["password1"], ["email"], ["password"], ["code"], ["code"]]


def test_each_password_has_a_button_that_shows_it_where_there_are_scripts(client: Client, settings: Any) -> None:
    settings.SIGNUP = "open"

    for address, names in (("account_login", ["password"]), ("account_signup", ["password1", "password2"])):
        page = read(client.get(reverse(address)))
        fields = page.select("input[type=password]")
        buttons = page.select("button[data-reveal]")
        assert [field["name"] for field in fields] == names
        assert [button["aria-controls"] for button in buttons] == [field["id"] for field in fields]
        assert all(button["type"] == "button" and button.has_attr("hidden") for button in buttons)
        assert {button["aria-pressed"] for button in buttons} == {"false"}
        assert page.select('script[src$="js/reveal.js"]')


def test_the_picture_beside_the_form_is_decoration_and_comes_from_here(client: Client) -> None:
    page = read(client.get(reverse("account_login")))

    (picture,) = page.select(".entrance-art")
    assert picture["aria-hidden"] == "true"
    assert not picture.select("[href], [src], a, button, input")
