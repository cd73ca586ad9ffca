"""What is asked of many generations at once, and how one begins: submitted, claimed, or found left behind."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from django.db import models, transaction
from django.db.models import F, Q
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.intervals import WATCHED
from hubportal.generations.models.reference import Reference, ReferenceFile
from hubportal.generations.states import Effort, State, Visibility
from hubportal.hub.records import GenerationRecord
from hubportal.keys.models import Key
from hubportal.teams.models import Membership, Team
from hubportal.usage.models import Reservation

if TYPE_CHECKING:
    from hubportal.generations.models.generation import Generation

# Renewed while the POST is under way (steps/lease.py).
SEND_LEASE = timedelta(seconds=40)
LOOK_LEASE = timedelta(seconds=60)


@dataclass(frozen=True, slots=True)
class Order:
    """What a person asked for, checked. `credits` is the price for all pictures, None where nobody knows it."""

    prompt: str
    model: str
    size: str = "auto"
    effort: str = Effort.AUTO
    n: int = 1
    visibility: str = Visibility.TEAM
    credits: int | None = None


class GenerationQuerySet(models.QuerySet["Generation"]):
    def visible_to(self, membership: Membership) -> "GenerationQuerySet":
        """What this person may see in this team: private work is its author's alone."""
        open_to_all = Q(visibility=Visibility.TEAM) | Q(author=membership.user_id)
        return self.filter(open_to_all, team=membership.team_id)

    def newest(self) -> "GenerationQuerySet":
        return self.order_by("-created_at", "-pk")

    def for_cards(self) -> "GenerationQuerySet":
        """With all that a card shows, its successor too, in a fixed number of queries."""
        return self.select_related("author", "key", "team", "retry").prefetch_related("images", "references")

    @transaction.atomic
    def submit(
        self,
        team: Team,
        author: User,
        order: Order,
        *,
        references: Sequence[tuple[ReferenceFile, str]] = (),
        token: uuid.UUID | None = None,
        parent: "Generation | None" = None,
    ) -> tuple["Generation", bool]:
        """Save the intent, its references and its reservation; say whether it is new.

        A form's one-time `token` seen before gives back the generation it made.
        """
        generation, made = self.get_or_create(
            author=author,
            form_token=token or uuid.uuid4(),
            defaults={
                "team": team,
                "prompt": order.prompt,
                "model": order.model,
                "size": order.size,
                "effort": order.effort,
                "n": order.n,
                "visibility": order.visibility,
                "expected_credits": order.credits,
                "due_at": timezone.now(),
                "parent": parent,
            },
        )
        if made:
            Reference.objects.bulk_create(
                Reference(generation=generation, stored=stored, position=place, name=name[:200])
                for place, (stored, name) in enumerate(references)
            )
            Reservation.objects.reserve(generation.work, order.credits or 0)
        return generation, made

    def claim_for_sending(self, pk: uuid.UUID, key: Key) -> "Generation | None":
        """Write down that the POST is about to start, with this key. None: somebody else has it, or it moved on."""
        now = timezone.now()
        claimed = self.filter(pk=pk, state=State.WAITING, due_at__lte=now).update(
            state=State.SENDING,
            key=key,
            balance_before=key.balance,
            sent_at=now,
            lease_until=now + SEND_LEASE,
            due_at=None,
            attempts=F("attempts") + 1,
            version=F("version") + 1,
        )
        return self.select_related("key", "team").get(pk=pk) if claimed else None

    def claim_for_looking(self, most: int) -> list["Generation"]:
        """Take up to `most` running generations that are due a look, the longest due first."""
        now = timezone.now()
        free = Q(lease_until=None) | Q(lease_until__lt=now)
        with transaction.atomic():
            due = self.filter(free, state=State.RUNNING, due_at__lte=now).order_by("due_at")
            if transaction.get_connection().features.has_select_for_update_skip_locked:
                due = due.select_for_update(skip_locked=True)
            ids = list(due.values_list("pk", flat=True)[:most])
            if ids:
                self.filter(pk__in=ids).update(lease_until=now + LOOK_LEASE)
        return list(self.filter(pk__in=ids).select_related("key"))

    @transaction.atomic
    def retry(self, old: "Generation", author: User, credits: int | None) -> tuple["Generation", bool]:
        """Ask once more for what did not come: one new generation, linked to the old; a second time gives the first.

        `credits` is today's price.
        """
        old = self.select_for_update().get(pk=old.pk)
        again = self.filter(parent=old).first()
        if again is not None:
            return again, False
        references = [(used.stored, used.name) for used in old.references.select_related("stored")]
        order = replace(old.order, credits=credits)
        return self.submit(old.team, author, order, references=references, parent=old)

    @transaction.atomic
    def recover(self, old: "Generation", key: Key, record: GenerationRecord, by: User) -> "Generation":
        """Take up a record of the hub's that none of ours has, as a new generation that asks the same as `old`.

        Raises IntegrityError when one of ours has this id.
        """
        came = 0 if record.outcome == "running" else len(record.images)
        n = min(came or old.n, 4)
        price = None if old.expected_credits is None else old.expected_credits * n // old.n
        new, _made = self.submit(old.team, by, replace(old.order, n=n, credits=price))
        claimed = self.claim_for_sending(new.pk, key)
        if claimed is None:
            raise RuntimeError("claimed by somebody before it was committed")
        claimed.record_accepted(record)
        old.record_found_elsewhere()
        if record.outcome != "running":
            claimed.record_answered(record)
        return claimed

    def in_flight(self) -> "GenerationQuerySet":
        """Those the hub has to do with now: being sent, or painted."""
        return self.filter(state__in=(State.SENDING, State.RUNNING), answered_at=None)

    def look_soon(self) -> int:
        """Somebody watches these: bring their next look forward, but not against the hub's wish. Returns how many."""
        soon = timezone.now() + WATCHED
        held = Q(held_until__gt=soon)
        return self.filter(~held, state=State.RUNNING, answered_at=None, due_at__gt=soon).update(due_at=soon)

    def left_waiting(self, now: datetime) -> "GenerationQuerySet":
        return self.filter(state=State.WAITING, due_at__lte=now)

    def left_sending(self, now: datetime) -> "GenerationQuerySet":
        return self.filter(state=State.SENDING, lease_until__lt=now)
