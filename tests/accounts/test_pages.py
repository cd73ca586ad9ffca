"""The pages and e-mails of signing in: every one that can be reached is ours, in our words."""

from pathlib import Path

import allauth
import pytest
from bs4 import BeautifulSoup
from django.template.loader import get_template
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import Theme
from tests.accounts.steps import show_it_is_you, sign_in
from tests.makers import make_user

THEIRS = Path(allauth.__file__).parent / "templates"
OURS = Path(__file__).resolve().parents[2] / "templates"
# Nothing in settings leads to these: signing in or up by a code, by telephone or by passkey alone, trusted browsers,
# several addresses a person, and what only such pages include.
SWITCHED_OFF = {
    "account/base_confirm_code.html",
    "account/confirm_email_verification_code.html",
    "account/confirm_login_code.html",
    "account/confirm_password_reset_code.html",
    "account/confirm_phone_verification_code.html",
    "account/email.html",
    "account/email/login_code_message.txt",
    "account/email/login_code_subject.txt",
    "account/email/password_reset_code_message.txt",
    "account/email/password_reset_code_subject.txt",
    "account/messages/login_code_sent.txt",
    "account/messages/phone_verification_sent.txt",
    "account/messages/phone_verified.txt",
    "account/phone_change.html",
    "account/request_login_code.html",
    "account/signup_by_passkey.html",
    "account/snippets/already_logged_in.html",
    "account/snippets/warn_no_email.html",
    "mfa/recovery_codes/download.txt",
    "mfa/trust.html",
    "mfa/webauthn/signup_form.html",
    "mfa/webauthn/snippets/login_script.html",
    "mfa/webauthn/snippets/scripts.html",
}


def bare(template: Path) -> bool:
    """Whether it only says which layout to use, and the layouts are ours."""
    return template.name.startswith("base_") or template.name == "base.html"


def test_every_page_message_and_email_that_can_be_reached_is_ours() -> None:
    folders = ("account", "mfa", "usersessions")
    theirs = [path for folder in folders for path in (THEIRS / folder).rglob("*.*") if not bare(path)]
    names = {str(path.relative_to(THEIRS)) for path in theirs} - SWITCHED_OFF

    assert len(names) > 60
    assert {name for name in names if not Path(get_template(name).origin.name).is_relative_to(OURS)} == set()


@pytest.mark.django_db
def test_one_page_leads_to_all_that_is_the_persons_own(client: Client) -> None:
    sign_in(client, make_user("mina@example.org", name="Mina").email)

    page = BeautifulSoup(client.get(reverse("accounts:you")).content, "html.parser").select("main")[0]

    assert page.select("input[name=name]")[0]["value"] == "Mina"
    assert {link["href"] for link in page.select("a")} == {
        reverse(name)
        for name in (
            "home",
            "account_email",
            "account_change_password",
            "mfa_index",
            "mfa_add_webauthn",
            "usersessions_list",
            "notifications:choices",
        )
    }
    assert {button["value"] for button in page.select("button[name=theme]")} == set(Theme.values)
    assert BeautifulSoup(client.get("/").content, "html.parser").select(
        f"#person-menu a[href='{reverse('accounts:you')}']"
    )


@pytest.mark.django_db
def test_no_page_of_signing_in_needs_more_than_the_policy_allows(client: Client) -> None:
    pages = [client.get(reverse(name)) for name in ("account_login", "account_reset_password")]
    sign_in(client, make_user("mina@example.org").email)
    show_it_is_you(client)
    pages += [client.get(reverse(name)) for name in ("mfa_activate_totp", "mfa_add_webauthn", "mfa_index")]

    for page in pages:
        found = BeautifulSoup(page.content, "html.parser")
        assert page.status_code == 200
        assert "unsafe" not in page["Content-Security-Policy"]
        assert [script for script in found.select("script:not([src])") if script["type"] != "application/json"] == []
        assert not found.select("style, [style], [onclick], img[src^='data:']")
