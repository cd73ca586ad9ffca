"""The columns of a generation and the rules its row must keep; how it changes is in generation.py."""

import uuid
from datetime import datetime, timedelta
from typing import Final

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone

from hubportal.generations.models.leases import Leased
from hubportal.generations.states import FINAL, MOVING, State, Visibility
from hubportal.hub.client import GenerationParameters
from hubportal.hub.prices import AUTO
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team
from hubportal.usage.models import BilledGeneration, Project

# What is asked of the hub: the columns that a GenerationParameters has as well.
ASKED: Final = ("prompt", "model", "size", "effort", "n", "options")


class GenerationFields(Leased):
    """A request for pictures. `effort` is the quality asked for; `tier` the resolution delivered and billed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="generations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    key = models.ForeignKey(Key, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    submission_id = models.UUIDField(default=uuid.uuid4, help_text="the same for the same order sent twice")
    # Not one-to-one: joined over such a column, nearly all NULL, SQLite reads the whole table once it has statistics.
    parent = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="retries", db_index=False)
    # The generation whose form this one was made from: told of its pictures, and needed for nothing else.
    remix_of = models.UUIDField(null=True)
    # Asked.
    prompt = models.TextField()
    model = models.CharField(max_length=100)
    size = models.CharField(max_length=20, default="auto")
    effort = models.CharField(max_length=20, default=AUTO)
    n = models.PositiveSmallIntegerField(default=1)
    options = models.JSONField(default=dict, db_default={}, help_text="further parameters, by the hub's names for them")
    visibility = models.CharField(max_length=10, default=Visibility.TEAM)
    expected_credits = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    # How far it got. `version` grows with every change a card shows.
    state = models.CharField(max_length=10, default=State.WAITING)
    version = models.PositiveIntegerField(default=1)
    attempts = models.PositiveSmallIntegerField(default=0)
    unsent_since = models.DateTimeField(null=True, help_text="since when nothing of it gets through to the hub")
    sent_at = models.DateTimeField(null=True)
    accepted_at = models.DateTimeField(null=True)
    answered_at = models.DateTimeField(null=True, help_text="when the hub said it had finished")
    finished_at = models.DateTimeField(null=True)
    error_code = models.CharField(max_length=60, blank=True)
    error_message = models.TextField(blank=True)
    balance_before = models.IntegerField(null=True)
    balance_after = models.IntegerField(null=True)
    doubted_at = models.DateTimeField(null=True, help_text="since when nobody can tell whether it was accepted")
    settled_at = models.DateTimeField(null=True)
    settled_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    # The hub's words.
    hub_id = models.CharField(max_length=128, blank=True)
    hub_status = models.CharField(max_length=60, blank=True)
    aspect_ratio = models.CharField(max_length=12, blank=True)
    tier = models.CharField(max_length=12, blank=True)
    # Credits: charged on acceptance, and returned later.
    charged = models.PositiveIntegerField(null=True)
    returned = models.PositiveIntegerField(default=0)

    class Meta:
        abstract = True
        constraints = [
            models.UniqueConstraint(fields=["author", "submission_id"], name="generation_once_a_submission"),
            models.UniqueConstraint(
                fields=["parent"], condition=Q(parent__isnull=False), name="generation_retried_once"
            ),
            # Two keys of one hub account see the same records: by key it could be booked twice.
            models.UniqueConstraint(
                fields=["team", "hub_id"], condition=~Q(hub_id=""), name="generation_once_a_team_and_hub_id"
            ),
            models.CheckConstraint(condition=Q(state__in=State.values), name="generation_state_known"),
            models.CheckConstraint(condition=Q(visibility__in=Visibility.values), name="generation_visibility_known"),
            models.CheckConstraint(condition=Q(n__range=(1, 4)), name="generation_one_to_four"),
            models.CheckConstraint(
                condition=~Q(state__in=(State.RUNNING, State.SUCCEEDED)) | ~Q(hub_id="") & Q(charged__isnull=False),
                name="generation_accepted_has_id_and_charge",
            ),
            models.CheckConstraint(
                condition=Q(state__in=FINAL, finished_at__isnull=False) | ~Q(state__in=FINAL) & Q(finished_at=None),
                name="generation_final_has_an_end",
            ),
            models.CheckConstraint(
                condition=~Q(state=State.SENDING) | Q(lease_until__isnull=False, key__isnull=False),
                name="generation_sending_has_lease_and_key",
            ),
            models.CheckConstraint(
                condition=Q(unsent_since=None) | Q(state__in=(State.WAITING, State.SENDING)),
                name="generation_unsent_before_it_is_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], name="generation_newest"),
            models.Index(
                fields=["team", "-created_at", "-id"], condition=Q(finished_at=None), name="generation_unfinished"
            ),
            models.Index(fields=["key", "sent_at"], name="generation_by_key"),
            models.Index(fields=["remix_of"], condition=Q(remix_of__isnull=False), name="generation_remixes"),
            # Not by a list of states: SQLite doesn't see that a query for one of them asks for a part of the list.
            models.Index(fields=["state", "due_at"], condition=Q(finished_at=None), name="generation_open"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt[:40]} ({self.state})"

    def is_visible_to(self, membership: Membership) -> bool:
        """Whether `GenerationQuerySet.visible_to` has it."""
        is_open = self.visibility == Visibility.TEAM or self.author_id == membership.user_id
        return is_open and self.team_id == membership.team_id

    @property
    def work(self) -> BilledGeneration:
        """What the ledger is told of it."""
        return BilledGeneration(
            id=self.pk,
            team_id=self.team_id,
            author_id=self.author_id,
            key_id=self.key_id,
            project_id=self.project_id,
            model=self.model,
            tier=self.tier,
            effort=self.effort,
            time_zone=self.team.time_zone,
        )

    @property
    def parameters(self) -> GenerationParameters:
        """What was asked of the hub."""
        return GenerationParameters(self.model, self.prompt, self.size, self.effort, self.n, self.options)

    @property
    def is_moving(self) -> bool:
        """Whether its card will change by itself."""
        return self.state in MOVING

    @property
    def cost(self) -> int | None:
        """Credits it has cost so far; None while the hub has not charged any."""
        return None if self.charged is None else self.charged - self.returned

    def unsent_since_for(self, code: str) -> datetime:
        """Since when it does not get through for such a reason; now, if that is new.

        What it waited for its turn does not count, and a hub that says it is busy can be reached.
        """
        is_as_before = (code == "busy") == (self.error_code == "busy")
        return self.unsent_since if self.unsent_since and is_as_before else timezone.now()

    @property
    def duration(self) -> timedelta:
        """From submitting to the end, or to now."""
        return (self.finished_at or timezone.now()) - self.created_at
