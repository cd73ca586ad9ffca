"""One act on many pictures, as far as it got. Its transitions are methods here; acts are in selection/acts.py."""

import uuid
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.gallery.models.selection import Selection
from hubportal.gallery.models.states import UNFINISHED, BulkState
from hubportal.generations.models import Image
from hubportal.generations.models.leases import Leased, is_free, new_lease
from hubportal.listing.search.rows import Place
from hubportal.teams.models import Membership, Team

UNDOABLE: Final = (BulkState.DONE, BulkState.CANCELLED)


class BulkChangeQuerySet(models.QuerySet["BulkChange"]):
    def of(self, membership: Membership) -> "BulkChangeQuerySet":
        """What this person began in this team."""
        return self.filter(team=membership.team_id, person=membership.user_id)

    def left_behind(self, now: datetime) -> "BulkChangeQuerySet":
        """Those that go on and that no worker holds."""
        return self.filter(is_free(now), state__in=UNFINISHED)

    def claim(self, pk: uuid.UUID, duration: Any) -> "BulkChange | None":
        """Claim it; None when it is over or another worker's."""
        now = timezone.now()
        if not self.left_behind(now).filter(pk=pk).update(**new_lease(now, duration)):
            return None
        return self.select_related("selection", "team", "person").get(pk=pk)


class BulkChange(Leased):
    """`value` is what the act needs beside the pictures (a project's id).

    `done`: changed, or so already; `refused`: not allowed for this person; `total`: None until somebody counted.
    `last_time` and `last_pk` are where it got to in the selection, newest first. `address` is where the person asked.
    """

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    person = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    selection = models.ForeignKey(Selection, on_delete=models.CASCADE, related_name="changes")
    act = models.CharField(max_length=20)
    value = models.CharField(max_length=64, blank=True)
    address = models.GenericIPAddressField(null=True)
    state = models.CharField(max_length=10, default=BulkState.RUNNING)
    total = models.PositiveIntegerField(null=True)
    done = models.PositiveIntegerField(default=0)
    refused = models.PositiveIntegerField(default=0)
    undone = models.PositiveIntegerField(default=0)
    last_time = models.DateTimeField(null=True)
    last_pk = models.UUIDField(null=True)
    created_at = models.DateTimeField(default=timezone.now)

    objects = BulkChangeQuerySet.as_manager()

    class Meta:
        constraints = [
            models.CheckConstraint(condition=models.Q(state__in=BulkState.values), name="bulk_change_state_known"),
        ]
        indexes = [
            models.Index(
                fields=["state"], condition=models.Q(state__in=["running", "undoing"]), name="bulk_change_open"
            )
        ]

    def __str__(self) -> str:
        return f"{self.act} {self.state} {self.done}/{self.total}"

    @property
    def is_going_on(self) -> bool:
        return self.state in UNFINISHED

    @property
    def place(self) -> Place | None:
        """The last picture it came to."""
        return Place(self.last_time, self.last_pk) if self.last_time else None

    def record_batch(self, *, done: int, refused: int, last: Image | None) -> None:
        """So many more, up to this picture; None: the selection is at its end. The caller holds the row's lock."""
        self.done, self.refused = self.done + done, self.refused + refused
        if last is None:
            self.state, self.total = BulkState.DONE, self.done + self.refused
        else:
            self.last_time, self.last_pk = last.created_at, last.pk
        self.save(update_fields=["done", "refused", "state", "total", "last_time", "last_pk"])

    def record_undone(self, number: int, *, is_last: bool) -> None:
        """So many were put back. The caller holds the row's lock."""
        self.undone += number
        self.state = BulkState.UNDONE if is_last else self.state
        self.save(update_fields=["undone", "state"])

    def record_total(self, total: int) -> None:
        self.total = total
        self.save(update_fields=["total"])

    def record_cancelled(self) -> bool:
        """Stop after the batch that is being done; what was done stays. False when it is over."""
        return self._move((BulkState.RUNNING,), BulkState.CANCELLED)

    def record_undoing(self) -> bool:
        """Begin to put back what was changed. False when it is going on, or was put back already."""
        return self._move(UNDOABLE, BulkState.UNDOING)

    def _move(self, before: tuple[str, ...], after: str) -> bool:
        moved = BulkChange.objects.filter(pk=self.pk, state__in=before).update(state=after, lease_until=None)
        self.refresh_from_db(fields=["state"])
        return bool(moved)


class BulkChangeItem(models.Model):
    """A picture that was changed, and what it was `before`. Gone once that is undone."""

    id = models.BigAutoField(primary_key=True)
    change = models.ForeignKey(BulkChange, on_delete=models.CASCADE, related_name="items", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    before = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["change", "image"], name="bulk_change_once_a_picture")]

    def __str__(self) -> str:
        return f"{self.image_id} was {self.before}"
