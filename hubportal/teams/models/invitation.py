"""An invitation into a team, used once."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.teams.models.membership import Membership
from hubportal.teams.models.team import Team
from hubportal.teams.permissions import LOOKS_AFTER_MEMBERS, Role

GOOD_FOR = timedelta(days=7)
MAX_PENDING = 200
# A mail server that hangs is given up after seconds (settings.MAILERS); a worker that died is not waited for longer.
MAIL_LEASE = timedelta(minutes=5)
MAIL_AGAIN_AFTER = timedelta(minutes=1)
MAIL_AGAIN_AT_LEAST = timedelta(hours=1)


def in_seven_days() -> datetime:
    return timezone.now() + GOOD_FOR


class SpentError(Exception):
    """The invitation was used, cancelled or expired meanwhile."""


class TooManyPendingError(Exception):
    """The team has as many invitations waiting as it may have."""


class InvitationStatus(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    # Whoever sent it no longer looks after the team's members: it lets nobody in until it is sent again.
    UNVOUCHED = "unvouched"
    TAKEN = "taken"
    CANCELLED = "cancelled"


class MailProblem(StrEnum):
    """Why an invitation could not be mailed."""

    ADDRESS = "address"
    SERVER = "server"


def _vouched() -> models.Exists:
    sender = Membership.objects.filter(
        team=models.OuterRef("team"), user=models.OuterRef("invited_by"), role__in=LOOKS_AFTER_MEMBERS
    )
    return models.Exists(sender)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> "InvitationQuerySet":
        """Neither taken nor cancelled; the expired are among them, since they may be sent again."""
        return self.filter(accepted_at=None, cancelled_at=None)

    def with_vouched(self) -> "InvitationQuerySet":
        """Each with `vouched`: whether whoever sent it still looks after the team's members."""
        return self.annotate(vouched=_vouched())

    def open(self) -> "InvitationQuerySet":
        """Those that still let somebody in."""
        return self.pending().filter(_vouched(), expires_at__gt=timezone.now())

    def to_mail(self, now: datetime) -> "InvitationQuerySet":
        """Those whose e-mail is due."""
        return self.open().filter(mail_due_at__lte=now)

    @transaction.atomic
    def invite(self, team: Team, emails: Sequence[str], role: str, invited_by: User) -> list["Invitation"]:
        """Make an invitation for each address that has none; one that lets nobody in any more gives way.

        Raises TooManyPendingError.
        """
        team.lock()
        pending = self.filter(team=team).pending()
        invited = set(pending.open().values_list("email", flat=True))
        new = [email for email in emails if email not in invited]
        pending.filter(email__in=new).update(cancelled_at=timezone.now(), mail_due_at=None)
        if pending.count() + len(new) > MAX_PENDING:
            raise TooManyPendingError
        return [self.create(team=team, email=email, role=role, invited_by=invited_by) for email in new]

    def claim_for_mailing(self, pk: uuid.UUID) -> "Invitation | None":
        """Take the invitation whose e-mail is due, so that no other worker mails it too; None for a lost race."""
        now = timezone.now()
        if not self.to_mail(now).filter(pk=pk).update(mail_due_at=now + MAIL_LEASE):
            return None
        return self.select_related("team", "invited_by").get(pk=pk)


class Invitation(models.Model):
    """A place in a team for whoever holds the link; the address is where it was sent, not who may take it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_seven_days)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # When the worker is to mail it next, None where nothing is to be mailed; and why it failed the last time.
    mail_due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    mail_problem = models.CharField(max_length=10, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[role for role in Role.values if role != Role.OWNER]),
                name="invitation_role_known",
            ),
            models.CheckConstraint(
                condition=models.Q(accepted_at=None) | models.Q(cancelled_at=None), name="invitation_ends_once"
            ),
            models.UniqueConstraint(
                fields=["team", "email"],
                condition=models.Q(accepted_at=None, cancelled_at=None),
                name="invitation_once_pending",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.email} ({self.role})"

    @property
    def role_label(self) -> str:
        return str(Role(self.role).label)

    @property
    def status(self) -> InvitationStatus:
        """What has become of it; asked of a row read `with_vouched()`."""
        if self.accepted_at:
            return InvitationStatus.TAKEN
        if self.cancelled_at:
            return InvitationStatus.CANCELLED
        if not self.vouched:  # type: ignore[attr-defined]
            return InvitationStatus.UNVOUCHED
        return InvitationStatus.EXPIRED if self.expires_at <= timezone.now() else InvitationStatus.OPEN

    @transaction.atomic
    def accept(self, user: User) -> tuple[Membership, bool]:
        """Let this person in: their place, and whether it is new. Raises SpentError where it lets nobody in any more.

        Somebody who is in the team already stays as they are, and the invitation stays for another.
        """
        membership, new = Membership.objects.get_or_create(team=self.team, user=user, defaults={"role": self.role})
        taken = {"accepted_at": timezone.now(), "accepted_by": user, "mail_due_at": None}
        if new and not Invitation.objects.open().filter(pk=self.pk).update(**taken):
            raise SpentError
        return membership, new

    def send_again(self, by: User) -> None:
        """Seven more days, on the word of whoever asks. Raises SpentError where it was taken or cancelled meanwhile."""
        again = {"invited_by": by, "expires_at": in_seven_days(), "mail_due_at": timezone.now(), "mail_problem": ""}
        if not Invitation.objects.pending().filter(pk=self.pk).update(**again):
            raise SpentError

    def cancel(self) -> None:
        """Close the link. Raises SpentError where it was taken or cancelled meanwhile."""
        if not Invitation.objects.pending().filter(pk=self.pk).update(cancelled_at=timezone.now(), mail_due_at=None):
            raise SpentError

    def record_mailed(self) -> None:
        self.mailed_at, self.mail_due_at, self.mail_problem = timezone.now(), None, ""
        self.save(update_fields=["mailed_at", "mail_due_at", "mail_problem"])

    def record_not_mailed(self, problem: MailProblem) -> None:
        """Keep why. A refused address is not tried again by itself, a server out of reach is, ever more seldom."""
        now = timezone.now()
        asked_at = self.expires_at - GOOD_FOR
        again = now + min(max(now - asked_at, MAIL_AGAIN_AFTER), MAIL_AGAIN_AT_LEAST)
        self.mail_problem, self.mail_due_at = problem, None if problem is MailProblem.ADDRESS else again
        self.save(update_fields=["mail_problem", "mail_due_at"])
