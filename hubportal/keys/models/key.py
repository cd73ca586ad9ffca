"""One key: a sealed secret, its place among the team's keys, and what is known of its health."""

import uuid
from collections.abc import Iterable
from datetime import timedelta

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from hubportal.audit.models import AuditEntry
from hubportal.hub.records import Balance
from hubportal.keys.audit_actions import KeyAction
from hubportal.keys.models.queries import DEAD_CODES, KeyQuerySet
from hubportal.teams.models import Team

# How many generations of one key the hub may have at once; after a 429 fewer, then one more with each acceptance.
MAX_AT_ONCE = 32
HOLD_AFTER_BUSY = timedelta(seconds=5)


class Key(models.Model):
    """A sealed `gih_…` secret and what is known of its health. The secret is never shown again.

    A key serves; then it may retire, which ends by itself when no work in flight needs it any more, with the secret
    destroyed. The row stays, for the ledger that names it.
    """

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
    retiring_since = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # What a retiring key waits for, as last counted: work on its way, and work that a person must settle.
    awaits = models.PositiveIntegerField(null=True, blank=True)
    awaits_verdict = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    # When the hub was last asked, and when it last told: between the two there may be a `problem`.
    checked_at = models.DateTimeField(null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    balance = models.IntegerField(null=True, blank=True)
    account_type = models.CharField(max_length=40, blank=True)
    next_expiration = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=40, blank=True)
    # Credits a day, over the last weeks; None before it was ever estimated.
    pace = models.FloatField(null=True, blank=True)
    # The occasions of warning that people were told of, and that still last (keys/outlook.py).
    warned_of = models.CharField(max_length=100, blank=True)
    # The pace of sending: how many at once, and not before when.
    slots = models.PositiveSmallIntegerField(default=MAX_AT_ONCE)
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
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=False) | ~models.Q(sealed=""), name="key_present_has_secret"
            ),
            models.CheckConstraint(
                condition=models.Q(retiring_since=None) | models.Q(is_default=False),
                name="key_retiring_is_no_default",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.label} ···{self.last_four}"

    @property
    def is_usable(self) -> bool:
        """What `usable()` asks of the row."""
        gone = self.removed_at or self.retiring_since or self.paused_at
        return not gone and self.problem not in DEAD_CODES

    @property
    def identity(self) -> str:
        """What the sealed secret is bound to: this row, in this team."""
        return f"key:{self.pk}:team:{self.team_id}"

    # What the hub says -----------------------------------------------------------------------------------

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

    def record_pace(self, credits_per_day: float) -> None:
        """Keep how many credits a day it has been spending lately."""
        self.pace = credits_per_day
        self.save(update_fields=["pace"])

    def record_accepted(self) -> None:
        """One more at once from now on, up to the most."""
        Key.objects.filter(pk=self.pk, slots__lt=MAX_AT_ONCE).update(slots=models.F("slots") + 1)

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

    # What people decide ----------------------------------------------------------------------------------

    def rename(self, label: str) -> None:
        self.label = label
        self.save(update_fields=["label"])

    def pause(self) -> None:
        """Send nothing new with it until it is resumed; work in flight ends with it."""
        self.paused_at = timezone.now()
        self.save(update_fields=["paused_at"])

    def resume(self) -> None:
        self.paused_at = None
        self.save(update_fields=["paused_at"])

    @transaction.atomic
    def make_default(self) -> None:
        """Send new work with this key, as long as it is usable."""
        self.team.lock()
        Key.objects.filter(team=self.team_id, is_default=True).update(is_default=False)
        self.is_default = True
        self.save(update_fields=["is_default"])

    @transaction.atomic
    def move(self, by: int) -> bool:
        """Change places with its neighbour: `by` -1 is earlier, 1 later. False where there is none to pass.

        The default is tried first wherever it stands, so nothing passes it.
        """
        self.team.lock()
        keys = list(Key.objects.serving().filter(team=self.team_id))
        here = keys.index(self)
        there = here + by
        if not 0 <= there < len(keys) or keys[here].is_default or keys[there].is_default:
            return False
        keys[here], keys[there] = keys[there], keys[here]
        for position, key in enumerate(keys):
            Key.objects.filter(pk=key.pk).update(position=position)
        return True

    @transaction.atomic
    def retire(self) -> None:
        """Send nothing new with it; its secret goes once no work in flight needs it, and the successor takes over."""
        self.team.lock()
        self.begin_retiring()
        self._pass_default_on()

    def begin_retiring(self) -> None:
        """Stop serving, without an successor."""
        self.is_default, self.retiring_since, self.awaits = False, timezone.now(), None
        self.save(update_fields=["is_default", "retiring_since", "awaits"])

    @transaction.atomic
    def remove(self) -> None:
        """Destroy the secret now. The row stays, for the ledger that names it; the successor becomes the default."""
        self.team.lock()
        self.sealed, self.is_default, self.removed_at = "", False, timezone.now()
        self.save(update_fields=["sealed", "is_default", "removed_at"])
        self._pass_default_on()

    def _pass_default_on(self) -> None:
        keys = list(Key.objects.serving().filter(team=self.team_id))
        successor = self.successor_among(keys)
        if successor and not any(key.is_default for key in keys):
            successor.make_default()

    def successor_among(self, keys: Iterable["Key"]) -> "Key | None":
        """The key that new work is sent with once this one is gone; one that works goes first."""
        others = [key for key in keys if key != self]
        return next((key for key in others if key.is_usable), others[0] if others else None)

    # The end of a retiring key ---------------------------------------------------------------------------

    def record_awaited(self, moving: int, doubtful: int) -> None:
        """Keep how much work a retiring key still waits for: what moves by itself, and what a person must settle."""
        if (self.awaits, self.awaits_verdict) != (moving, doubtful):
            self.awaits, self.awaits_verdict = moving, doubtful
            self.save(update_fields=["awaits", "awaits_verdict"])

    @transaction.atomic
    def let_go(self) -> bool:
        """Nothing needs the retiring key any more: destroy its secret, and write so into the trail.

        False when somebody did meanwhile.
        """
        self.team.lock()
        now = timezone.now()
        if not Key.objects.retiring().filter(pk=self.pk).update(sealed="", removed_at=now, awaits=0, awaits_verdict=0):
            return False
        AuditEntry.objects.record(self.team, KeyAction.DESTROYED, self)
        return True
