"""A team's channels elsewhere (Slack, Matrix …), and what is to be posted to them."""

import uuid
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from hubportal.accounts.models import User
from hubportal.encryption import Secret, decrypt, encrypt
from hubportal.notifications.models import RETENTION, DeliveryState
from hubportal.teams.models import Team

# Longer than a post may take (channel_posts.TIMEOUT).
POST_LEASE = timedelta(minutes=2)
# What waits longer is no news any more.
POST_MAX_AGE = timedelta(days=1)


class TeamChannelManager(models.Manager["TeamChannel"]):
    @sensitive_variables()
    def create_sealed(
        self, team: Team, name: str, url: str, events: Sequence[str], added_by: User | None
    ) -> "TeamChannel":
        channel = TeamChannel(team=team, name=name, kind=url.partition(":")[0], events=list(events), added_by=added_by)
        channel.encrypted = encrypt(url, channel.identity)
        channel.save(force_insert=True)
        return channel


class TeamChannel(models.Model):
    """Where a team has news posted. Its address is a secret, sealed like a key: whoever has it can post there."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=60)
    # The first word of its address: slack, matrix …
    kind = models.CharField(max_length=20)
    encrypted = models.TextField()
    # Codes of the events that are posted.
    events = models.JSONField(default=list)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now)
    # When something was last posted, and why the last post failed ("" where it did not).
    posted_at = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=20, blank=True)

    objects = TeamChannelManager()

    def __str__(self) -> str:
        return self.name

    @property
    def identity(self) -> str:
        """What the sealed address is bound to."""
        return f"channel:{self.pk}:team:{self.team_id}"

    @property
    def url(self) -> Secret:
        """Raises DecryptionError."""
        return decrypt(self.encrypted, self.identity)


class ChannelPostQuerySet(models.QuerySet["ChannelPost"]):
    def due(self, now: datetime) -> "ChannelPostQuerySet":
        return self.filter(due_at__lte=now)

    def interrupted(self, now: datetime) -> "ChannelPostQuerySet":
        """What was being posted when its worker died."""
        return self.filter(lease_until__lte=now)

    def record_interrupted(self) -> None:
        """Nobody knows whether they were posted; they are not posted again."""
        self.interrupted(timezone.now()).update(state=DeliveryState.UNKNOWN, lease_until=None)

    def forget_old(self) -> None:
        """Delete what was posted, or not, more than RETENTION ago: a few a day."""
        self.filter(created_at__lt=timezone.now() - RETENTION).delete()

    def claim(self, pk: int) -> "ChannelPost | None":
        """Lease one that is due; None for a lost race."""
        now = timezone.now()
        claimed = {"state": DeliveryState.SENDING, "due_at": None, "lease_until": now + POST_LEASE}
        if not self.due(now).filter(pk=pk).update(**claimed):
            return None
        return self.select_related("channel__team").get(pk=pk)


class ChannelPost(models.Model):
    """News on its way to a team's channel. With `once`, a channel is told of an occasion one time only."""

    channel = models.ForeignKey(TeamChannel, on_delete=models.CASCADE, related_name="posts")
    event = models.CharField(max_length=40)
    facts = models.JSONField(default=dict)
    link = models.CharField(max_length=300)
    once = models.CharField(max_length=100, blank=True)
    state = models.CharField(max_length=10, default=DeliveryState.WAITING)
    created_at = models.DateTimeField(default=timezone.now)
    due_at = models.DateTimeField(null=True, default=timezone.now)
    lease_until = models.DateTimeField(null=True, blank=True)

    objects = ChannelPostQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["channel", "event", "once"], condition=~Q(once=""), name="channel_told_once"
            ),
            models.CheckConstraint(condition=Q(state__in=DeliveryState.values), name="post_state_known"),
        ]
        indexes = [
            models.Index(fields=["due_at"], condition=Q(due_at__isnull=False), name="post_due"),
            models.Index(fields=["lease_until"], condition=Q(lease_until__isnull=False), name="post_leased"),
            models.Index(fields=["created_at"], name="post_oldest_first"),
        ]

    def __str__(self) -> str:
        return f"{self.event} to {self.channel_id} ({self.state})"

    def record(self, state: DeliveryState, problem: str = "") -> None:
        """Note what came of it, here and at the channel."""
        ChannelPost.objects.filter(pk=self.pk, state=DeliveryState.SENDING).update(state=state, lease_until=None)
        changes = {"posted_at": timezone.now()} if state is DeliveryState.SENT else {}
        TeamChannel.objects.filter(pk=self.channel_id).update(problem=problem, **changes)
