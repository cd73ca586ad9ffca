"""Acts on who is in a team, and in which role. Each writes its audit entry.

Who may do what to whom is decided here, with the team locked: roles may have changed since the page was opened.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import MemberAction
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Role


class LastOwnerError(Exception):
    """The team would be without an owner."""


class OwnershipNotAssignableError(Exception):
    """Ownership is not given as a role: it is offered and accepted."""


class AlreadyMemberError(Exception):
    """The person is in the team; their `membership` was left as it is."""

    def __init__(self, membership: Membership) -> None:
        super().__init__(membership.pk)
        self.membership = membership


@transaction.atomic
def add_member(team: Team, user: User, role: Role, *, actor: Actor, source: str = "") -> Membership:
    """Put somebody into the team; `source` says who decided it, if not the actor. Raises AlreadyMemberError."""
    membership, new = Membership.objects.get_or_create(team=team, user=user, defaults={"role": role})
    if not new:
        raise AlreadyMemberError(membership)
    _record(membership, MemberAction.ADDED, actor, source, role=membership.role)
    return membership


@transaction.atomic
def change_role(membership: Membership, role: Role, *, actor: Actor, source: str = "") -> bool:
    """Give somebody another role than owner. False where they have it already.

    Raises OwnershipNotAssignableError; LastOwnerError; PermissionDenied where the actor may not;
    Membership.DoesNotExist where the actor or the member is no longer in the team.
    """
    if role == Role.OWNER:
        raise OwnershipNotAssignableError
    membership.lock()
    before = membership.role
    if role == before:
        return False
    _check_may_manage(membership, actor)
    membership.role = role
    membership.save(update_fields=["role"])
    _record(membership, MemberAction.ROLE, actor, source, before=before, after=str(role))
    return True


@transaction.atomic
def remove_member(membership: Membership, *, actor: Actor, source: str = "") -> None:
    """Take somebody out of the team; what they made stays in it. Raises as change_role does."""
    membership.lock()
    _check_may_manage(membership, actor)
    _record(membership, MemberAction.REMOVED, actor, source, role=membership.role)
    membership.delete()


@transaction.atomic
def leave_team(membership: Membership, *, actor: Actor) -> None:
    """Let the actor go out of the team; what they made stays in it.

    Raises LastOwnerError; Membership.DoesNotExist where they are out already.
    """
    membership.lock()
    if membership.user_id != actor.person.pk:
        raise PermissionDenied
    if membership.is_last_owner:
        raise LastOwnerError
    _record(membership, MemberAction.LEFT, actor, role=membership.role)
    membership.delete()


def _check_may_manage(membership: Membership, actor: Actor) -> None:
    """The site may manage everybody, and nobody may leave the team without an owner."""
    if membership.is_last_owner:
        raise LastOwnerError
    if actor.user and not membership.team.memberships.get(user=actor.user).can_manage(membership):
        raise PermissionDenied


def _record(membership: Membership, action: MemberAction, actor: Actor, source: str = "", **detail: str) -> None:
    if source:
        detail["source"] = source
    user = membership.user
    AuditEntry.objects.record(membership.team, action, user, actor=actor, email=user.email, **detail)
