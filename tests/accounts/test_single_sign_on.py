"""Signing in by OpenID Connect, all the way to a real provider and back."""

from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP, generate_totp_secret
from allauth.socialaccount.models import SocialAccount, SocialToken
from bs4 import BeautifulSoup
from django.core.exceptions import ImproperlyConfigured
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.accounts.oidc_settings import openid_connect
from tests.accounts.provider import (
    COME_BACK,
    SIGN_IN,
    Provider,
    agree,
    altered,
    leave,
    query,
    running,
    running_apart,
    settings_for,
    walk,
    who,
)
from tests.makers import PASSWORD, make_user

pytestmark = pytest.mark.django_db


def words(response: Any) -> str:
    return " ".join(BeautifulSoup(response.content, "html.parser").get_text().split())


def test_somebody_new_gets_an_account_although_sign_up_is_by_invitation(provider: Provider, client: Client) -> None:
    provider.person("p1", email="Nora@Example.org", email_verified=True, name="Nora Nilsen")

    back = walk(client, "p1")

    nora = User.objects.get(email="nora@example.org")
    assert (back.status_code, back["Location"], who(client)) == (302, "/", "nora@example.org")
    assert (nora.name, nora.has_usable_password()) == ("Nora Nilsen", False)
    assert EmailAddress.objects.get(user=nora).verified
    assert not SocialToken.objects.exists()


@pytest.mark.process
def test_a_provider_in_a_process_of_its_own_lets_somebody_in_and_back_in(settings: Any) -> None:
    first, second = Client(), Client()

    with running_apart() as provider:
        settings.SOCIALACCOUNT_PROVIDERS = settings_for(provider)
        provider.person("p0", email="nora@example.org", email_verified=True, name="Nora Nilsen")
        walk(first, "p0")
        walk(second, "p0")

    assert who(first) == who(second) == "nora@example.org"
    assert User.objects.count() == SocialAccount.objects.count() == 1


def test_the_account_with_the_same_address_is_found_and_stays_found(provider: Provider, client: Client) -> None:
    mina = make_user("mina@example.org", name="Mina")
    provider.person("p2", email="mina@example.org", email_verified=True, name="Somebody Else")
    walk(client, "p2")
    provider.person("p2", email="renamed@example.org", email_verified=False)

    again = Client()
    walk(again, "p2")

    mina.refresh_from_db()
    assert who(client) == who(again) == "mina@example.org"
    assert (mina.name, User.objects.count()) == ("Mina", 1)
    assert mina.check_password(PASSWORD)
    assert SocialAccount.objects.get().user == mina


@pytest.mark.parametrize("said", [False, "false", None, 0, "no"])
def test_an_address_that_is_not_verified_opens_nothing(provider: Provider, client: Client, said: object) -> None:
    make_user("mina@example.org")
    provider.person("p3", email="mina@example.org", **({} if said is None else {"email_verified": said}))

    back = walk(client, "p3")

    assert back.status_code == 403
    assert "Studio Login doesn't say that your email address was confirmed" in words(back)
    assert (who(client), SocialAccount.objects.count(), User.objects.count()) == ("nobody", 0, 1)


def test_somebody_new_without_any_address_is_turned_away(provider: Provider, client: Client) -> None:
    provider.person("p4", name="No Address")

    back = walk(client, "p4")

    assert (back.status_code, who(client), User.objects.count()) == (403, "nobody", 0)


def test_an_address_that_the_account_never_proved_locks_out_whoever_typed_it(
    provider: Provider, client: Client
) -> None:
    squatter = User.objects.create_user("mina@example.org", PASSWORD)
    squatter.emailaddress_set.create(email=squatter.email, verified=False, primary=True)
    provider.person("p5", email="mina@example.org", email_verified=True)

    walk(client, "p5")

    squatter.refresh_from_db()
    assert not squatter.has_usable_password()


def test_somebody_with_two_factor_is_asked_for_it_here_too(provider: Provider, client: Client) -> None:
    mina = make_user("mina@example.org")
    TOTP.activate(mina, generate_totp_secret())
    codes = RecoveryCodes.activate(mina).get_unused_codes()
    provider.person("p6", email="mina@example.org", email_verified=True)

    back = walk(client, "p6")
    meanwhile = who(client)
    done = client.post(reverse("mfa_authenticate"), {"code": codes[0]})

    assert (back.status_code, back["Location"], meanwhile) == (302, reverse("mfa_authenticate"), "nobody")
    assert (done.status_code, who(client)) == (302, "mina@example.org")


def test_somebody_who_was_stopped_does_not_come_in_this_way(provider: Provider, client: Client) -> None:
    mina = make_user("mina@example.org", is_active=False)
    provider.person("p7", email=mina.email, email_verified=True)

    walk(client, "p7")

    assert who(client) == "nobody"


def test_one_comes_back_to_the_page_one_was_going_to_and_to_no_other_site(provider: Provider) -> None:
    make_user("mina@example.org")
    provider.person("p8", email="mina@example.org", email_verified=True)

    back = [walk(Client(), "p8", next=there)["Location"] for there in ("/t/studio/", "//evil.example/", "http://e.x/")]

    assert back == ["/t/studio/", "/", "/"]


def test_the_code_is_bound_to_the_browser_that_asked_and_works_once(provider: Provider, client: Client) -> None:
    provider.person("p9", email="nora@example.org", email_verified=True)
    there = leave(client)
    back = agree(there, "p9")

    elsewhere = Client().get(back)
    here = client.get(back)
    again = client.get(back)

    asked, sent = query(there), provider.seen[-1]
    assert (asked["code_challenge_method"], len(asked["code_challenge"])) == ("S256", 43)
    assert len(provider.seen) == 1
    assert len(sent["code_verifier"][0]) >= 43
    assert (elsewhere.status_code, here.status_code, again.status_code) == (401, 302, 401)
    assert "another browser" in words(elsewhere)


def test_a_state_of_ones_own_invention_is_refused(provider: Provider, client: Client) -> None:
    provider.person("p10", email="nora@example.org", email_verified=True)
    back = agree(leave(client), "p10")
    state = query(back)["state"]

    refused = client.get(back.replace(state, "a" * len(state)))

    assert (refused.status_code, who(client), provider.seen) == (401, "nobody", [])


@pytest.mark.parametrize(
    ("changed", "in_"),
    [
        ({}, True),
        ({"aud": "another-site"}, False),
        ({"aud": ["another-site", "one-more"]}, False),
        ({"aud": None}, False),
        ({"iss": "https://other.example"}, False),
        ({"iss": None}, False),
        ({"exp": 1_700_000_000}, False),
        ({"sub": "somebody else"}, False),
    ],
)
def test_a_token_for_another_site_by_another_issuer_or_of_yesterday_is_refused(
    provider: Provider, client: Client, changed: dict[str, Any], in_: bool
) -> None:
    provider.person("p11", email="nora@example.org", email_verified=True)
    provider.twist = lambda path, said: (
        said | {"id_token": altered(said["id_token"], changed)} if (path == "/oauth2/token") else said
    )

    back = walk(client, "p11")

    assert (back.status_code, who(client)) == ((302, "nora@example.org") if in_ else (401, "nobody"))
    assert in_ or "don't understand each other" in words(back)


def test_a_provider_that_gives_another_name_than_its_tokens_do_is_refused(provider: Provider, client: Client) -> None:
    provider.person("p11", email="nora@example.org", email_verified=True)
    provider.twist = lambda path, said: said | {"issuer": "https://other.example"} if "well-known" in path else said

    refused = walk(client, "p11")

    assert (refused.status_code, who(client)) == (401, "nobody")
    assert "don't understand each other" in words(refused)


def test_somebody_may_think_better_of_it(provider: Provider, client: Client) -> None:
    back = COME_BACK + "?error=access_denied&state=" + query(leave(client))["state"]

    response = client.get(back, follow=True)

    assert (response.status_code, who(client)) == (200, "nobody")
    assert "You stopped the sign-in" in words(response)


def test_a_wrong_secret_is_told_in_words_and_not_repeated(
    provider: Provider, client: Client, settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = settings_for(provider, secret="not the secret they share")
    provider.person("p12", email="nora@example.org", email_verified=True)

    refused = walk(client, "p12")

    assert (refused.status_code, who(client)) == (401, "nobody")
    assert "tell whoever runs this site" in words(refused)
    assert "not the secret they share" not in words(refused) + caplog.text


def test_a_provider_that_is_down_is_told_in_words_before_and_after(client: Client, settings: Any) -> None:
    with running() as short_lived:
        settings.SOCIALACCOUNT_PROVIDERS = settings_for(short_lived)
        short_lived.person("p13", email="nora@example.org", email_verified=True)
        back = agree(leave(client), "p13")

    after = client.get(back)
    before = client.post(SIGN_IN)

    assert (before.status_code, after.status_code) == (401, 401)
    assert "Studio Login can't be reached right now" in words(before)
    assert "Studio Login can't be reached right now" in words(after)


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("/.well-known/openid-configuration", {}),
        ("/.well-known/openid-configuration", ["no", "object"]),
        ("/userinfo", []),
        ("/userinfo", {"sub": ""}),
        ("/userinfo", {"sub": "somebody else", "email": "nora@example.org", "email_verified": True}),
        ("/oauth2/token", {"access_token": "x"}),
        ("/userinfo", {"email": "nora@example.org", "email_verified": True}),
        ("/userinfo", {"sub": "p14", "email": ["nora@example.org"], "email_verified": True}),
        ("/userinfo", {"sub": "p14", "email": "nora\x00@example.org", "email_verified": True}),
        ("/oauth2/token", {"access_token": "x", "id_token": "nonsense"}),
        ("/oauth2/token", {"access_token": ["x"], "id_token": {}}),
    ],
)
def test_a_provider_that_talks_nonsense_is_no_fault_of_ours(
    provider: Provider, client: Client, path: str, said: Any
) -> None:
    provider.person("p14", email="nora@example.org", email_verified=True)
    back = agree(leave(client), "p14")
    provider.twist = lambda asked, answer: said if asked == path else answer

    after = client.get(back)
    before = client.post(SIGN_IN)

    assert after.status_code in {401, 403}
    assert before.status_code in {200, 401}
    assert who(client) == "nobody"


def test_the_sign_in_page_names_the_provider_only_where_there_is_one(
    provider: Provider, client: Client, settings: Any
) -> None:
    with_one = words(client.get(reverse("account_login")))
    settings.SOCIALACCOUNT_PROVIDERS = {}
    without = client.get(reverse("account_login"))
    pressed = client.post(SIGN_IN)

    assert "Sign in with Studio Login" in with_one
    assert "Studio Login" not in words(without)
    assert pressed.status_code == 404


def test_leaving_for_the_provider_needs_no_script_and_no_hole_in_the_policy(provider: Provider, client: Client) -> None:
    response = client.post(SIGN_IN)

    page = BeautifulSoup(response.content, "html.parser")
    refresh = page.select_one("meta[http-equiv=refresh]")
    assert refresh
    assert str(refresh["content"]).startswith(f"0; url={provider.url}/oauth2/authorize?")
    assert "form-action 'self';" in response["Content-Security-Policy"] + ";"


def test_more_is_asked_for_where_a_setting_says_so(provider: Provider, client: Client, settings: Any) -> None:
    settings.SOCIALACCOUNT_PROVIDERS = settings_for(provider, scopes=["groups", "allatclaims"])

    asked = query(leave(client))["scope"].split()

    assert sorted(asked) == ["allatclaims", "email", "groups", "openid", "profile"]


WHOLE = {"issuer": "https://login.example.org/", "client_id": "a", "secret": "b", "name": ""}


def test_settings_that_are_whole_name_the_provider_by_its_host() -> None:
    app = openid_connect(**WHOLE)["openid_connect"]["APPS"][0]

    assert (app["name"], app["settings"]["server_url"]) == ("login.example.org", "https://login.example.org")
    assert openid_connect(issuer="", client_id="", secret="", name="") == {}


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"secret": ""}, "lacks OIDC_CLIENT_SECRET"),
        ({"issuer": "", "client_id": ""}, "lacks OIDC_ISSUER and OIDC_CLIENT_ID"),
        ({"issuer": "http://login.example.org"}, "must be the provider's whole address"),
        ({"issuer": "login.example.org"}, "must be the provider's whole address"),
    ],
)
def test_settings_that_are_not_whole_stop_the_start(changed: dict[str, str], said: str) -> None:
    with pytest.raises(ImproperlyConfigured, match=said):
        openid_connect(**WHOLE | changed)
