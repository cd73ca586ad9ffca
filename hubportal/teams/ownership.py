"""Acts that pass a team on: an owner offers, the other accepts or declines. Each writes its audit entry.

All are done with the team locked, so that an offer is answered or withdrawn once.
"""

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams.audit_actions import OwnershipAction
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Permission, Role


class NoOfferError(Exception):
    """Ownership is not offered, or no longer."""


class AlreadyOwnerError(Exception):
    """The person owns the team already."""


@transaction.atomic
def offer_ownership(membership: Membership, *, actor: Actor) -> None:
    """Ask somebody to become owner; nothing changes until they accept, within seven days.

    Raises AlreadyOwnerError; PermissionDenied where the actor is no owner; Membership.DoesNotExist where the actor or
    the other is no longer in the team.
    """
    membership.lock()
    membership.team.memberships.get(user=actor.person).require(Permission.OWN)
    if membership.role == Role.OWNER:
        raise AlreadyOwnerError
    membership.save_offer(actor.person, timezone.now())
    _record(membership, OwnershipAction.OFFERED, membership, actor)


@transaction.atomic
def withdraw_offer(membership: Membership, *, actor: Actor) -> None:
    """Take back what somebody was offered. Raises NoOfferError; otherwise as offer_ownership does."""
    membership.lock()
    membership.team.memberships.get(user=actor.person).require(Permission.OWN)
    _current_offer(membership)
    membership.save_offer(None, None)
    _record(membership, OwnershipAction.WITHDRAWN, membership, actor)


@transaction.atomic
def accept_ownership(membership: Membership, *, actor: Actor) -> Membership:
    """Make the actor the owner; who offered it, and is returned, becomes admin. Raises as decline_ownership does."""
    giver = _answer(membership, actor)
    giver.role, membership.role = Role.ADMIN, Role.OWNER
    giver.save(update_fields=["role"])
    membership.save(update_fields=["role"])
    _record(membership, OwnershipAction.PASSED, giver, actor)
    return giver


@transaction.atomic
def decline_ownership(membership: Membership, *, actor: Actor) -> Membership:
    """End what the actor was offered; returns who offered it.

    Raises NoOfferError; PermissionDenied for another person's offer; Membership.DoesNotExist where the actor is no
    longer in the team.
    """
    giver = _answer(membership, actor)
    _record(membership, OwnershipAction.DECLINED, giver, actor)
    return giver


def _answer(membership: Membership, actor: Actor) -> Membership:
    """End the offer made to the actor; returns who made it."""
    membership.lock()
    if membership.user_id != actor.person.pk:
        raise PermissionDenied
    giver = _current_offer(membership)
    membership.save_offer(None, None)
    return giver


def _current_offer(membership: Membership) -> Membership:
    giver = membership.offered_by_owner
    if giver is None:
        raise NoOfferError
    return giver


def _record(membership: Membership, action: OwnershipAction, about: Membership, actor: Actor) -> None:
    AuditEntry.objects.record(membership.team, action, about.user, actor=actor, email=about.user.email)
