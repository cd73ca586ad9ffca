"""One generation: every transition of its state, claims included. Nothing else changes the columns of its progress."""

import uuid
from collections.abc import Collection, Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations import timing
from hubportal.generations.accounting import book, clamp_record, write_booking, write_charge
from hubportal.generations.models.generation_fields import ASKED, GenerationFields
from hubportal.generations.models.generation_lists import GenerationLists
from hubportal.generations.models.image import Image
from hubportal.generations.models.leases import is_free, new_lease
from hubportal.generations.models.reference import Reference, ReferenceFile
from hubportal.generations.notification_events import tell_author
from hubportal.generations.states import State
from hubportal.hub.client import GenerationParameters
from hubportal.hub.records import GenerationRecord
from hubportal.keys.models import Key
from hubportal.listing.search.documents import Searched
from hubportal.listing.search.registry import index_of
from hubportal.teams.models import Team
from hubportal.usage.models import EntryKind, LedgerEntry, Project, Reservation

# What the index knows of a generation besides what was asked (search.py): once it has ended, how, and with which key.
SEARCHED_BY = frozenset({"finished_at", "visibility", "project"})
# With these its author may have to be told (notification_events.py), in the same transaction.
TOLD_WITH = frozenset({"finished_at", "doubted_at"})


class GenerationQuerySet(GenerationLists["Generation"]):
    @transaction.atomic
    def create_waiting(
        self,
        team: Team,
        author: User,
        parameters: GenerationParameters,
        *,
        visibility: str,
        price: int | None,
        project: Project | None = None,
        references: Sequence[tuple[ReferenceFile, str]] = (),
        submission_id: uuid.UUID | None = None,
        parent: "Generation | None" = None,
        remix_of: uuid.UUID | None = None,
    ) -> tuple["Generation", bool]:
        """Save an order that was checked (submission.py), its references (files, names) and its reservation.

        Says whether it is new. `price` is in credits, None where nobody knows it.
        """
        generation, is_new = self.get_or_create(
            author=author,
            submission_id=submission_id or uuid.uuid4(),
            defaults={
                **{name: getattr(parameters, name) for name in ASKED},
                "team": team,
                "visibility": visibility,
                "project": project,
                "expected_credits": price,
                "due_at": timezone.now(),
                "parent": parent,
                "remix_of": remix_of,
            },
        )
        if is_new:
            Reference.save_all(generation, references)
            Reservation.objects.reserve(generation.work, price or 0)
        return generation, is_new

    def claim_for_sending(self, pk: uuid.UUID, key: Key) -> "Generation | None":
        """Write down that the POST is about to start, with this key. None: another worker has it, or it moved on.

        Which generation, with which key, and whether there is room is chosen in worker/scheduling.py, under lock.
        """
        now = timezone.now()
        claimed = self.due_to_send(now).filter(pk=pk)
        if not claimed.update(
            state=State.SENDING,
            key=key,
            balance_before=key.balance,
            sent_at=now,
            due_at=None,
            attempts=F("attempts") + 1,
            version=F("version") + 1,
            **new_lease(now, timing.SEND_LEASE),
        ):
            return None
        Reservation.objects.assign_key(pk, key)
        return self.select_related("key", "team").get(pk=pk)

    def claim_for_polling(self, limit: int) -> list["Generation"]:
        """Claim up to `limit` running generations that are due to be asked about, the longest due first."""
        now = timezone.now()
        with transaction.atomic():
            due = self.open().filter(is_free(now), state=State.RUNNING, due_at__lte=now).order_by("due_at")
            if transaction.get_connection().features.has_select_for_update_skip_locked:
                due = due.select_for_update(skip_locked=True)
            ids = list(due.values_list("pk", flat=True)[:limit])
            if ids:
                self.filter(pk__in=ids).update(**new_lease(now, timing.POLL_LEASE))
        return list(self.filter(pk__in=ids).select_related("key", "team"))

    def renew_poll_lease(self, lease_id: uuid.UUID | None) -> None:
        """Extend the lease of those that were claimed together and are still to be asked about."""
        mine = self.filter(state=State.RUNNING, lease_id=lease_id, lease_until__isnull=False, due_at__isnull=False)
        mine.update(lease_until=timezone.now() + timing.POLL_LEASE)


class Generation(Searched, GenerationFields):
    """A request for pictures, and what became of it (interface.md, Words: the states)."""

    objects = GenerationQuerySet.as_manager()

    class Meta(GenerationFields.Meta):
        abstract = False

    @property
    def retry(self) -> "Generation | None":
        """The generation that asked for the same once more. Prefetched by `for_cards`."""
        return next(iter(self.retries.all()), None)

    @property
    def present_images(self) -> list[Image]:
        """Its pictures, here or to come, without those that were deleted. Prefetched by `for_cards`."""
        return [image for image in self.images.all() if not image.binned_at]

    @property
    def binned_images(self) -> list[Image]:
        """Its pictures that were deleted, in the bin or for good."""
        return [image for image in self.images.all() if image.binned_at]

    def _move(self, from_states: Collection[str], only: Q = Q(), **changes: Any) -> bool:  # noqa: B008
        """Change the row if it is still in one of these states; a lost race is False, not an error."""
        rows = Generation.objects.filter(only, pk=self.pk, state__in=from_states)
        if not (SEARCHED_BY | TOLD_WITH) & changes.keys():
            return self._update(rows, changes)
        with transaction.atomic(savepoint=False):
            moved = self._update(rows, changes)
            if moved and SEARCHED_BY & changes.keys():
                index_of(Generation).update([self.pk])
            if moved and TOLD_WITH & changes.keys():
                tell_author(self)
        return moved

    def _update(self, rows: GenerationQuerySet, changes: dict[str, Any]) -> bool:
        if not rows.update(version=F("version") + 1, **changes):
            return False
        self.refresh_from_db(fields=["version", *changes])
        return True

    def _update_found_pictures(self) -> None:
        """Let its pictures be found by what is true now. The caller's transaction has changed or locked this row."""
        index_of(Image).update(self.images.values_list("pk", flat=True))

    # While it is sent ----------------------------------------------------------------------------------------

    def record_not_sent(self, code: str, *, again_in: timedelta) -> bool:
        """Nothing reached the hub, or it had no time: wait, and try again."""
        return self._move(
            (State.SENDING,),
            state=State.WAITING,
            due_at=timezone.now() + again_in,
            lease_until=None,
            error_code=code,
            unsent_since=self.unsent_since_for(code),
        )

    def record_held(self, code: str, *, again_in: timedelta) -> None:
        """We may not send it now, for this reason: look again later. Only a new reason is news to its card."""
        due_at = timezone.now() + again_in
        if not self._move((State.WAITING,), ~Q(error_code=code), error_code=code, due_at=due_at):
            Generation.objects.filter(pk=self.pk, state=State.WAITING).update(due_at=due_at)

    @transaction.atomic
    def record_accepted(self, record: GenerationRecord) -> bool:
        """The hub gave an id, and charged its credits. Also when the answer came after the lease ran out.

        Raises IntegrityError when another generation of the team has this id.
        """
        now = timezone.now()
        record = clamp_record(record, n=self.n, expected=self.expected_credits)
        # What was charged before a doubt is not charged again. A finished record says what is left of the charge.
        candidates = (self.charged, record.credits_requested, self.expected_credits, record.credits, 0)
        charged = next(credits for credits in candidates if credits is not None)
        is_new = self.charged is None
        moved = self._move(
            (State.SENDING, State.UNKNOWN),
            state=State.RUNNING,
            hub_id=record.id,
            hub_status=record.status[:60],
            accepted_at=now,
            charged=charged,
            due_at=now + timing.poll_interval(timedelta()),
            lease_until=None,
            unsent_since=None,
            error_code="",
            error_message="",
        )
        if moved:
            Reservation.objects.release(self.pk)
            write_charge(self.work, record, charged, reserved=self.expected_credits or 0, pictures=self.n)
            if self.key and is_new:
                self.key.record_used(charged)
        return moved

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
            unsent_since=None,
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
            unsent_since=None,
            error_code=code[:60],
            balance_after=balance_after,
            doubted_at=timezone.now(),
        )

    # While the hub makes it ----------------------------------------------------------------------------------

    def record_polled(self, hub_status: str = "", *, problem: str = "", again_in: timedelta = timedelta()) -> None:
        """Nothing final yet: keep the hub's word, or why nothing is heard of it (`problem`), and set the next look."""
        now = timezone.now()
        pause = max(again_in, timing.poll_interval(now - (self.accepted_at or now)))
        changes: dict[str, Any] = {"due_at": now + pause, "lease_until": None}
        heard = {"hub_status": hub_status[:60] or self.hub_status, "error_code": problem[:60]}
        if heard != {name: getattr(self, name) for name in heard}:
            changes |= {**heard, "version": F("version") + 1}
        Generation.objects.filter(pk=self.pk, state=State.RUNNING, answered_at=None).update(**changes)

    @transaction.atomic
    def record_answered(self, record: GenerationRecord, *, asked_at: datetime | None = None) -> list[Image]:
        """The hub has finished, as it answered to who asked at `asked_at`. Book what came back, note the pictures.

        Returns the pictures now to be downloaded. They decide, whatever the hub calls its end: without any it failed.
        """
        now = timezone.now()
        record = clamp_record(record, n=self.n, expected=self.expected_credits)
        booking = book(record, charged=self.charged or 0, n=self.n)
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
            returned=booking.returned,
            charged=booking.charged,
            due_at=None,
            lease_until=None,
            **ending,
        )
        if not moved:
            return []
        write_booking(self.work, record, booking)
        if self.key:
            self.key.record_answer(record.balance, returned=booking.returned - booking.correction, asked_at=asked_at)
        return Image.objects.create_due(self, record.images)

    def record_downloads_tried(self) -> bool:
        """Done, once every picture is here or one attempt at it failed (it is attempted on for a day)."""
        # One after the other: of two pictures that arrive at once, neither transaction sees the other's.
        Generation.objects.select_for_update().get(pk=self.pk)
        self._update_found_pictures()
        untried = self.images.filter(kept_at=None, tries=0).exists()
        if not untried and self._move((State.RUNNING,), state=State.SUCCEEDED, finished_at=timezone.now()):
            return True
        return self._move((State.SUCCEEDED,))

    # What people decide --------------------------------------------------------------------------------------

    @transaction.atomic
    def record_pictures_changed(self) -> bool:
        """A picture of it was deleted or restored: its card shows something else."""
        moved = self._move(State.values)
        self._update_found_pictures()
        return moved

    @transaction.atomic
    def record_visibility(self, visibility: str) -> bool:
        """Who sees it from now on. False when that is so already."""
        moved = self._move(State.values, ~Q(visibility=visibility), visibility=visibility)
        if moved:
            self._update_found_pictures()
        return moved

    @transaction.atomic
    def record_project(self, project: Project | None) -> bool:
        """What it is for from now on; what it cost goes with it. False when that is so already."""
        # A booking comes before this, or goes to the new project. Two projects' totals: the team's lock (recovery.py).
        before = Generation.objects.select_for_update(of=("self",)).get(pk=self.pk)
        before.team.lock()
        if not self._move(State.values, ~Q(project=project), project=project):
            return False
        Reservation.objects.assign_project(self.pk, self.project_id)
        LedgerEntry.objects.transfer(before.work, self.project_id)
        self._update_found_pictures()
        return True

    @transaction.atomic
    def record_cancelled(self) -> bool:
        """Withdraw it before it was sent. False when it is under way already."""
        moved = self._move(
            (State.WAITING,),
            state=State.CANCELLED,
            finished_at=timezone.now(),
            due_at=None,
            unsent_since=None,
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
    def settle_by_record(
        self, key: Key, record: GenerationRecord, by: User, *, asked_at: datetime | None = None
    ) -> list[Image]:
        """Take up the hub's own record of it, as this key found it. Returns the pictures to be downloaded.

        Only an `unknown` one can be. Raises IntegrityError when another generation has this id.
        """
        # The key first: what the acceptance books is booked on it.
        if not self._move((State.UNKNOWN,), key=key, settled_at=timezone.now(), settled_by=by):
            return []
        self.record_accepted(record)
        return [] if record.outcome == "running" else self.record_answered(record, asked_at=asked_at)

    @transaction.atomic
    def record_found_elsewhere(self) -> None:
        """What was settled as accepted unseen was found: the generation that recovered it books it, not this one."""
        if self._move((State.FAILED,), Q(error_code="acceptedUnseen"), returned=self.charged or 0) and self.charged:
            index_of(Generation).update([self.pk])
            LedgerEntry.objects.record(self.work, EntryKind.REFUND, -self.charged)
