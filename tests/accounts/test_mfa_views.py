"""Whoever comes to set up a second step on the way to somewhere is led there once it is done, and nowhere else."""

from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from tests.accounts.steps import App, read, show_it_is_you, sign_in
from tests.makers import make_user

pytestmark = pytest.mark.django_db

THERE = "/t/studio-north/"
ELSEWHERE = ["https://evil.example/", "//evil.example/", "javascript:alert(1)", "\\\\evil.example"]


@pytest.fixture
def mina(client: Client) -> User:
    """Signed in, and known to be herself."""
    user = make_user("mina@example.org", name="Mina")
    sign_in(client, user.email)
    show_it_is_you(client)
    return user


def set_up(client: Client, where: str) -> Any:
    """Set up an app by the form that the page gives, from its link on the list of ways; gives the answer."""
    ways = read(client.get(reverse("mfa_index"), {"next": where}))
    [link] = [a["href"] for a in ways.select("main a[href]") if a["href"].startswith(reverse("mfa_activate_totp"))]
    form = read(client.get(link)).select_one("main form")
    fields = {one["name"]: one.get("value", "") for one in form.select("input[name]")}
    return client.post(form["action"], fields | {"code": App(form.select_one("#secret").get_text()).code()})


def last_word(page: Any) -> str:
    return read(page).find("a", string="I have kept them")["href"]


def test_the_codes_are_shown_first_and_then_it_goes_on(client: Client, mina: User) -> None:
    done = set_up(client, THERE)
    codes = client.get(done["Location"])

    assert done["Location"].startswith(reverse("mfa_view_recovery_codes"))
    assert len(read(codes).select_one("#codes").get_text().split()) == 10
    assert last_word(codes) == THERE


def test_whoever_has_codes_already_goes_on_at_once(client: Client, mina: User) -> None:
    set_up(client, THERE)
    Authenticator.objects.filter(type=Authenticator.Type.TOTP).delete()

    assert set_up(client, THERE)["Location"] == THERE


@pytest.mark.parametrize("elsewhere", ELSEWHERE)
def test_nobody_is_led_off_the_site(client: Client, mina: User, elsewhere: str) -> None:
    page = client.get(reverse("mfa_activate_totp"), {"next": elsewhere})
    done = set_up(client, elsewhere)
    codes = client.get(reverse("mfa_view_recovery_codes"), {"next": elsewhere})
    Authenticator.objects.filter(type=Authenticator.Type.TOTP).delete()
    again = set_up(client, elsewhere)

    assert "evil" not in done["Location"]
    assert last_word(codes) == reverse("mfa_index")
    assert again["Location"] == reverse("mfa_index")
    assert read(page).find("a", string="Not now")["href"] == reverse("mfa_index")
    assert not read(page).select("main a[href*='next=']")


def test_not_now_leads_back_to_where_it_was_asked_for(client: Client, mina: User) -> None:
    for address in ("mfa_activate_totp", "mfa_add_webauthn"):
        page = read(client.get(reverse(address), {"next": THERE}))

        assert page.find("a", string="Not now")["href"] == THERE
        assert page.select_one("main form [name=next]")["value"] == THERE


def test_without_a_next_all_ends_at_the_list(client: Client, mina: User) -> None:
    codes = client.get(set_up(client, "")["Location"])

    assert last_word(codes) == reverse("mfa_index")
