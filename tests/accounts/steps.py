"""What a person does about signing in, in one line."""

import time
from dataclasses import dataclass, field
from typing import Any

from allauth.mfa.totp.internal.auth import format_hotp_value, hotp_value
from bs4 import BeautifulSoup
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from tests.makers import PASSWORD


def read(response: Any) -> BeautifulSoup:
    return BeautifulSoup(response.content, "html.parser")


def text(response: Any) -> str:
    """What stands in the page itself, on one line."""
    return " ".join(read(response).select("main")[0].get_text(" ").split())


def sign_in(client: Client, email: str, password: str = PASSWORD, **more: str) -> Any:
    return client.post(reverse("account_login"), {"login": email, "password": password, **more})


def show_it_is_you(client: Client) -> None:
    """What the site asks for before anything that protects the account is changed."""
    client.post(reverse("account_reauthenticate"), {"password": PASSWORD})


def signed_in(client: Client) -> bool:
    return "_auth_user_id" in client.session


@dataclass
class App:
    """An authenticator app: each code it gives is one it has not given before."""

    secret: str
    steps: list[int] = field(default_factory=lambda: [0, 1])

    def code(self) -> str:
        return format_hotp_value(hotp_value(self.secret, int(time.time()) // 30 + self.steps.pop(0)))


def set_up_app(client: Client) -> tuple[App, list[str]]:
    """Set up an authenticator app for whoever is signed in; the app, and the recovery codes shown."""
    form = read(client.get(reverse("mfa_activate_totp")))
    app = App(form.select("#secret")[0].get_text())
    done = client.post(reverse("mfa_activate_totp"), {"code": app.code()}, follow=True)
    return app, read(done).select("#codes")[0].get_text().split()


def guarded(client: Client, user: User) -> tuple[App, list[str]]:
    """The same, from signing in to signing out."""
    sign_in(client, user.email)
    show_it_is_you(client)
    app, codes = set_up_app(client)
    client.post(reverse("account_logout"))
    return app, codes
