"""An invitation into a team, used once."""

import uuid
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.teams.models.membership import Membership
from hubportal.teams.models.team import Team
from hubportal.teams.permissions import MEMBER_MANAGER_ROLES, Role

INVITATION_LIFETIME = timedelta(days=7)
# A mail server that hangs is given up after seconds (settings.MAILERS); a worker that died is not waited for longer.
MAIL_LEASE = timedelta(minutes=5)
MIN_MAIL_RETRY_INTERVAL = timedelta(minutes=1)
MAX_MAIL_RETRY_INTERVAL = timedelta(hours=1)


def in_seven_days() -> datetime:
    return timezone.now() + INVITATION_LIFETIME


class InvitationStatus(StrEnum):
    """What has become of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    # Whoever sent it, or copied its link, no longer manages members: it lets nobody in until it is sent again.
    REVOKED = "revoked"
    ACCEPTED = "accepted"
    CANCELLED = "cancelled"


class MailProblem(StrEnum):
    """Why an invitation could not be mailed."""

    ADDRESS = "address"
    SERVER = "server"


def _sender_may_invite() -> models.Exists:
    sender = Membership.objects.filter(
        team=models.OuterRef("team"), user=models.OuterRef("invited_by"), role__in=MEMBER_MANAGER_ROLES
    )
    return models.Exists(sender)


class InvitationQuerySet(models.QuerySet["Invitation"]):
    def pending(self) -> "InvitationQuerySet":
        """Neither accepted nor cancelled; the expired are among them, since they may be sent again."""
        return self.filter(accepted_at=None, cancelled_at=None)

    def open(self) -> "InvitationQuerySet":
        """Those that still let somebody in."""
        return self.pending().filter(_sender_may_invite(), expires_at__gt=timezone.now())

    def with_status(self) -> "InvitationQuerySet":
        """Each with what its `status` asks: `sender_may_invite`."""
        return self.annotate(sender_may_invite=_sender_may_invite())

    def untold(self) -> "InvitationQuerySet":
        """Those that were taken, and whose sender is still to be told."""
        return self.filter(tell_sender=True).order_by("accepted_at")

    def due_for_mailing(self, now: datetime) -> "InvitationQuerySet":
        """Those whose e-mail is due, and that no worker is mailing."""
        free = models.Q(mail_lease_until=None) | models.Q(mail_lease_until__lte=now)
        return self.open().filter(free, mail_due_at__lte=now)

    def claim_for_mailing(self, pk: uuid.UUID) -> "Invitation | None":
        """Lease the invitation whose e-mail is due, so that no other worker mails it too; None for a lost race."""
        now = timezone.now()
        if not self.due_for_mailing(now).filter(pk=pk).update(mail_lease_until=now + MAIL_LEASE):
            return None
        return self.select_related("team", "invited_by").get(pk=pk)


class Invitation(models.Model):
    """Lets whoever holds its link into a team; the address is where it was sent, not who may accept it."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="invitations")
    email = models.EmailField()
    role = models.CharField(max_length=10)
    invited_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    invited_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(default=in_seven_days)
    mailed_at = models.DateTimeField(null=True, blank=True)
    # When it is to be mailed (None: not), until when a worker is at it (None: nobody), and why it failed last time.
    mail_due_at = models.DateTimeField(null=True, blank=True, default=timezone.now)
    mail_lease_until = models.DateTimeField(null=True, blank=True)
    mail_problem = models.CharField(max_length=10, blank=True)
    accepted_at = models.DateTimeField(null=True, blank=True)
    accepted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.SET_NULL, related_name="+"
    )
    cancelled_at = models.DateTimeField(null=True, blank=True)
    # Set when it is taken, until whoever sent it was told: a room above looks for it (notifications).
    tell_sender = models.BooleanField(default=False, db_default=False)

    objects = InvitationQuerySet.as_manager()

    class Meta:
        indexes = [
            models.Index(fields=["accepted_at"], condition=models.Q(tell_sender=True), name="invitation_sender_untold"),
        ]
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
        """What has become of it; asked of a row read `with_status()`."""
        if self.accepted_at:
            return InvitationStatus.ACCEPTED
        if self.cancelled_at:
            return InvitationStatus.CANCELLED
        if not self.sender_may_invite:  # type: ignore[attr-defined]
            return InvitationStatus.REVOKED
        return InvitationStatus.EXPIRED if self.expires_at <= timezone.now() else InvitationStatus.OPEN

    def record_mailed(self) -> None:
        """Note that the claimed e-mail went out."""
        self._end_mailing(mailed_at=timezone.now(), mail_due_at=None, mail_problem="")

    def record_not_mailed(self, problem: MailProblem) -> None:
        """Note why. A refused address is not tried again by itself; a server out of reach is, ever more seldom."""
        now = timezone.now()
        sent_at = self.expires_at - INVITATION_LIFETIME
        interval = min(max(now - sent_at, MIN_MAIL_RETRY_INTERVAL), MAX_MAIL_RETRY_INTERVAL)
        self._end_mailing(mail_problem=problem, mail_due_at=None if problem is MailProblem.ADDRESS else now + interval)

    def record_told(self) -> bool:
        """Note that its sender is told that it was taken. False where another worker has told them."""
        return bool(Invitation.objects.filter(pk=self.pk, tell_sender=True).update(tell_sender=False))

    def _end_mailing(self, **outcome: Any) -> None:
        """Write the outcome, unless the lease was lost: then it was sent again meanwhile, or another worker has it."""
        mine = Invitation.objects.filter(pk=self.pk, mail_lease_until=self.mail_lease_until)
        mine.update(mail_lease_until=None, **outcome)
