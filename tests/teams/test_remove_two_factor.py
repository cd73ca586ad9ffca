"""remove_two_factor: the way back for who lost phone and recovery codes."""

from types import SimpleNamespace

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.recovery_codes.internal.auth import RecoveryCodes
from allauth.mfa.totp.internal.auth import TOTP
from django.core.management import CommandError, call_command

from hubportal.accounts.two_factor import has_two_factor
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import TwoFactorAction

pytestmark = pytest.mark.django_db


def test_it_takes_every_step_of_this_person_and_writes_it_down(cast: SimpleNamespace) -> None:
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
def test_it_says_when_there_is_nothing_to_remove(cast: SimpleNamespace, email: str) -> None:
    with pytest.raises(CommandError, match=email):
        call_command("remove_two_factor", email)

    assert not AuditEntry.objects.exists()
