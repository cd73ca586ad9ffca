"""The ledger and the reservations.

A reservation holds credits for work the hub has not accepted yet. When the hub accepts it, it charges: the
reservation goes, a `charge` is written. What comes back is a `refund`. A ledger entry is written once and never
changed: spent = charges + corrections - refunds, on every page.
"""

import uuid
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any, NoReturn

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.keys.models import Key
from hubportal.teams.models import Team


class AppendOnlyError(Exception):
    """Somebody tried to change or take back what the ledger says."""


@dataclass(frozen=True, slots=True)
class Work:
    """What the ledger needs to know of a generation: whose it is and what it runs on."""

    id: uuid.UUID
    team_id: int
    author_id: int
    key_id: uuid.UUID | None
    model: str


class Kind(models.TextChoices):
    CHARGE = "charge"
    REFUND = "refund"
    CORRECTION = "correction"


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def write(self, work: Work, kind: Kind, credits: int, *, pictures: int = 0) -> "LedgerEntry | None":
        """Write one entry, once for each generation and kind; a second time changes nothing.

        `credits` is signed: what a refund gives back is negative. Called inside the transaction that records
        the change it pays for.
        """
        entry, made = self.get_or_create(
            work=work.id,
            kind=kind,
            defaults={
                "team_id": work.team_id,
                "author_id": work.author_id,
                "key_id": work.key_id,
                "model": work.model,
                "credits": credits,
                "pictures": pictures,
            },
        )
        return entry if made else None

    def forget(self, team: Team, most: int) -> int:
        """Let go of up to `most` entries of a team whose time is up (Team.past_grace); the only way any ever goes.

        Returns how many went.
        """
        over = self.filter(team=team, team__deletion_at__lte=timezone.now())
        gone, _ = super(LedgerQuerySet, self.filter(pk__in=list(over.values_list("pk", flat=True)[:most]))).delete()
        return gone

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        raise AppendOnlyError


def today() -> date:
    return timezone.localdate()


class LedgerEntry(models.Model):
    """Credits that moved, for one generation, on one day (in the site's TIME_ZONE)."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ledger")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(Key, null=True, on_delete=models.PROTECT, related_name="+")
    work = models.UUIDField()
    model = models.CharField(max_length=100)
    kind = models.CharField(max_length=10)
    credits = models.IntegerField()
    pictures = models.SmallIntegerField(default=0)
    day = models.DateField(default=today)
    written_at = models.DateTimeField(default=timezone.now)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["work", "kind"], name="ledger_once_a_kind"),
            models.CheckConstraint(
                condition=models.Q(kind=Kind.CHARGE, credits__gte=0)
                | models.Q(kind=Kind.REFUND, credits__lte=0)
                | models.Q(kind=Kind.CORRECTION),
                name="ledger_signs",
            ),
        ]
        indexes = [models.Index(fields=["team", "day"], name="ledger_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.credits:+d} for {self.work}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError


class ReservationQuerySet(models.QuerySet["Reservation"]):
    def reserve(self, work: Work, credits: int) -> None:
        """Set credits aside for new work, until the hub accepts it or it is known that it never will."""
        self.create(work=work.id, team_id=work.team_id, author_id=work.author_id, credits=credits)

    def release(self, work_id: uuid.UUID) -> None:
        self.filter(work=work_id).delete()

    def credits_held(self, team: Team) -> int:
        """Credits set aside in this team."""
        held: int = self.filter(team=team).aggregate(held=models.Sum("credits", default=0))["held"]
        return held


class Reservation(models.Model):
    """Credits promised to one generation that the hub has not accepted yet, as far as anybody knows."""

    work = models.UUIDField(primary_key=True)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="reservations")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    credits = models.PositiveIntegerField()
    made_at = models.DateTimeField(default=timezone.now)

    objects = ReservationQuerySet.as_manager()

    def __str__(self) -> str:
        return f"{self.credits} held for {self.work}"
