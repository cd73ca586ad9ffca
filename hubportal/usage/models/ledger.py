"""The ledger: what a team's credits went to.

Invariants, each held by a constraint, a trigger or one transaction, and each with a test:

1. A generation has at most one entry of each kind. Its entries add up to what it cost: charge + correction + refund.
2. A charge is never negative, a refund never positive (what comes back has a minus); a correction is either.
   Spent is therefore the plain sum, on every page and in every file.
3. An entry is written once and never changed, by nobody: the code, and a trigger of the database, refuse it. It goes
   only with its whole team, after the team's time is up.
4. An entry is written in the transaction that changes the generation it pays for: there is neither one without the
   other.
5. A generation has a reservation from its submission until the hub has accepted it, or it is known that it never
   will. A reservation hangs on that state alone, never on a timer, and is no entry: it moves no credits.
6. A charge replaces the reservation in one transaction, so credits are never counted twice, nor not at all.
7. Totals by day and by month (totals.py) are the sums of the entries: both are written in one transaction.

The ledger is told the generation's id and what it needs to know of it; it never looks at the generation.
"""

from collections.abc import Iterable
from datetime import date
from typing import Any, NoReturn

from django.conf import settings
from django.db import models, transaction
from django.utils import timezone

from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models.billing import BilledGeneration, EntryKind
from hubportal.usage.models.totals import DailyTotal, MonthlyTotal


class AppendOnlyError(Exception):
    """Somebody tried to change or take back what the ledger says."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    @transaction.atomic(savepoint=False)
    def record(
        self, generation: BilledGeneration, kind: EntryKind, credits: int, *, pictures: int = 0
    ) -> "LedgerEntry | None":
        """Write one entry, and count it in the totals, once for each generation and kind.

        A second time changes nothing and returns None.

        credits   signed: what a refund gives back is negative
        pictures  how many were paid for; negative for those that came to nothing

        Called inside the transaction that saves the change it pays for.
        """
        entry, created = self.get_or_create(
            generation_id=generation.id,
            kind=kind,
            defaults={
                "team_id": generation.team_id,
                "author_id": generation.author_id,
                "key_id": generation.key_id,
                "model": generation.model,
                "credits": credits,
                "pictures": pictures,
            },
        )
        if not created:
            return None
        MonthlyTotal.objects.add(entry)
        DailyTotal.objects.add(entry)
        return entry

    def purge_deleted_team(self, team: Team, limit: int) -> int:
        """Delete up to `limit` entries of a team whose time is up (Team.past_grace); the only way any ever goes.

        Returns how many went.
        """
        over = self.filter(team=team, team__deletion_at__lte=timezone.now())
        deleted, _ = super(LedgerQuerySet, self.filter(pk__in=list(over.values_list("pk", flat=True)[:limit]))).delete()
        return deleted

    def update(self, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def delete(self) -> NoReturn:
        raise AppendOnlyError

    def bulk_update(self, objs: Iterable[Any], fields: Iterable[str], batch_size: int | None = None) -> NoReturn:
        raise AppendOnlyError


def today() -> date:
    """Today where the site is, whatever zone the person who asks reads times in."""
    return timezone.localdate(timezone=timezone.get_default_timezone())


class LedgerEntry(models.Model):
    """Credits that moved, for one generation, on one day (in the site's TIME_ZONE)."""

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ledger")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(Key, null=True, on_delete=models.PROTECT, related_name="+")
    generation_id = models.UUIDField()
    model = models.CharField(max_length=100)
    kind = models.CharField(max_length=10)
    credits = models.IntegerField()
    pictures = models.SmallIntegerField(default=0)
    day = models.DateField(default=today)
    written_at = models.DateTimeField(default=timezone.now)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["generation_id", "kind"], name="ledger_once_a_kind"),
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.CHARGE, credits__gte=0)
                | models.Q(kind=EntryKind.REFUND, credits__lte=0)
                | models.Q(kind=EntryKind.CORRECTION),
                name="ledger_signs",
            ),
        ]
        indexes = [models.Index(fields=["team", "day"], name="ledger_by_day")]

    def __str__(self) -> str:
        return f"{self.kind} {self.credits:+d} for {self.generation_id}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError
