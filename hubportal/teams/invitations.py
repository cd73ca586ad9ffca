"""Acts on invitations: sending, sending again, cancelling, accepting. Each writes its audit entry.

How much may be mailed is limited here, with the team and the sender locked, so that two at once don't get past a limit.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from functools import partial

from allauth.account.models import EmailAddress
from django.core.exceptions import ValidationError
from django.core.validators import EmailValidator
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.teams import tasks
from hubportal.teams.audit_actions import InvitationAction, MemberAction
from hubportal.teams.models import Invitation, Membership, Team
from hubportal.teams.models.invitation import in_seven_days
from hubportal.teams.permissions import Role

MAX_AT_ONCE = 50
MAX_ADDRESS_LENGTH = 254  # of User.email; RFC 5321, 4.5.3.1.3 allows no more either
MAX_PENDING = 200  # of a team
MAX_MAILS_PER_DAY = 300  # by a team, and by a person in all their teams
MAX_MAILS_PER_HOUR = 3  # of one invitation
SENDING = (InvitationAction.SENT, InvitationAction.RESENT)


@dataclass(frozen=True, slots=True)
class InviteResult:
    """Who of some addresses was invited, and who was left out, in the order given."""

    invitations: list[Invitation]
    duplicates: list[str]
    members: list[str]
    already_invited: list[str]


class InvitationError(Exception):
    """Nothing was sent."""


@dataclass(eq=False)
class InvalidAddressesError(InvitationError):
    addresses: list[str]


@dataclass(eq=False)
class NobodyToInviteError(InvitationError):
    """Everybody is in the team, or was invited, already."""

    left_out: InviteResult


@dataclass(eq=False)
class TooManyAtOnceError(InvitationError):
    count: int
    limit: int


@dataclass(eq=False)
class TooManyPendingError(InvitationError):
    limit: int


@dataclass(eq=False)
class TooManyTodayError(InvitationError):
    limit: int


class SentTooOftenError(InvitationError):
    """This invitation was mailed so often within the hour that once more would be a nuisance."""


class InvitationEndedError(InvitationError):
    """It was accepted or cancelled meanwhile, or, where somebody wants to join by it, lets nobody in any more."""


@transaction.atomic
def invite_people(team: Team, emails: Sequence[str], role: Role, *, actor: Actor) -> InviteResult:
    """Invite each address that is neither in the team nor invited; one that lets nobody in any more gives way.

    Raises an InvitationError where nothing was sent. An address with an account is invited like any other.
    """
    words = [email.strip().lower() for email in emails]
    unique = list(dict.fromkeys(words))
    if bad := [email for email in unique if not is_address(email)]:
        raise InvalidAddressesError(bad)
    _lock(team, actor.person)
    members = _in_team(team, unique)
    invited = set(Invitation.objects.filter(team=team, email__in=unique).open().values_list("email", flat=True))
    new = [email for email in unique if email not in members | invited]
    result = InviteResult(
        invitations=[],
        duplicates=[email for email in unique if words.count(email) > 1],
        members=[email for email in unique if email in members],
        already_invited=[email for email in unique if email in invited - members],
    )
    _check_limits(team, actor.person, new, result)
    pending = Invitation.objects.filter(team=team).pending()
    pending.filter(email__in=new).update(cancelled_at=timezone.now(), mail_due_at=None)
    if pending.count() + len(new) > MAX_PENDING:
        raise TooManyPendingError(MAX_PENDING)
    for email in new:
        invitation = Invitation.objects.create(team=team, email=email, role=role, invited_by=actor.person)
        result.invitations.append(invitation)
        _record_and_mail(invitation, InvitationAction.SENT, actor)
    return result


@transaction.atomic
def resend_invitation(invitation: Invitation, *, actor: Actor) -> None:
    """Mail it again, good for seven more days, in the actor's name.

    Raises SentTooOftenError, TooManyTodayError or InvitationEndedError.
    """
    _lock(invitation.team, actor.person)
    hour_ago = timezone.now() - timedelta(hours=1)
    sent = AuditEntry.objects.filter(team=invitation.team_id, action__in=SENDING, about_id=str(invitation.pk))
    if sent.filter(at__gt=hour_ago).count() >= MAX_MAILS_PER_HOUR:
        raise SentTooOftenError
    if not _mails_left(invitation.team, actor.person):
        raise TooManyTodayError(MAX_MAILS_PER_DAY)
    renewed = (
        Invitation.objects.filter(pk=invitation.pk)
        .pending()
        .update(
            invited_by=actor.person,
            expires_at=in_seven_days(),
            mail_due_at=timezone.now(),
            mail_lease_until=None,
            mail_problem="",
        )
    )
    if not renewed:
        raise InvitationEndedError
    _record_and_mail(invitation, InvitationAction.RESENT, actor)


@transaction.atomic
def cancel_invitation(invitation: Invitation, *, actor: Actor) -> None:
    """Make its link let nobody in. Raises InvitationEndedError."""
    pending = Invitation.objects.filter(pk=invitation.pk).pending()
    if not pending.update(cancelled_at=timezone.now(), mail_due_at=None):
        raise InvitationEndedError
    AuditEntry.objects.record(invitation.team, InvitationAction.CANCELLED, invitation, actor=actor)


@transaction.atomic
def accept_invitation(invitation: Invitation, *, actor: Actor) -> Membership:
    """Put the actor into the team. Raises InvitationEndedError where it lets nobody in any more.

    Somebody who is in the team already stays as they are, and the invitation stays for another.
    """
    user = actor.person
    membership, new = Membership.objects.get_or_create(
        team=invitation.team, user=user, defaults={"role": invitation.role}
    )
    if not new:
        return membership
    accepted = {"accepted_at": timezone.now(), "accepted_by": user, "mail_due_at": None, "tell_sender": True}
    if not Invitation.objects.open().filter(pk=invitation.pk).update(**accepted):
        raise InvitationEndedError
    by = str(invitation.invited_by)
    AuditEntry.objects.record(invitation.team, MemberAction.JOINED, invitation, actor=actor, invited_by=by)
    return membership


def is_address(word: str) -> bool:
    """Whether mail can be sent there, as far as its look tells."""
    try:
        EmailValidator()(word)
    except ValidationError:
        return False
    return len(word) <= MAX_ADDRESS_LENGTH


def _lock(team: Team, sender: User) -> None:
    """Count one after the other what a team and a person send. `no_key`: rows that refer to the person may be made."""
    team.lock()
    User.objects.select_for_update(no_key=True).get(pk=sender.pk)


def _check_limits(team: Team, sender: User, new: list[str], result: InviteResult) -> None:
    if len(new) > MAX_AT_ONCE:
        raise TooManyAtOnceError(len(new), MAX_AT_ONCE)
    if not new:
        raise NobodyToInviteError(result)
    if len(new) > _mails_left(team, sender):
        raise TooManyTodayError(MAX_MAILS_PER_DAY)


def _mails_left(team: Team, sender: User) -> int:
    """How many more may be mailed today: by the team, and by the person in all their teams."""
    day_ago = timezone.now() - timedelta(days=1)
    sent = AuditEntry.objects.filter(Q(team=team) | Q(by=sender), action__in=SENDING, at__gt=day_ago)
    return max(0, MAX_MAILS_PER_DAY - sent.count())


def _in_team(team: Team, emails: list[str]) -> set[str]:
    """Those of the addresses that belong to a member, confirmed where it isn't the one they are known by."""
    confirmed = EmailAddress.objects.filter(user__memberships__team=team, verified=True, email__in=emails)
    return {
        *team.memberships.filter(user__email__in=emails).values_list("user__email", flat=True),
        *confirmed.values_list("email", flat=True),
    }


def _record_and_mail(invitation: Invitation, action: InvitationAction, actor: Actor) -> None:
    AuditEntry.objects.record(invitation.team, action, invitation, actor=actor)
    transaction.on_commit(partial(tasks.send_invitation_email.enqueue, str(invitation.pk)))
