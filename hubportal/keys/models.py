"""A key to the hub, and the hub's model list as last read."""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import ClassVar

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.hub.records import Balance
from hubportal.keys.sealing import fingerprints, seal
from hubportal.teams.models import Team

# A key that was refused, or does not open, is not sent with; the hub's words are in hub-api.md, Errors.
DEAD_CODES = ("invalidApiKey", "expiredApiKey", "missingApiKey", "sealBroken")


# How many generations of one key the hub may have at once; after a 429 fewer, then one more with each acceptance.
MOST_AT_ONCE = 32
HOLD_AFTER_BUSY = timedelta(seconds=5)


class KeyQuerySet(models.QuerySet["Key"]):
    def present(self) -> "KeyQuerySet":
        """Keys that were not removed, the default first, then in the team's order."""
        return self.filter(removed_at=None).order_by("-is_default", "position", "added_at")

    def usable(self) -> "KeyQuerySet":
        """Keys that new work may be sent with."""
        return self.present().filter(paused_at=None).exclude(problem__in=DEAD_CODES)

    def in_turn(self, team_id: int, price: int | None) -> list["Key"]:
        """The keys that work of this price (credits) may be sent with, in the order they are to be tried.

        Default and order are the team's; a key known to be short goes behind one that is not. What is known may
        be old, so a short key still serves where there is no other: the hub has the last word.
        """
        keys = list(self.usable().filter(team=team_id))
        return sorted(keys, key=lambda key: key.is_short_of(price))

    @transaction.atomic
    def add(self, team: Team, *, label: str, secret: str, added_by: User | None, balance: Balance) -> "Key":
        """Seal a checked secret into a new key; the team's first becomes its default.

        Raises IntegrityError when the team has this secret already.
        """
        team.hold()
        key = Key(team=team, label=label, last_four=secret[-4:], added_by=added_by)
        key.sealed = seal(secret, key.identity)
        key.fingerprint = fingerprints(secret, team.pk)[0]
        others = self.filter(team=team)
        key.is_default = not others.filter(is_default=True).exists()
        key.position = others.count()
        key.take(balance)
        key.save(force_insert=True)
        return key

    def with_secret(self, secret: str, team: Team) -> "Key | None":
        """The team's key with this secret, if it has one."""
        return self.present().filter(team=team, fingerprint__in=fingerprints(secret, team.pk)).first()


class Key(models.Model):
    """A sealed `gih_…` secret and what is known of its health. The secret is never shown again."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="keys")
    label = models.CharField(max_length=60)
    sealed = models.TextField(blank=True)
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=64)
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    last_used_at = models.DateTimeField(null=True, blank=True)
    # When the hub was last asked, and when it last told: between the two there may be a `problem`.
    checked_at = models.DateTimeField(null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    balance = models.IntegerField(null=True, blank=True)
    account_type = models.CharField(max_length=40, blank=True)
    next_expiration = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=40, blank=True)
    # The pace of sending: how many at once, and not before when.
    slots = models.PositiveSmallIntegerField(default=MOST_AT_ONCE)
    held_until = models.DateTimeField(null=True, blank=True)

    objects = KeyQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team"], condition=models.Q(is_default=True), name="key_one_default_a_team"
            ),
            models.UniqueConstraint(
                fields=["team", "fingerprint"],
                condition=models.Q(removed_at=None),
                name="key_secret_once_a_team",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at=None) | models.Q(sealed="", is_default=False),
                name="key_removed_keeps_no_secret",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ···{self.last_four}"

    @property
    def is_usable(self) -> bool:
        """What `usable()` asks of the row."""
        return self.removed_at is None and self.paused_at is None and self.problem not in DEAD_CODES

    @property
    def identity(self) -> str:
        """What the sealed secret is bound to: this row, in this team."""
        return f"key:{self.pk}:team:{self.team_id}"

    def take(self, balance: Balance) -> None:
        """Carry over what the hub says of the account, without saving."""
        self.checked_at = self.balance_at = timezone.now()
        self.balance = balance.credits
        self.account_type = balance.account_type[:40]
        self.next_expiration = balance.next_expiration
        self.problem = ""

    def record_balance(self, balance: Balance) -> None:
        """Keep what `/credits`, or a finished generation, said of the account."""
        self.take(balance)
        self.save(update_fields=["checked_at", "balance_at", "balance", "account_type", "next_expiration", "problem"])

    def record_problem(self, code: str) -> None:
        """Keep the code for why the key, or the hub, did not answer as it should.

        A hub that can't be asked doesn't bring a dead key back to life.
        """
        self.checked_at = timezone.now()
        if code in DEAD_CODES or self.problem not in DEAD_CODES:
            self.problem = code[:40]
        self.save(update_fields=["checked_at", "problem"])

    def record_used(self, credits: int) -> None:
        """Note that the hub took `credits` with this key; the next look at its balance corrects the sum."""
        Key.objects.filter(pk=self.pk).update(last_used_at=timezone.now(), balance=models.F("balance") - credits)

    def record_returned(self, credits: int) -> None:
        """Note that the hub gave `credits` back, where it did not say what is left."""
        if credits:
            Key.objects.filter(pk=self.pk).update(balance=models.F("balance") + credits)

    def record_accepted(self) -> None:
        """One more at once from now on, up to the most."""
        Key.objects.filter(pk=self.pk, slots__lt=MOST_AT_ONCE).update(slots=models.F("slots") + 1)

    def record_busy(self, in_flight: int, retry_after: float | None) -> None:
        """The hub said 429: half as many at once, and none before it said (`retry_after` in seconds)."""
        pause = timedelta(seconds=min(retry_after, 3600)) if retry_after else HOLD_AFTER_BUSY
        self.slots, self.held_until = max(in_flight // 2, 1), timezone.now() + pause
        self.save(update_fields=["slots", "held_until"])

    def has_room(self, in_flight: int) -> bool:
        """Whether one more may be sent now, while the hub has so many of this key's."""
        return in_flight < self.slots and (self.held_until is None or self.held_until <= timezone.now())

    def is_short_of(self, price: int | None) -> bool:
        """Whether the account is known to have less than this price (credits)."""
        return price is not None and self.balance is not None and self.balance < price

    @transaction.atomic
    def make_default(self) -> None:
        """Send new work with this key, as long as it is usable."""
        self.team.hold()
        Key.objects.filter(team=self.team_id, is_default=True).update(is_default=False)
        self.is_default = True
        self.save(update_fields=["is_default"])

    @transaction.atomic
    def remove(self) -> None:
        """Destroy the secret. The row stays, for the ledger that names it; the heir becomes the default."""
        self.team.hold()
        self.sealed, self.is_default, self.removed_at = "", False, timezone.now()
        self.save(update_fields=["sealed", "is_default", "removed_at"])
        heir = self.heir_among(Key.objects.present().filter(team=self.team_id))
        if heir and not heir.is_default:
            heir.make_default()

    def heir_among(self, keys: Iterable["Key"]) -> "Key | None":
        """The key that new work is sent with once this one is gone; one that works goes first."""
        others = [key for key in keys if key != self]
        return next((key for key in others if key.is_usable), others[0] if others else None)


class Catalogue(models.Model):
    """The hub's model list as it was last read: one row, written by the worker, read by every form."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    hub_url = models.CharField(max_length=300)
    models_read = models.JSONField(default=list)
    sandbox = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    FRESH_FOR: ClassVar[timedelta] = timedelta(hours=24)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="catalogue_one_row")]

    def __str__(self) -> str:
        return f"Models of {self.hub_url}"
