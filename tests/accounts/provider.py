"""A real OpenID Connect provider on a port of its own, and somebody who walks between it and the site."""

import json
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import parse_qs, urlsplit

import jwt
import requests
from bs4 import BeautifulSoup
from django.test import Client
from oidc_provider_mock import app
from werkzeug.serving import make_server

from hubportal.accounts.models import User
from hubportal.accounts.oidc_settings import openid_connect
from tests.commands.launched import dying_with_us, free_port, wait_for

SIGN_IN, COME_BACK = "/accounts/oidc/sso/login/", "/accounts/oidc/sso/login/callback/"


class Spoken:
    """What a provider is asked over HTTP, wherever it runs."""

    url: str

    def register(self, callback: str) -> tuple[str, str]:
        """A client of the provider's: its id and secret."""
        asked = {"redirect_uris": [callback], "token_endpoint_auth_method": "client_secret_post"}
        made = requests.post(f"{self.url}/oauth2/clients", json=asked, timeout=5).json()
        return made["client_id"], made["client_secret"]

    def person(self, sub: str, **claims: Any) -> None:
        requests.put(f"{self.url}/users/{sub}", json=claims, timeout=5).raise_for_status()


class Apart(Spoken):
    """A provider in a process of its own, as it comes."""

    def __init__(self) -> None:
        port = free_port()
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "oidc_provider_mock", "--port", str(port), "--require-registration", "true"]
        quiet = subprocess.DEVNULL
        self.process = subprocess.Popen(dying_with_us(*command), stdin=quiet, stdout=quiet, stderr=quiet)

    def answers(self) -> bool:
        try:
            return requests.get(f"{self.url}/.well-known/openid-configuration", timeout=5).ok
        except requests.ConnectionError:
            assert self.process.poll() is None, "the provider ended by itself"
            return False


@contextmanager
def running_apart() -> Iterator[Apart]:
    provider = Apart()
    try:
        wait_for(provider.answers, "the provider")
        yield provider
    finally:
        provider.process.terminate()
        provider.process.wait(10)


class Provider(Spoken):
    """In a thread of the test, so that its answers can be twisted.

    `seen`: the forms its token endpoint was sent. `twist`: changes an answer's JSON before it leaves, by path.
    """

    def __init__(self) -> None:
        self.seen: list[dict[str, list[str]]] = []
        self.twist: Callable[[str, dict[str, Any]], dict[str, Any]] = lambda _path, said: said
        flask = app(require_client_registration=True)
        flask.before_request(self._look)
        flask.after_request(self._answer)
        self.server = make_server("127.0.0.1", 0, flask, threaded=True)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()

    def _look(self) -> None:
        from flask import request

        if request.path == "/oauth2/token":
            self.seen.append({name: request.form.getlist(name) for name in request.form})

    def _answer(self, response: Any) -> Any:
        from flask import request

        if response.is_json and response.status_code == 200:
            response.data = json.dumps(self.twist(request.path, response.get_json()))
        return response

    def stop(self) -> None:
        self.server.shutdown()
        self.server.server_close()


@contextmanager
def running() -> Iterator[Provider]:
    provider = Provider()
    try:
        yield provider
    finally:
        provider.stop()


def settings_for(provider: Spoken, **changed: Any) -> dict[str, Any]:
    """SOCIALACCOUNT_PROVIDERS as settings.py would make it."""
    client, secret = provider.register("http://testserver" + COME_BACK)
    given = {"issuer": provider.url, "client_id": client, "secret": secret, "name": "Studio Login"}
    return openid_connect(**given | changed)


def leave(browser: Client, **fields: str) -> str:
    """Press the button on the sign-in page; the provider's address that the page leads to."""
    page = BeautifulSoup(browser.post(SIGN_IN, fields).content, "html.parser")
    link = page.select_one(".actions a")
    assert link, page.get_text()
    return str(link["href"])


def agree(there: str, sub: str) -> str:
    """Sign in at the provider; the address it sends the browser back to."""
    answer = requests.post(there, data={"sub": sub}, allow_redirects=False, timeout=5)
    assert answer.status_code == 302, answer.text
    back = urlsplit(answer.headers["Location"])
    return f"{back.path}?{back.query}"


def walk(browser: Client, sub: str, **fields: str) -> Any:
    """All the way: the site's answer to coming back."""
    return browser.get(agree(leave(browser, **fields), sub))


def query(address: str) -> dict[str, str]:
    return {name: values[0] for name, values in parse_qs(urlsplit(address).query).items()}


def who(browser: Client) -> str:
    """The address of whoever this browser is signed in as."""
    found = User.objects.filter(pk=browser.session.get("_auth_user_id")).first()
    return found.email if found else "nobody"


def altered(token: str, changed: dict[str, Any]) -> str:
    """The same id token with other claims; one that is None is left out. Its signature is worth nothing then.

    The site takes tokens from the provider's own connection alone, which vouches for them (OpenID Connect Core 1.0,
    3.1.3.7, 6), and doesn't read the signature.
    """
    claims = jwt.decode(token, options={"verify_signature": False}) | changed
    return jwt.encode(
        {name: value for name, value in claims.items() if value is not None}, "a key that is not the provider's own"
    )
