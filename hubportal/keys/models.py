"""A team's keys to the hub, and the hub's model list as last read.

What the hub says of a key is written by many threads at once, each with an instance that may be old: every `record_…`
is therefore one conditional UPDATE, and decides nothing by what its instance says. What people decide is in
key_changes.py, under the team's lock.
"""

import uuid
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone
from django.views.decorators.debug import sensitive_variables

from hubportal.accounts.models import User
from hubportal.encryption import encrypt, fingerprints
from hubportal.hub.records import Balance
from hubportal.teams.models import Team

# A key that was refused, or does not decrypt, is not sent with; the hub's words are in hub-api.md, Errors.
UNUSABLE_CODES = ("invalidApiKey", "expiredApiKey", "missingApiKey", "decryptionFailed")
# How many generations of one key the hub may have at once; after a 429 fewer, then one more with each acceptance.
MAX_SLOTS = 32
# Nothing is sent for so long after a 429 that names no time, and for this long at the most after one that does.
BUSY_INTERVAL = timedelta(seconds=5)
MAX_BUSY_INTERVAL = timedelta(hours=1)


class KeyQuerySet(models.QuerySet["Key"]):
    def present(self) -> "KeyQuerySet":
        """Keys whose secret is still here, the default first, then in the team's order.

        Retiring ones are among them: work in flight ends with them.
        """
        return self.filter(removed_at=None).order_by("-is_default", "position", "added_at")

    def serving(self) -> "KeyQuerySet":
        """The team's keys as people know them: those that are neither removed nor retiring."""
        return self.present().filter(retiring_since=None)

    def retiring(self) -> "KeyQuerySet":
        """Keys that only wait for their work in flight to end, the oldest first."""
        return self.present().filter(retiring_since__isnull=False).order_by("retiring_since", "pk")

    def usable(self) -> "KeyQuerySet":
        """Keys that new work may be sent with."""
        return self.serving().filter(paused_at=None).exclude(problem__in=UNUSABLE_CODES)

    def candidates(self, team_id: int, price: int | None) -> list["Key"]:
        """The keys that work of this price (credits) may be sent with, in the order they are to be tried.

        Default and order are the team's; a key known to be short goes behind one that is not. What is known may
        be old, so a short key still serves where there is no other: the hub has the last word.
        """
        keys = list(self.usable().filter(team=team_id))
        return sorted(keys, key=lambda key: key.is_short_of(price))

    def lock_candidates(self, team_id: int, price: int | None) -> list["Key"]:
        """The same, locked until the transaction ends: whoever counts a key's work in flight counts alone."""
        # In the order of their ids, so that two who lock the same keys never wait for each other.
        locked = self.filter(team=team_id, removed_at=None).select_for_update(no_key=True).order_by("pk")
        usable = [key for key in locked if key.is_usable]
        return sorted(usable, key=lambda key: (key.is_short_of(price), not key.is_default, key.position, key.added_at))

    def with_secret(self, secret: str, team: Team) -> "Key | None":
        """The team's key with this secret, if it has one."""
        return self.present().filter(team=team, fingerprint__in=fingerprints(secret, team.pk)).first()

    @transaction.atomic
    def claim_for_check(self, checked_before: datetime, lease: timedelta, limit: int) -> list[uuid.UUID]:
        """Keys nobody has heard of since `checked_before`, the longest first; each is claimed until its `lease` ends.

        A key that is checked gives its claim back; one whose check was lost is found again when the lease is over.
        """
        now = timezone.now()
        stale = self.serving().filter(
            models.Q(checked_at=None) | models.Q(checked_at__lt=checked_before),
            models.Q(check_lease_until=None) | models.Q(check_lease_until__lt=now),
        )
        oldest_first = stale.order_by(models.F("checked_at").asc(nulls_first=True), "pk")
        claimed = list(oldest_first.select_for_update().values_list("pk", flat=True)[:limit])
        self.filter(pk__in=claimed).update(check_lease_until=now + lease)
        return claimed

    # New rows, for a secret that the hub has confirmed ---------------------------------------------------

    @sensitive_variables()
    @transaction.atomic
    def create_checked(self, team: Team, *, label: str, secret: str, added_by: User | None, balance: Balance) -> "Key":
        """Encrypt a checked secret into a new key; the team's first becomes its default.

        Raises IntegrityError when the team has this secret already.
        """
        team.lock()
        others = self.filter(team=team)
        key = self._encrypted(team, secret, label, added_by, balance)
        key.is_default, key.position = not others.filter(is_default=True).exists(), others.count()
        key.save(force_insert=True)
        return key

    @sensitive_variables()
    @transaction.atomic
    def replace_checked(self, old: "Key", *, secret: str, added_by: User | None, balance: Balance) -> "Key":
        """Put a checked secret in the place of an old key, which retires; label, place and default pass on.

        Raises Key.DoesNotExist when the old one is not serving any more, IntegrityError when the team has this
        secret already.
        """
        old.team.lock()
        old = self.serving().get(pk=old.pk)
        new = self._encrypted(old.team, secret, old.label, added_by, balance)
        new.is_default, new.position = old.is_default, old.position
        if old.account and balance.credits is not None and balance.credits == old.balance:
            # Another secret for the same account, or as good as: what the old one still spends is told with both.
            new.account, new.shares_account = old.account, True
            Key.objects.filter(team=old.team_id, account=old.account).update(shares_account=True)
        old.retire()
        new.save(force_insert=True)
        return new

    @sensitive_variables()
    def _encrypted(self, team: Team, secret: str, label: str, added_by: User | None, balance: Balance) -> "Key":
        key = self.model(team=team, label=label, last_four=secret[-4:], added_by=added_by, **_known_from(balance))
        key.told_balance, key.told_at = balance.credits, key.balance_at
        key.encrypted_secret = encrypt(secret, key.identity)
        key.fingerprint = fingerprints(secret, team.pk)[0]
        return key


class Key(models.Model):
    """An encrypted `gih_…` secret and what is known of its health. The secret is never shown again.

    A key serves; then it may retire, which ends by itself when no work in flight needs it any more, with the secret
    destroyed. The row stays, for the ledger that names it.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="keys")
    label = models.CharField(max_length=60)
    encrypted_secret = models.TextField(blank=True)
    last_four = models.CharField(max_length=4)
    fingerprint = models.CharField(max_length=64)
    is_default = models.BooleanField(default=False)
    position = models.PositiveSmallIntegerField(default=0)
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.SET_NULL, related_name="+")
    added_at = models.DateTimeField(default=timezone.now)
    paused_at = models.DateTimeField(null=True, blank=True)
    retiring_since = models.DateTimeField(null=True, blank=True)
    removed_at = models.DateTimeField(null=True, blank=True)
    # What a retiring key waits for, as last counted: work on its way, and work whose outcome a person must settle.
    pending_count = models.PositiveIntegerField(null=True, blank=True)
    undecided_count = models.PositiveIntegerField(default=0)
    last_used_at = models.DateTimeField(null=True, blank=True)
    # When the hub was last asked, and when it last told: between the two there may be a `problem`.
    checked_at = models.DateTimeField(null=True, blank=True)
    balance_at = models.DateTimeField(null=True, blank=True)
    # Until then a check of it is on its way (KeyQuerySet.claim_for_check).
    check_lease_until = models.DateTimeField(null=True, blank=True)
    balance = models.IntegerField(null=True, blank=True)
    # What the hub told last and when it was asked for it; `balance` goes on from there by what we know of since.
    told_balance = models.IntegerField(null=True, blank=True)
    told_at = models.DateTimeField(null=True, blank=True)
    # Which account at the hub it belongs to: the same for all keys of one. The hub doesn't say; people do.
    account = models.UUIDField(null=True, default=uuid.uuid4)
    shares_account = models.BooleanField(default=False, db_default=False)
    account_type = models.CharField(max_length=40, blank=True)
    next_expiration = models.DateTimeField(null=True, blank=True)
    problem = models.CharField(max_length=40, blank=True)
    # Over the last weeks; None before it was ever estimated.
    credits_per_day = models.FloatField(null=True, blank=True)
    # The warnings that people were sent, and whose reason still lasts (health.py), separated by commas.
    warnings_sent = models.CharField(max_length=100, blank=True)
    # How many generations the hub may have at once, and not another before when.
    slots = models.PositiveSmallIntegerField(default=MAX_SLOTS)
    busy_until = models.DateTimeField(null=True, blank=True)

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
                condition=models.Q(removed_at=None) | models.Q(encrypted_secret="", is_default=False),
                name="key_removed_keeps_no_secret",
            ),
            models.CheckConstraint(
                condition=models.Q(removed_at__isnull=False) | ~models.Q(encrypted_secret=""),
                name="key_present_has_secret",
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
        return not gone and self.problem not in UNUSABLE_CODES

    @property
    def identity(self) -> str:
        """What the encrypted secret is bound to: this row, in this team."""
        return f"key:{self.pk}:team:{self.team_id}"

    def has_free_slot(self, in_flight: int) -> bool:
        """Whether one more may be sent now, while the hub has so many of this key's."""
        return in_flight < self.slots and (self.busy_until is None or self.busy_until <= timezone.now())

    def is_short_of(self, price: int | None) -> bool:
        """Whether the account is known to have less than this price (credits)."""
        return price is not None and self.balance is not None and self.balance < price

    # What the hub says -----------------------------------------------------------------------------------

    def record_balance(self, balance: Balance, *, asked_at: datetime | None = None) -> None:
        """Save what `/credits`, or a finished generation, said of the account; the key works.

        asked_at  when the hub was asked. If the hub refused the key after that, the refusal stands.
        """
        now = timezone.now()
        rows = Key.objects.filter(pk=self.pk)
        if asked_at:
            # Not one "refused" in the future: then a clock was put back, and the next check would change nothing.
            rows = rows.exclude(problem__in=UNUSABLE_CODES, checked_at__gt=asked_at, checked_at__lte=now)
        told = {"told_balance": balance.credits, "told_at": asked_at} if asked_at else {}
        known = _known_from(balance)
        self._update_others_of_account(**{name: known[name] for name in OF_ACCOUNT})
        self._update(rows, **known, **told, check_lease_until=None)

    def record_problem(self, code: str) -> None:
        """Save the code for why the key, or the hub, did not answer as it should.

        A hub that can't be asked doesn't bring a dead key back to life, whatever this instance remembers of it.
        """
        rows = Key.objects.filter(pk=self.pk)
        unless_dead = rows if code in UNUSABLE_CODES else rows.exclude(problem__in=UNUSABLE_CODES)
        seen = {"checked_at": timezone.now(), "check_lease_until": None}
        if not self._update(unless_dead, problem=code[:40], **seen):
            self._update(rows, **seen)

    def record_used(self, credits: int) -> None:
        """Note that the hub took `credits` with this key; the next look at its balance corrects the sum."""
        self._update_others_of_account(balance=models.F("balance") - credits)
        Key.objects.filter(pk=self.pk).update(last_used_at=timezone.now(), balance=models.F("balance") - credits)

    def record_returned(self, credits: int) -> None:
        """Note that the hub gave `credits` back, where it did not say what is left."""
        if credits:
            self._update_others_of_account(balance=models.F("balance") + credits)
            Key.objects.filter(pk=self.pk).update(balance=models.F("balance") + credits)

    def record_answer(self, balance: Balance | None, *, returned: int, asked_at: datetime | None) -> None:
        """Note what a finished generation told of the account; `returned` credits came back where it told nothing."""
        if balance and balance.credits is not None:
            self.record_balance(balance, asked_at=asked_at)
        else:
            self.record_returned(returned)

    def record_accepted(self) -> None:
        """One more at once from now on, up to the most."""
        Key.objects.filter(pk=self.pk, slots__lt=MAX_SLOTS).update(slots=models.F("slots") + 1)

    def record_busy(self, in_flight: int, retry_after: float | None) -> None:
        """The hub said 429: half as many at once, and none before it said (`retry_after` in seconds).

        Several may hear it at once: none of them gives back what another took, or shortens the wait.
        """
        most = MAX_BUSY_INTERVAL.total_seconds()
        wait = timedelta(seconds=min(retry_after, most)) if retry_after else BUSY_INTERVAL
        until, slots = timezone.now() + wait, max(in_flight // 2, 1)
        rows = Key.objects.filter(pk=self.pk)
        self._update(rows.filter(slots__gt=slots), slots=slots)
        self._update(rows.filter(models.Q(busy_until=None) | models.Q(busy_until__lt=until)), busy_until=until)

    def record_credits_per_day(self, credits_per_day: float) -> None:
        """Save how many credits a day it has been spending lately."""
        self._update(Key.objects.filter(pk=self.pk), credits_per_day=credits_per_day)

    def record_warnings_sent(self, warnings: list[str]) -> bool:
        """Note what people are sent, before they are. False when another worker did meanwhile."""
        unchanged = Key.objects.filter(pk=self.pk, warnings_sent=self.warnings_sent)
        return self._update(unchanged, warnings_sent=",".join(warnings))

    def record_pending(self, pending: int, undecided: int) -> None:
        """Save how much work a retiring key still waits for: what moves by itself, and what a person must settle."""
        counted = {"pending_count": pending, "undecided_count": undecided}
        self._update(Key.objects.retiring().filter(pk=self.pk).exclude(**counted), **counted)

    def _update_others_of_account(self, **changes: Any) -> None:
        """Write what is the account's with its other keys, locked in the order of their ids as everywhere."""
        if not self.shares_account:
            return
        with transaction.atomic():
            of_account = Key.objects.filter(team=self.team_id, account=self.account)
            locked = list(of_account.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
            Key.objects.filter(pk__in=locked).exclude(pk=self.pk).update(**changes)

    def _update(self, rows: models.QuerySet["Key"], **changes: object) -> bool:
        """Change the row where it is as `rows` wants it. This instance then says what the row says."""
        changed = bool(rows.update(**changes))
        said = changes if changed else Key.objects.filter(pk=self.pk).values(*changes).first()
        for name, value in (said or {}).items():
            setattr(self, name, value)
        return changed

    # The end of a key, under the team's lock -------------------------------------------------------------

    def retire(self) -> None:
        """Send nothing new with it; its secret goes once no work in flight needs it."""
        self.is_default, self.retiring_since, self.pending_count = False, timezone.now(), None
        self.save(update_fields=["is_default", "retiring_since", "pending_count"])

    def destroy_secret(self) -> None:
        """Destroy the secret now. The row stays, for the ledger that names it."""
        self.encrypted_secret, self.is_default, self.removed_at = "", False, timezone.now()
        self.save(update_fields=["encrypted_secret", "is_default", "removed_at"])


# Of what the hub tells with a key, what is its account's.
OF_ACCOUNT = ("balance", "balance_at", "account_type", "next_expiration")


def _known_from(balance: Balance) -> dict[str, object]:
    """What a key's row says after the hub has told its balance: it works."""
    now = timezone.now()
    return {
        "checked_at": now,
        "balance_at": now,
        "balance": balance.credits,
        "account_type": balance.account_type[:40],
        "next_expiration": balance.next_expiration,
        "problem": "",
    }


class CachedModelList(models.Model):
    """The hub's model list as it was last read: one row, written by the worker, read by every form."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    hub_url = models.CharField(max_length=300)
    models_read = models.JSONField(default=list)
    sandbox = models.BooleanField(default=False)
    read_at = models.DateTimeField(null=True)

    class Meta:
        constraints = [models.CheckConstraint(condition=models.Q(id=1), name="model_list_one_row")]

    def __str__(self) -> str:
        return f"Models of {self.hub_url}"
