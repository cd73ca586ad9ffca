"""One generation: what was asked, how far it got, what it cost. Its verbs are the only way its state changes."""

import uuid
from collections.abc import Collection
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.accounting import Settled, clamp_record, settle
from hubportal.generations.intervals import look_interval
from hubportal.generations.models.image import Image
from hubportal.generations.models.queries import SEND_LEASE, GenerationQuerySet, Order
from hubportal.generations.states import FINAL, MOVING, Effort, State, Visibility
from hubportal.hub.records import GenerationRecord
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models import BilledGeneration, EntryKind, LedgerEntry, Reservation


class Generation(models.Model):
    """A request for pictures. `effort` is the quality asked for; `tier` the resolution delivered and billed."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="generations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="generations")
    key = models.ForeignKey(Key, null=True, on_delete=models.PROTECT, related_name="+")
    form_token = models.UUIDField(default=uuid.uuid4)
    parent = models.OneToOneField("self", null=True, on_delete=models.PROTECT, related_name="retry")
    # Asked.
    prompt = models.TextField()
    model = models.CharField(max_length=100)
    size = models.CharField(max_length=20, default="auto")
    effort = models.CharField(max_length=10, default=Effort.AUTO)
    n = models.PositiveSmallIntegerField(default=1)
    visibility = models.CharField(max_length=10, default=Visibility.TEAM)
    expected_credits = models.PositiveIntegerField(null=True)
    created_at = models.DateTimeField(default=timezone.now)
    # How far it got. `version` grows with every change a card shows.
    state = models.CharField(max_length=10, default=State.WAITING)
    version = models.PositiveIntegerField(default=1)
    due_at = models.DateTimeField(null=True)
    lease_until = models.DateTimeField(null=True)
    held_until = models.DateTimeField(null=True, help_text="the hub asked not to be looked at before")
    attempts = models.PositiveSmallIntegerField(default=0)
    tried_since = models.DateTimeField(null=True, help_text="since when nothing of it gets through to the hub")
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
    # Credits: taken on acceptance, and given back later.
    charged = models.PositiveIntegerField(null=True)
    returned = models.PositiveIntegerField(default=0)

    objects = GenerationQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["author", "form_token"], name="generation_once_a_form"),
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
                condition=Q(tried_since=None) | Q(state__in=(State.WAITING, State.SENDING)),
                name="generation_tried_before_it_is_sent",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], name="generation_newest"),
            models.Index(fields=["state", "due_at"], condition=Q(state__in=MOVING), name="generation_due"),
        ]

    def __str__(self) -> str:
        return f"{self.prompt[:40]} ({self.state})"

    # What a page asks ------------------------------------------------------------------------------------

    @property
    def work(self) -> BilledGeneration:
        return BilledGeneration(self.pk, self.team_id, self.author_id, self.key_id, self.model)

    @property
    def order(self) -> Order:
        """What was asked, to be asked again."""
        return Order(
            prompt=self.prompt,
            model=self.model,
            size=self.size,
            effort=self.effort,
            n=self.n,
            visibility=self.visibility,
            credits=self.expected_credits,
        )

    @property
    def is_moving(self) -> bool:
        """Whether its card will change by itself."""
        return self.state in MOVING

    @property
    def cost(self) -> int | None:
        """Credits it has cost so far; None while the hub has not taken any."""
        return None if self.charged is None else self.charged - self.returned

    @property
    def duration(self) -> timedelta:
        """From submitting to the end, or to now."""
        return (self.finished_at or timezone.now()) - self.created_at

    # Verbs -----------------------------------------------------------------------------------------------

    def _move(self, from_states: Collection[str], only: Q = Q(), **changes: Any) -> bool:  # noqa: B008
        """Change the row if it is still in one of these states; a lost race is False, not an error."""
        rows = Generation.objects.filter(only, pk=self.pk, state__in=from_states)
        if not rows.update(version=F("version") + 1, **changes):
            return False
        self.refresh_from_db(fields=["version", *changes])
        return True

    def renew_lease(self) -> None:
        """Say that the POST is still under way."""
        rows = Generation.objects.filter(pk=self.pk, state=State.SENDING)
        rows.update(lease_until=timezone.now() + SEND_LEASE)

    def not_sent_since(self, code: str) -> datetime:
        """Since when it does not get through for such a reason; now, if that is new.

        What it waited for its turn does not count, and a hub that says it is busy can be reached.
        """
        is_as_before = (code == "busy") == (self.error_code == "busy")
        return self.tried_since if self.tried_since and is_as_before else timezone.now()

    def record_not_sent(self, code: str, *, again_in: timedelta) -> bool:
        """Nothing reached the hub, or it had no time: wait, and try again."""
        return self._move(
            (State.SENDING,),
            state=State.WAITING,
            due_at=timezone.now() + again_in,
            lease_until=None,
            error_code=code,
            tried_since=self.not_sent_since(code),
        )

    @transaction.atomic
    def record_accepted(self, record: GenerationRecord) -> bool:
        """The hub gave an id, and took its credits. Also when the answer came after the lease ran out.

        Raises IntegrityError when another generation of the team has this id.
        """
        now = timezone.now()
        record = clamp_record(record, n=self.n, expected=self.expected_credits)
        # What was charged before a doubt is not charged again. A finished record says what is left of the charge.
        said = (self.charged, record.credits_requested, self.expected_credits, record.credits, 0)
        charged = next(credits for credits in said if credits is not None)
        is_new = self.charged is None
        moved = self._move(
            (State.SENDING, State.UNKNOWN),
            state=State.RUNNING,
            hub_id=record.id,
            hub_status=record.status[:60],
            accepted_at=now,
            charged=charged,
            due_at=now + look_interval(timedelta()),
            lease_until=None,
            tried_since=None,
            error_code="",
            error_message="",
        )
        if moved:
            Reservation.objects.release(self.pk)
            LedgerEntry.objects.record(self.work, EntryKind.CHARGE, charged, pictures=self.n)
            if self.key and is_new:
                self.key.record_used(charged)
        return moved

    def record_look(self, hub_status: str = "", *, trouble: str = "", again_in: timedelta | None = None) -> None:
        """Nothing final yet: keep the hub's word, or why nothing is heard of it (`trouble`), and set the next look."""
        now = timezone.now()
        age = now - (self.accepted_at or now)
        pause = max(again_in or timedelta(), look_interval(age))
        held = now + again_in if again_in else None
        changes: dict[str, Any] = {"due_at": now + pause, "held_until": held, "lease_until": None}
        told = {"hub_status": hub_status[:60] or self.hub_status, "error_code": trouble[:60]}
        if told != {name: getattr(self, name) for name in told}:
            changes |= {**told, "version": F("version") + 1}
        Generation.objects.filter(pk=self.pk, state=State.RUNNING, answered_at=None).update(**changes)

    @transaction.atomic
    def record_answered(self, record: GenerationRecord) -> list[Image]:
        """The hub has finished. Book what came back, and note the pictures to fetch.

        Returns the pictures now to be kept. They decide, whatever the hub calls its end: without any it has failed.
        """
        now = timezone.now()
        record = clamp_record(record, n=self.n, expected=self.expected_credits)
        settled = settle(record, charged=self.charged or 0, n=self.n)
        ending: dict[str, Any] = {"error_code": ""}
        if not record.images:
            code = "noImages" if record.outcome == "succeeded" else record.error_code or "generationFailed"
            ending = {
                "state": State.FAILED,
                "finished_at": now,
                "error_code": code[:60],
                "error_message": record.error_message[:2000],
            }
        moved = self._move(
            (State.RUNNING,),
            Q(answered_at=None),
            answered_at=now,
            hub_status=record.status[:60],
            aspect_ratio=record.aspect_ratio[:12],
            tier=record.tier[:12],
            returned=settled.returned,
            charged=settled.charged,
            due_at=None,
            lease_until=None,
            **ending,
        )
        if not moved:
            return []
        self._book(settled)
        if self.key and record.balance and record.balance.credits is not None:
            self.key.record_balance(record.balance)
        elif self.key:
            self.key.record_returned(settled.returned - settled.correction)
        return Image.objects.bulk_create(
            Image(
                generation=self,
                team_id=self.team_id,
                position=at,
                hub_id=image.id[:128],
                url=image.url,
                due_at=now,
            )
            for at, image in enumerate(record.images)
        )

    def _book(self, settled: Settled) -> None:
        if settled.correction:
            LedgerEntry.objects.record(self.work, EntryKind.CORRECTION, settled.correction)
        if settled.returned or settled.missing:
            LedgerEntry.objects.record(self.work, EntryKind.REFUND, -settled.returned, pictures=-settled.missing)

    def record_pictures_tried(self) -> bool:
        """Done, once every picture is here or was tried in vain once (it is tried on for a day)."""
        # One after the other: of two pictures that are kept at once, neither transaction sees the other's.
        Generation.objects.select_for_update().get(pk=self.pk)
        untried = self.images.filter(kept_at=None, tries=0).exists()
        if not untried and self._move((State.RUNNING,), state=State.SUCCEEDED, finished_at=timezone.now()):
            return True
        return self._move((State.SUCCEEDED,))

    @transaction.atomic
    def record_refused(self, code: str, message: str) -> bool:
        """The hub, or we, said a clear no before anything was charged. Also when that came after the lease ran out."""
        moved = self._move(
            (State.WAITING, State.SENDING, State.UNKNOWN),
            Q(hub_id=""),
            state=State.FAILED,
            finished_at=timezone.now(),
            due_at=None,
            lease_until=None,
            tried_since=None,
            error_code=code[:60],
            error_message=message[:2000],
        )
        if moved:
            Reservation.objects.release(self.pk)
        return moved

    def record_unknown(self, code: str, *, balance_after: int | None = None) -> bool:
        """Nobody can tell whether the hub accepted it. The reservation stays until somebody can."""
        return self._move(
            (State.SENDING, State.RUNNING),
            state=State.UNKNOWN,
            due_at=None,
            lease_until=None,
            tried_since=None,
            error_code=code[:60],
            balance_after=balance_after,
            doubted_at=timezone.now(),
        )

    # What people decide ----------------------------------------------------------------------------------

    @transaction.atomic
    def cancel(self) -> bool:
        """Withdraw it before it was sent. False when it is under way already."""
        moved = self._move(
            (State.WAITING,),
            state=State.CANCELLED,
            finished_at=timezone.now(),
            due_at=None,
            tried_since=None,
            error_code="",
        )
        if moved:
            Reservation.objects.release(self.pk)
        return moved

    @transaction.atomic
    def settle_as_accepted(self, by: User) -> bool:
        """Somebody knows that it went through, not under what id: it cost its price, its pictures are lost to us."""
        charged = self.charged if self.charged is not None else self.expected_credits or 0
        moved = self._settle(by, "acceptedUnseen", charged=charged)
        if moved:
            LedgerEntry.objects.record(self.work, EntryKind.CHARGE, charged)
        return moved

    @transaction.atomic
    def settle_as_not_accepted(self, by: User) -> bool:
        """Somebody knows that it did not go through: it cost nothing, and what was booked comes back."""
        charged = self.charged or 0
        moved = self._settle(by, "notAccepted", returned=charged)
        if moved and charged:
            LedgerEntry.objects.record(self.work, EntryKind.REFUND, -charged, pictures=-self.n)
        return moved

    def _settle(self, by: User, code: str, **changes: Any) -> bool:
        now = timezone.now()
        moved = self._move(
            (State.UNKNOWN,),
            state=State.FAILED,
            error_code=code,
            finished_at=now,
            settled_at=now,
            settled_by=by,
            **changes,
        )
        if moved:
            Reservation.objects.release(self.pk)
        return moved

    @transaction.atomic
    def recover(self, key: Key, record: GenerationRecord, by: User) -> list[Image]:
        """Take up the hub's own record of it, as this key found it, with its pictures. Returns those to be kept.

        Only an `unknown` one can be taken up. Raises IntegrityError when another generation has this id.
        """
        # The key first: what the acceptance books is booked on it.
        if not self._move((State.UNKNOWN,), key=key, settled_at=timezone.now(), settled_by=by):
            return []
        self.record_accepted(record)
        return [] if record.outcome == "running" else self.record_answered(record)

    @transaction.atomic
    def record_found_elsewhere(self) -> None:
        """What was said to have gone through unseen was found: the one that took it up books it, not this one."""
        charged = self.charged or 0
        if self._move((State.FAILED,), Q(error_code="acceptedUnseen"), returned=charged) and charged:
            LedgerEntry.objects.record(self.work, EntryKind.REFUND, -charged)
