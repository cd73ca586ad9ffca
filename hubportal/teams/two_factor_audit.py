"""Writing down, in every team of a person's, that they changed how they sign in a second time.

allauth says so by signal, once its own change is committed.
"""

from typing import Any

from allauth.mfa import signals
from allauth.mfa.models import Authenticator
from django.db import transaction
from django.http import HttpRequest

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import STEPS
from hubportal.audit.actions import AuditAction
from hubportal.audit.actor import Actor, address_of
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import TwoFactorAction
from hubportal.teams.models import Team


def connect() -> None:
    """Listen to allauth; called when the site starts."""
    signals.authenticator_added.connect(added, dispatch_uid="trail")
    signals.authenticator_removed.connect(removed, dispatch_uid="trail")
    signals.authenticator_reset.connect(reset, dispatch_uid="trail")


def added(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    # Recovery codes come by themselves with the first step.
    if authenticator.type in STEPS:
        _write(request, user, TwoFactorAction.ADDED, authenticator)


def removed(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    if authenticator.type in STEPS:
        _write(request, user, TwoFactorAction.REMOVED, authenticator)


def reset(request: HttpRequest, user: User, authenticator: Authenticator, **_: Any) -> None:
    _write(request, user, TwoFactorAction.RESET, authenticator)


@transaction.atomic
def _write(request: HttpRequest, user: User, action: AuditAction, authenticator: Authenticator) -> None:
    for team in Team.objects.filter(memberships__user=user):
        AuditEntry.objects.record(
            team, action, user, step=str(authenticator.type), actor=Actor(user, address_of(request))
        )
