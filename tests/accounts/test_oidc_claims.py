"""What a provider tells in the ID token and in the user info is read as one."""

from typing import Any

import pytest
from allauth.socialaccount.models import SocialAccount
from django.test import Client

from hubportal.accounts.models import User
from tests.accounts.provider import Provider, altered, walk, who
from tests.makers import make_user

pytestmark = pytest.mark.django_db

NORA = "nora@example.org"


def tell(provider: Provider, *, id_token: dict[str, Any], userinfo: dict[str, Any]) -> None:
    """From now on the provider tells these claims, and the sub, in each of the two."""

    def twist(path: str, said: dict[str, Any]) -> dict[str, Any]:
        if path == "/userinfo":
            return {"sub": said["sub"], **userinfo}
        if path == "/oauth2/token":
            return said | {"id_token": altered(said["id_token"], {"email": None, "email_verified": None, **id_token})}
        return said

    provider.twist = twist


def test_what_only_the_id_token_tells_counts(provider: Provider, client: Client) -> None:
    provider.person("c1")
    tell(provider, id_token={"email": NORA, "email_verified": True, "name": "Nora Nilsen"}, userinfo={})

    walk(client, "c1")

    assert (who(client), User.objects.get(email=NORA).name) == (NORA, "Nora Nilsen")


@pytest.mark.parametrize(
    ("id_token", "userinfo", "comes_in"),
    [
        ({"email_verified": True}, {"email": NORA}, True),
        ({"email": NORA, "email_verified": True}, {"email": NORA.upper()}, True),
        ({"email": NORA, "email_verified": True}, {"email": NORA, "email_verified": None}, True),
        ({"email": NORA, "email_verified": "true"}, {"email": NORA, "email_verified": True}, True),
        ({"email": NORA, "xms_edov": True}, {"email": NORA}, True),
        ({"email": NORA, "xms_edov": "1"}, {"email": NORA}, True),
        ({"email": NORA, "email_verified": False}, {"email": NORA, "email_verified": True}, False),
        ({"email": NORA, "email_verified": "false"}, {"email": NORA, "email_verified": True}, False),
        ({"email": NORA, "email_verified": True}, {"email": NORA, "email_verified": "False"}, False),
        ({"email": NORA, "email_verified": True}, {"email": NORA, "xms_edov": False}, False),
        ({"email": NORA, "email_verified": True}, {"email": NORA, "email_verified": {}}, False),
        ({"email": "other@example.org", "email_verified": True}, {"email": NORA}, False),
        ({"email": NORA}, {"email": NORA}, False),
    ],
)
def test_an_address_counts_only_if_nothing_says_otherwise_and_something_says_so(
    provider: Provider,
    client: Client,
    id_token: dict[str, Any],
    userinfo: dict[str, Any],
    comes_in: bool,
) -> None:
    make_user(NORA)
    provider.person("c2")
    tell(provider, id_token=id_token, userinfo=userinfo)

    back = walk(client, "c2")

    assert (back.status_code, who(client)) == ((302, NORA) if comes_in else (403, "nobody"))


@pytest.mark.parametrize("length", [191, 192, 255])
def test_a_sub_as_long_as_the_standard_allows_works_and_is_found_again(
    provider: Provider,
    client: Client,
    length: int,
) -> None:
    sub = "s" * length
    provider.person(sub, email=NORA, email_verified=True)
    provider.person(sub[:-1] + "t", email="mina@example.org", email_verified=True)

    walk(client, sub)
    provider.person(sub, email="renamed@example.org", email_verified=False)
    again, neighbour = Client(), Client()
    walk(again, sub)
    walk(neighbour, sub[:-1] + "t")

    assert (who(client), who(again), who(neighbour)) == (NORA, NORA, "mina@example.org")
    assert SocialAccount.objects.count() == 2
