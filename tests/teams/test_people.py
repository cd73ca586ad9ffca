"""What is done to a person stands in the audit log of every team of theirs: two-factor, and who may sign in."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import (
    TOTP,
    format_hotp_value,
    generate_totp_secret,
    hotp_value,
    yield_hotp_counters_from_time,
)
from django.core.exceptions import PermissionDenied
from django.core.management import CommandError, call_command
from django.test import Client
from django.urls import reverse

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import TwoFactorAction
from hubportal.teams.people import disable_person, enable_person
from tests import makers

BrowserOf = Callable[[str], Client]
# allauth tells once its own change is committed.
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def mina(cast: SimpleNamespace, browser_of: BrowserOf) -> Client:
    """Mina, who is in two teams, and has just proved who she is."""
    makers.make_team("Pier", cast.member)
    browser = browser_of("member")
    browser.post(reverse("account_reauthenticate"), {"password": makers.PASSWORD})
    return browser


def written() -> list[tuple[Any, ...]]:
    entries = AuditEntry.objects.select_related("team").order_by("team__name", "pk")
    return [(one.team.name, one.action, one.by_name, one.address, one.detail) for one in entries]


def test_setting_up_an_authenticator_app_is_one_entry_a_team(mina: Client) -> None:
    page = mina.get(reverse("mfa_activate_totp"))
    secret = mina.session["mfa.totp.secret"]
    code = format_hotp_value(hotp_value(secret, next(iter(yield_hotp_counters_from_time()))))

    response = mina.post(reverse("mfa_activate_totp"), {"code": code}, REMOTE_ADDR="203.0.113.9")

    assert (page.status_code, response.status_code) == (200, 302)
    fact = {"step": "totp"}
    assert written() == [
        ("Pier", "two-factor.added", "Mina", "203.0.113.9", fact),
        ("Studio North", "two-factor.added", "Mina", "203.0.113.9", fact),
    ]


def test_taking_it_away_is_one_entry_a_team_although_the_codes_go_with_it(mina: Client, cast: SimpleNamespace) -> None:
    TOTP.activate(cast.member, generate_totp_secret())
    RecoveryCodes.activate(cast.member)

    mina.post(reverse("mfa_deactivate_totp"))

    assert not Authenticator.objects.exists()
    assert [entry[:2] for entry in written()] == [
        ("Pier", "two-factor.removed"),
        ("Studio North", "two-factor.removed"),
    ]


def test_new_recovery_codes_are_one_entry_a_team(mina: Client, cast: SimpleNamespace) -> None:
    TOTP.activate(cast.member, generate_totp_secret())

    mina.post(reverse("mfa_generate_recovery_codes"))

    assert [entry[1] for entry in written()] == ["two-factor.reset"] * 2


def test_no_secret_and_no_code_stands_in_the_audit_log(mina: Client, cast: SimpleNamespace) -> None:
    secret = generate_totp_secret()
    TOTP.activate(cast.member, secret)

    mina.post(reverse("mfa_generate_recovery_codes"))

    codes = RecoveryCodes(Authenticator.objects.get(type=Authenticator.Type.RECOVERY_CODES)).get_unused_codes()
    said = str(list(AuditEntry.objects.values()))
    assert codes
    assert not [word for word in (secret, *codes) if word in said]


def test_the_command_removes_every_second_factor_of_this_person_and_writes_it_down(cast: SimpleNamespace) -> None:
    for person in (cast.member, cast.admin):
        TOTP.activate(person, "SECRET")
        RecoveryCodes.activate(person)

    call_command("remove_two_factor", "Mina@example.org")

    entry = AuditEntry.objects.get()
    assert (entry.team, entry.action, entry.by, entry.about_id) == (
        cast.team, TwoFactorAction.REMOVED, None, str(cast.member.pk),
    )  # fmt: skip
    assert not Authenticator.objects.filter(user=cast.member).exists()
    assert has_two_factor(cast.admin)


@pytest.mark.parametrize("email", ["nobody@example.org", "mina@example.org"])
def test_the_command_says_when_there_is_nothing_to_remove(cast: SimpleNamespace, email: str) -> None:
    with pytest.raises(CommandError, match=email):
        call_command("remove_two_factor", email)

    assert not AuditEntry.objects.exists()


def test_who_is_disabled_cannot_go_on_and_each_team_of_theirs_reads_it(mina: Client, cast: SimpleNamespace) -> None:
    disable_person(cast.member, actor=Actor(cast.admin, "192.0.2.7"))
    assert mina.get("/")["Location"].startswith(reverse("account_login"))
    enable_person(cast.member, actor=Actor(cast.admin))

    assert [entry[:4] for entry in written()] == [
        ("Pier", "member.disabled", "Adam", "192.0.2.7"),
        ("Pier", "member.enabled", "Adam", None),
        ("Studio North", "member.disabled", "Adam", "192.0.2.7"),
        ("Studio North", "member.enabled", "Adam", None),
    ]


def test_nobody_disables_themselves(cast: SimpleNamespace) -> None:
    with pytest.raises(PermissionDenied):
        disable_person(cast.admin, actor=Actor(cast.admin))

    assert User.objects.get(pk=cast.admin.pk).is_active
    assert not AuditEntry.objects.exists()
