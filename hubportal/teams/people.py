"""Acts on a person rather than on a team, written down in every team of theirs: signing in, and two-factor.

What people do to their own two-factor is allauth's, which tells of it by signal once its own change is committed.
"""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.http import HttpRequest

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import SECOND_FACTORS, delete_authenticators
from hubportal.audit.actor import Actor, address_of
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import MemberAction, TwoFactorAction
from hubportal.teams.models import Team


@transaction.atomic
def disable_person(user: User, *, actor: Actor) -> None:
    """Stop somebody from signing in, at once and everywhere.

    Raises PermissionDenied for oneself: the last superuser could not come back to mend it.
    """
    if actor.user == user:
        raise PermissionDenied
    _set_active(user, False, MemberAction.DISABLED, actor)


@transaction.atomic
def enable_person(user: User, *, actor: Actor) -> None:
    """Let somebody sign in again."""
    _set_active(user, True, MemberAction.ENABLED, actor)


@transaction.atomic
def remove_two_factor(user: User, *, actor: Actor) -> list[str]:
    """Delete somebody's authenticator app, passkeys and recovery codes, so that their password alone signs in.

    Returns which second factors there were; where there were none, nothing is written down.
    """
    removed = delete_authenticators(user)
    if removed:
        _record(user, TwoFactorAction.REMOVED, actor, step=", ".join(removed))
    return removed


def connect_signals() -> None:
    """Listen to allauth; called when the site starts."""
    signals.authenticator_added.connect(record_added, dispatch_uid="audit-log")
    signals.authenticator_removed.connect(record_removed, dispatch_uid="audit-log")
    signals.authenticator_reset.connect(record_reset, dispatch_uid="audit-log")


def record_added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    # Recovery codes come by themselves with the first second factor.
    if authenticator.type in SECOND_FACTORS:
        _record(user, TwoFactorAction.ADDED, Actor(user, address_of(request)), step=str(authenticator.type))


def record_removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type in SECOND_FACTORS:
        _record(user, TwoFactorAction.REMOVED, Actor(user, address_of(request)), step=str(authenticator.type))


def record_reset(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _record(user, TwoFactorAction.RESET, Actor(user, address_of(request)), step=str(authenticator.type))


def _set_active(user: User, active: bool, action: MemberAction, actor: Actor) -> None:
    user.is_active = active
    user.save(update_fields=["is_active"])
    _record(user, action, actor)


@transaction.atomic
def _record(user: User, action: MemberAction | TwoFactorAction, actor: Actor, **detail: str) -> None:
    for team in Team.objects.filter(memberships__user=user):
        AuditEntry.objects.record(team, action, user, actor=actor, **detail)
