"""Passkeys as the site sees them: whose they are, and answers that no device would give. The rest is a journey."""

import json

import pytest
from allauth.mfa.models import Authenticator
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from tests.accounts.steps import guarded, show_it_is_you, sign_in, signed_in
from tests.makers import make_user

pytestmark = pytest.mark.django_db

# What stands where a device's answer should: nothing, another shape, parts missing, parts that don't decode.
_WHOLE = {"id": "AAAA", "rawId": "AAAA", "type": "public-key"}
_SIGNED = {"clientDataJSON": "e30", "authenticatorData": "AAAA", "signature": "AAAA", "userHandle": "MQ"}
GARBLED = [
    *("", "{}", "[]", '"x"', "not json", '{"id": "AA", "response": {}}'),
    *(json.dumps(_WHOLE | {"response": response}) for response in ({}, [], "x", None, _SIGNED)),
    json.dumps(_WHOLE | {"response": _SIGNED | {"attestationObject": "v2NmbXQ"}}),
    json.dumps({"response": {"userHandle": "x" * 5000}}),
]


@pytest.fixture
def mina() -> User:
    return make_user("mina@example.org", name="Mina")


@pytest.mark.parametrize("address", ["mfa_edit_webauthn", "mfa_remove_webauthn"])
def test_somebody_elses_passkey_is_not_there(client: Client, mina: User, address: str) -> None:
    other = make_user("rob@example.org")
    theirs = Authenticator.objects.create(user=other, type="webauthn", data={"name": "Rob's", "credential": {}})
    sign_in(client, mina.email)
    show_it_is_you(client)

    answer = client.post(reverse(address, args=[theirs.pk]), {"name": "Mine"})

    assert answer.status_code == 404
    assert Authenticator.objects.get(pk=theirs.pk).data["name"] == "Rob's"


@pytest.mark.slow
@pytest.mark.parametrize("garbled", GARBLED)
def test_what_is_no_passkey_signs_nobody_in(client: Client, mina: User, garbled: str) -> None:
    guarded(client, mina)
    alone = client.post(reverse("mfa_login_webauthn"), {"credential": garbled})
    sign_in(client, mina.email)
    second = client.post(reverse("mfa_authenticate"), {"credential": garbled})

    assert alone["Location"] == reverse("account_login")
    assert second.status_code == 422
    assert not signed_in(client)


@pytest.mark.slow
@pytest.mark.parametrize("garbled", GARBLED)
def test_what_is_no_passkey_is_not_added(client: Client, mina: User, garbled: str) -> None:
    sign_in(client, mina.email)
    show_it_is_you(client)
    client.get(reverse("mfa_add_webauthn"))

    answer = client.post(reverse("mfa_add_webauthn"), {"credential": garbled, "passwordless": "on"})

    assert answer.status_code == 422
    assert not Authenticator.objects.exists()
