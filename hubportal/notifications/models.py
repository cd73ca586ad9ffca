"""What people were told, what is still to be sent to them, and what they chose to be told."""

import uuid
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from hubportal.notifications.events import Channel
from hubportal.teams.models import Team
from hubportal.teams.permissions import ROLE_PERMISSIONS, Role

# What is older than this is forgotten, read or not.
RETENTION = timedelta(days=90)
FORGET_BATCH_SIZE = 1000
# A mail server that hangs is given up after seconds (settings.MAILERS).
LEASE = timedelta(minutes=5)
# Of one sort to one person.
MAIL_INTERVAL = timedelta(hours=1)
MAX_PER_MAIL = 50
MIN_RETRY_INTERVAL = timedelta(minutes=1)
MAX_RETRY_INTERVAL = timedelta(hours=1)
MAX_AGE = timedelta(days=1)


def _permissions_of(role: Role) -> list[str]:
    return [permission.value for permission, roles in ROLE_PERMISSIONS.items() if role in roles]


class NotificationQuerySet(models.QuerySet["Notification"]):
    def may_reach(self, user: Any) -> "NotificationQuerySet":
        """The user's own (or a Parameter's): of teams they are in, and of what their role there lets them know."""
        allowed = Q()
        for role in Role:
            allowed |= Q(team__memberships__role=role, permission__in=_permissions_of(role))
        return self.filter(allowed, user=user, team__memberships__user=F("user"))

    def in_bar_of(self, user: Any) -> "NotificationQuerySet":
        return self.may_reach(user).filter(in_bar=True)

    def mark_read(self) -> int:
        return self.filter(read_at=None).update(read_at=timezone.now())

    def forget_old(self) -> int:
        """Delete some of what is older than RETENTION. Returns how many rows went."""
        old = self.filter(created_at__lt=timezone.now() - RETENTION).order_by("created_at")
        ids = list(old.values_list("pk", flat=True)[:FORGET_BATCH_SIZE])
        return int(self.filter(pk__in=ids).delete()[0]) if ids else 0


class Notification(models.Model):
    """That somebody is told of something: facts, which become sentences where they are read.

    `once` names an occasion that a person is told of at most once; empty where each time is another.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.CharField(max_length=40)
    permission = models.CharField(max_length=20)
    facts = models.JSONField(default=dict)
    # A path of this site.
    link = models.CharField(max_length=300)
    once = models.CharField(max_length=100, blank=True)
    in_bar = models.BooleanField(default=True)
    created_at = models.DateTimeField(default=timezone.now)
    # None while it waits in the bar to be opened.
    read_at = models.DateTimeField(null=True, blank=True)

    objects = NotificationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user", "event", "once"], condition=~Q(once=""), name="notification_told_once"
            ),
        ]
        indexes = [
            models.Index(fields=["user", "-created_at", "-id"], name="notification_newest_first"),
            models.Index(fields=["user"], condition=Q(read_at=None), name="notification_unread"),
            models.Index(fields=["created_at"], name="notification_oldest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.user_id}"


class DeliveryState(models.TextChoices):
    """What became of a message on its way out."""

    WAITING = "waiting"
    SENDING = "sending"
    SENT = "sent"
    # Refused for good, or out of reach for a day.
    FAILED = "failed"
    # Nobody can tell whether it was sent; it is not sent again.
    UNKNOWN = "unknown"
    # Not wanted, or not theirs to know, any more.
    DROPPED = "dropped"


class DeliveryQuerySet(models.QuerySet["Delivery"]):
    def due(self, now: datetime) -> "DeliveryQuerySet":
        return self.filter(due_at__lte=now)

    def interrupted(self, now: datetime) -> "DeliveryQuerySet":
        """What was being sent when its worker died."""
        return self.filter(lease_until__lte=now)

    def record_interrupted(self) -> None:
        """Say of what was being sent when its worker died that nobody knows: an e-mail is not sent a second time.

        To browsers it is: the second takes the first's place there.
        """
        now = timezone.now()
        lost = self.interrupted(now)
        lost.filter(channel=Channel.PUSH).update(state=DeliveryState.WAITING, lease_until=None, due_at=now)
        lost.exclude(channel=Channel.PUSH).update(state=DeliveryState.UNKNOWN, lease_until=None)

    def senders(self, limit: int) -> list[tuple[int, str]]:
        """To whom an e-mail of which event is due (user id, event code), those that wait the longest first."""
        due = self.due(timezone.now()).filter(channel=Channel.EMAIL)
        waits = due.values_list("notification__user", "notification__event").annotate(since=models.Min("due_at"))
        return [(user, event) for user, event, _since in waits.order_by("since")[:limit]]

    def claim(self, pk: int) -> "Delivery | None":
        """Lease one that is due; None for a lost race."""
        now = timezone.now()
        leased = {"due_at": None, "lease_until": now + LEASE}
        if not self.due(now).filter(pk=pk).update(state=DeliveryState.SENDING, tries=F("tries") + 1, **leased):
            return None
        return self.select_related("notification__team", "notification__user").get(pk=pk)

    @transaction.atomic
    def claim_mail(self, user: int, event: str) -> list["Delivery"]:
        """Lease what is due to this person of this event, to be one e-mail; the oldest first.

        Nothing where one was sent within the hour, another worker is at it, or none is due: what is due then waits.
        """
        now = timezone.now()
        mine = self.due(now).filter(channel=Channel.EMAIL, notification__user=user, notification__event=event)
        turn, _ = MailTurn.objects.get_or_create(user_id=user, event=event)
        if not MailTurn.objects.free(now).filter(pk=turn.pk).update(taken_at=now):
            turn.refresh_from_db()
            waiting = list(mine.values_list("pk", flat=True))
            self.filter(pk__in=waiting).update(due_at=(turn.taken_at or now) + MAIL_INTERVAL)
            return []
        ids = list(mine.order_by("pk").values_list("pk", flat=True)[:MAX_PER_MAIL])
        if not ids:
            turn.give_back()
            return []
        leased = {"due_at": None, "lease_until": now + LEASE}
        self.filter(pk__in=ids).update(state=DeliveryState.SENDING, tries=F("tries") + 1, **leased)
        claimed = self.filter(pk__in=ids).select_related("notification__team", "notification__user")
        return list(claimed.order_by("pk"))


class Delivery(models.Model):
    """One notification on its way to one person by one channel; the bar needs none."""

    notification = models.ForeignKey(Notification, on_delete=models.CASCADE, related_name="deliveries", db_index=False)
    channel = models.CharField(max_length=10)
    state = models.CharField(max_length=10, default=DeliveryState.WAITING)
    # When it is to be sent, while it waits; until when a worker is at it, while that sends.
    due_at = models.DateTimeField(null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    sent_at = models.DateTimeField(null=True, blank=True)

    objects = DeliveryQuerySet.as_manager()

    class Meta:
        verbose_name_plural = "deliveries"
        constraints = [
            models.UniqueConstraint(fields=["notification", "channel"], name="delivery_once"),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="delivery_state_known"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="delivery_due"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="delivery_leased"),
        ]

    def __str__(self) -> str:
        return f"{self.notification_id} by {self.channel} ({self.state})"

    @classmethod
    def record(cls, claimed: Iterable["Delivery"], state: DeliveryState) -> None:
        """Note what became of those that were claimed together, unless their lease was lost."""
        sent = {"sent_at": timezone.now()} if state is DeliveryState.SENT else {}
        ids = [one.pk for one in claimed]
        mine = Delivery.objects.filter(pk__in=ids, state=DeliveryState.SENDING)
        mine.update(state=state, lease_until=None, **sent)

    @classmethod
    @transaction.atomic
    def record_not_sent(cls, claimed: list["Delivery"]) -> None:
        """Nothing left this site: ever more seldom it is tried again, for a day."""
        now = timezone.now()
        old = [one for one in claimed if one.notification.created_at <= now - MAX_AGE]
        cls.record(old, DeliveryState.FAILED)
        rest = [one for one in claimed if one not in old]
        if rest:
            interval = min(MIN_RETRY_INTERVAL * 2 ** (rest[0].tries - 1), MAX_RETRY_INTERVAL)
            again = Delivery.objects.filter(pk__in=[one.pk for one in rest], state=DeliveryState.SENDING)
            again.update(state=DeliveryState.WAITING, lease_until=None, due_at=now + interval)


class MailTurnQuerySet(models.QuerySet["MailTurn"]):
    def free(self, now: datetime) -> "MailTurnQuerySet":
        return self.filter(Q(taken_at=None) | Q(taken_at__lte=now - MAIL_INTERVAL))


class MailTurn(models.Model):
    """When a person was last sent an e-mail of an event: the next may go an hour later."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.CharField(max_length=40)
    taken_at = models.DateTimeField(null=True, blank=True)

    objects = MailTurnQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event"], name="mail_turn_once")]

    def __str__(self) -> str:
        return f"{self.event} to {self.user_id}"

    def give_back(self) -> None:
        """Nothing was sent after all."""
        MailTurn.objects.filter(pk=self.pk).update(taken_at=None)


class Preference(models.Model):
    """That somebody wants to be told of an event by a channel, or not, where that is not what the event says itself."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    event = models.CharField(max_length=40)
    channel = models.CharField(max_length=10)
    wanted = models.BooleanField()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "event", "channel"], name="preference_once")]

    def __str__(self) -> str:
        return f"{self.user_id} {self.event} {self.channel}: {self.wanted}"


class PushSubscription(models.Model):
    """A browser that is told what this person is told, for as long as they are signed in there (RFC 8291, 2)."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_key = models.CharField(max_length=40)
    # Where its push service takes messages, and what they are encrypted with, as the browser gave them.
    endpoint = models.CharField(max_length=500, unique=True)
    p256dh = models.CharField(max_length=100)
    auth = models.CharField(max_length=40)
    created_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"a browser of {self.user_id}"
