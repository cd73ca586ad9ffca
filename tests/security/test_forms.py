"""Every form and every address, with what nobody should send: no token, wrong origins, strange values."""

from collections.abc import Callable, Iterator
from copy import deepcopy
from types import SimpleNamespace
from typing import Any

import pytest
from bs4 import BeautifulSoup, Tag
from django.apps import apps
from django.core.cache import cache
from django.db import models, transaction
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.teams.models import Team
from tests.makers import PASSWORD, make_user
from tests.security.test_hostile import PATHS
from tests.test_every_address import Address, addresses, place_of, visit
from tests.test_every_address import world as world

pytestmark = pytest.mark.django_db

UNSAFE = ("POST", "PUT", "PATCH", "DELETE")
BACKEND = "allauth.account.auth_backends.AuthenticationBackend"
EVIL = "https://evil.example"


def strict(user: User | None = None, **extra: Any) -> Client:
    """A client that checks tokens as a site does; signed in as `user`."""
    client = Client(enforce_csrf_checks=True, **extra)
    if user:
        client.force_login(user, backend=BACKEND)
    return client


def token_of(client: Client, **extra: Any) -> str:
    page = BeautifulSoup(client.get(reverse("account_reset_password"), **extra).content, "html.parser")
    field = page.select_one("[name=csrfmiddlewaretoken]")
    assert field
    return str(field["value"])


# A mail program posts without cookie or token (RFC 8058): the address is signed, and stops e-mails at most.
SIGNED = {"notifications:unsubscribe"}


@pytest.mark.one_database
@pytest.mark.parametrize(
    "address", [one for one in addresses() if one.name not in SIGNED], ids=lambda address: address.name
)
def test_no_unsafe_request_is_heard_without_its_token(world: SimpleNamespace, address: Address) -> None:
    place = place_of(address, world)
    anna, nobody = strict(world.team.memberships.get(role="owner").user), strict()

    answers = {visit(client, method, place).status_code for client in (anna, nobody) for method in UNSAFE}

    assert answers == {403}


@pytest.mark.parametrize(
    "headers",
    [
        {"HTTP_ORIGIN": EVIL},
        {"HTTP_ORIGIN": "null"},
        {"HTTP_ORIGIN": "http://testserver"},  # the page came by https
        {"HTTP_REFERER": f"{EVIL}/t/studio/"},
        {"HTTP_REFERER": "http://testserver/"},
        {"HTTP_REFERER": "nonsense"},
        {},
    ],
)
def test_a_right_token_from_a_wrong_place_is_not_enough(
    cast: SimpleNamespace, settings: Any, headers: dict[str, str]
) -> None:
    settings.CSRF_TRUSTED_ORIGINS = ["https://testserver"]
    mina = strict(cast.member)
    said = {"theme": "dark", "csrfmiddlewaretoken": token_of(mina, secure=True)}

    refused = mina.post(reverse("accounts:theme"), said, secure=True, **headers)
    heard = mina.post(reverse("accounts:theme"), said, secure=True, HTTP_ORIGIN="https://testserver")

    cast.member.refresh_from_db()
    assert (refused.status_code, heard.status_code, cast.member.theme) == (403, 302, "dark")


def test_another_persons_token_is_none(cast: SimpleNamespace) -> None:
    mina, stan = strict(cast.member), strict(cast.stranger)
    token_of(mina)

    refused = mina.post(reverse("accounts:theme"), {"theme": "dark", "csrfmiddlewaretoken": token_of(stan)})

    assert refused.status_code == 403


# Every field of every form -------------------------------------------------------------------------------------------

STRANGE = {
    "null": "a\x00b",
    "long": "a" * 30_000,
    "number": "-99999999999999999999999",
}


def forms_of(client: Client, world: SimpleNamespace) -> Iterator[tuple[str, Tag]]:
    """Each different form of the pages that this person gets, and the page's address."""
    known = set()
    for address in addresses():
        place = place_of(address, world)
        response = client.get(place)
        if response.status_code != 200 or "html" not in response.headers.get("Content-Type", ""):
            continue
        for form in BeautifulSoup(response.content, "html.parser").select("form"):
            names = tuple(field["name"] for field in form.select("[name]"))
            if (form.get("action"), names) not in known:
                known.add((form.get("action"), names))
                yield place, form


def filled(form: Tag) -> dict[str, str]:
    """What a browser would send of it."""
    values = {}
    for field in form.select("[name]"):
        chosen = field.select_one("option[selected], option") if field.name == "select" else field
        if field.get("type") not in {"file", "submit"} and chosen is not None:
            values[str(field["name"])] = str(chosen.get("value") or field.get_text())
    return values


@pytest.mark.parametrize("kind", STRANGE)
def test_no_field_of_any_form_takes_what_it_can_not_hold(
    world: SimpleNamespace, browser_of: Callable[[str], Client], kind: str
) -> None:
    asked = []
    for client in (browser_of("owner"), browser_of("nobody")):
        for place, form in forms_of(client, world):
            values = filled(form)
            for name in values:
                said = values | {name: STRANGE[kind]}
                asked.append(
                    _send(client, str(form.get("action") or place), str(form.get("method", "get")), said, name)
                )

    assert len(asked) > 30
    assert [one for one in asked if one[0] >= 500] == []


def _send(client: Client, place: str, method: str, said: dict[str, str], name: str) -> tuple[int, str, str]:
    """The answer's status; whatever the form changed is put back, once no text of it holds a null."""
    cache.clear()  # so that no rate limit answers instead of the form
    client.raise_request_exception = False
    cookies = deepcopy(client.cookies)
    with transaction.atomic():
        response = client.post(place, said) if method.lower() == "post" else client.get(place, said)
        kept = "\x00" in said[name] and any(_texts_with_nulls())
        transaction.set_rollback(True)
    client.cookies = cookies
    assert not kept, (place, name)
    return response.status_code, place, name


def _texts_with_nulls() -> Iterator[str]:
    for model in filter(lambda one: one._meta.managed, apps.get_models()):
        names = [one.name for one in model._meta.fields if isinstance(one, models.CharField | models.TextField)]
        yield from (text for row in model._default_manager.values_list(*names) for text in row if "\x00" in str(text))


# Where one is led ----------------------------------------------------------------------------------------------------

ELSEWHERE = [
    "https://evil.example/",
    "//evil.example/",
    "///evil.example",
    "/\\evil.example",
    "\\\\evil.example",
    "http:evil.example",
    "https:///evil.example",
    "javascript:alert(1)",
    "data:text/html,x",
    "http://testserver@evil.example/",
    "http://testserver.evil.example/",
    "\x00//evil.example",
    " https://evil.example",
    "ht\ttps://evil.example",
]


def leads_away(response: Any) -> bool:
    there = response.headers.get("Location", "") + response.headers.get("HX-Redirect", "")
    return not (there == "" or (there.startswith("/") and not there.startswith(("//", "/\\"))))


@pytest.mark.parametrize("there", ELSEWHERE)
def test_no_next_leads_away(there: str) -> None:
    make_user("mina@example.org")
    client = Client()
    entrances = (
        "account_login",
        "account_signup",
        "account_reset_password",
        "account_reauthenticate",
        "mfa_authenticate",
    )
    seen = [client.get(reverse(name), {"next": there}) for name in entrances]
    entered = client.post(reverse("account_login"), {"login": "mina@example.org", "password": PASSWORD, "next": there})
    within = [client.get(reverse(name), {"next": there}) for name in (*entrances, "account_logout")]
    again = client.post(reverse("account_reauthenticate"), {"password": PASSWORD, "next": there})
    themed = client.post(reverse("accounts:theme"), {"theme": "dark", "next": there}, HTTP_REFERER=there)
    bounced = client.get("/t/studio/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=there)
    left = client.post(reverse("account_logout"), {"next": there})
    htmx = client.get("/", HTTP_HX_REQUEST="true", HTTP_HX_CURRENT_URL=there)

    answers = [*seen, entered, *within, again, themed, bounced, left, htmx]
    assert entered.status_code == 302
    assert [answer.headers["Location"] for answer in answers if leads_away(answer)] == []


def test_a_next_of_our_own_is_followed(team: Team) -> None:
    said = {"login": "anna@example.org", "password": PASSWORD, "next": f"/t/{team.slug}/usage/"}

    assert Client().post(reverse("account_login"), said)["Location"] == f"/t/{team.slug}/usage/"


def test_no_address_stumbles_over_what_it_is_asked(cast: SimpleNamespace, browser_of: Callable[[str], Client]) -> None:
    """Those of test_hostile.py once more, where the database may be another."""
    anna = browser_of("owner")
    anna.raise_request_exception = False

    assert [path for path in PATHS if anna.get(path).status_code >= 500] == []
