"""The ledger: what a team's credits went to.

Invariants, each held by a constraint, a trigger or one transaction, and each with a test:

1. A generation has at most one charge, one refund and one correction. They add up to what it cost.
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
8. Moving a generation to another project writes two transfers that add up to nothing, dated today: what was reported
   for a month that is over stays as it was.
9. What moved at the hub without passing here (outside, topup, expiry) is an entry of the account, with the time
   between the two looks that found it. It is spent by nobody: totals leave it out. What the hub takes has a plus here
   too, so that an account's balance falls by the plain sum of all entries of its keys.

The ledger is told the generation's id and what it needs to know of it; it never looks at the generation.
"""

import uuid
from collections.abc import Iterable
from datetime import date, datetime
from functools import cache
from typing import Any, NoReturn

from django.conf import settings
from django.db import connection, models, transaction
from django.utils import timezone

from hubportal.accounts.time_zones import zone_of
from hubportal.keys.models import Key
from hubportal.teams.models import Team
from hubportal.usage.models.billing import OF_ACCOUNTS, OF_GENERATIONS, BilledGeneration, EntryKind
from hubportal.usage.models.project import Project
from hubportal.usage.models.totals import DailyTotal, MonthlyTotal

# What tells one entry of a generation from another.
ONCE = ("generation_id", "kind", "number")


class AppendOnlyError(Exception):
    """Somebody tried to change or take back what the ledger says."""


class LedgerQuerySet(models.QuerySet["LedgerEntry"]):
    def of_generations(self) -> "LedgerQuerySet":
        """What was spent by somebody: without what moved at the hub outside this site."""
        return self.filter(generation_id__isnull=False)

    @transaction.atomic(savepoint=False)
    def record(
        self,
        generation: BilledGeneration,
        kind: EntryKind,
        credits: int,
        *,
        pictures: int = 0,
        balance: int | None = None,
    ) -> "LedgerEntry | None":
        """Write one entry, and count it in the totals, once for each generation and kind.

        A second time changes nothing and returns None.

        credits   signed: what a refund gives back is negative
        pictures  how many were paid for; negative for those that came to nothing
        balance   credits left on the account afterwards, where the hub told

        Called inside the transaction that saves the change it pays for.
        """
        moved = {"kind": kind, "credits": credits, "pictures": pictures, "balance": balance}
        entry = LedgerEntry(generation_id=generation.id, **_facts(generation) | moved)
        if not entry.insert_once():
            return None
        entry.count()
        return entry

    @transaction.atomic(savepoint=False)
    def transfer(self, generation: BilledGeneration, project_id: uuid.UUID | None) -> None:
        """Correct the ledger for a generation that is from now on for another project: off its old one, on to this.

        `generation` is as it was before, and the caller has locked its row.
        """
        of_old_project = models.Q(project_id=generation.project_id) if generation.project_id else models.Q(project=None)
        sums = self.filter(of_old_project, generation_id=generation.id)
        total = sums.aggregate(credits=models.Sum("credits", default=0), pictures=models.Sum("pictures", default=0))
        if not any(total.values()):
            return
        facts = _facts(generation) | {"generation_id": generation.id, "kind": EntryKind.TRANSFER}
        before = self.filter(generation_id=generation.id, kind=EntryKind.TRANSFER).count()
        for number, sign, project in ((before + 1, -1, generation.project_id), (before + 2, 1, project_id)):
            moved = {name: sign * sum_ for name, sum_ in total.items()}
            self.create(**facts | {"project_id": project, "number": number} | moved).count()

    def record_outside(
        self, team: Team, key: Key, kind: EntryKind, credits: int, *, since: datetime, until: datetime, balance: int
    ) -> "LedgerEntry":
        """Write down what moved on a key's account between two looks (UTC), with the balance at the second one."""
        entry: LedgerEntry = self.create(
            team=team,
            key=key,
            kind=kind,
            credits=credits,
            balance=balance,
            since=since,
            written_at=until,
            day=today(team.time_zone),
        )
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


def today(time_zone: str = "") -> date:
    """Today in this zone, the site's TIME_ZONE if "", whatever zone the person who asks reads times in."""
    return timezone.localdate(timezone=zone_of(time_zone) or timezone.get_default_timezone())


def _facts(generation: BilledGeneration) -> dict[str, Any]:
    return {
        "team_id": generation.team_id,
        "author_id": generation.author_id,
        "key_id": generation.key_id,
        "project_id": generation.project_id,
        "model": generation.model,
        "tier": generation.tier,
        "effort": generation.effort,
        "day": today(generation.time_zone),
    }


class LedgerEntry(models.Model):
    """Credits that moved on one day (in the team's time zone): for one generation, or on an account at the hub.

    number  tells the transfers of one generation apart: 1, 2 for the first time it was moved; 0 for other kinds
    since   for what moved outside this site: it did so between then and `written_at`
    """

    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="ledger")
    author = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    key = models.ForeignKey(Key, null=True, on_delete=models.PROTECT, related_name="+")
    project = models.ForeignKey(Project, null=True, on_delete=models.PROTECT, related_name="+", db_index=False)
    generation_id = models.UUIDField(null=True)
    model = models.CharField(max_length=100, blank=True)
    tier = models.CharField(max_length=12, blank=True, default="", db_default="")
    effort = models.CharField(max_length=20, blank=True, default="", db_default="")
    kind = models.CharField(max_length=10)
    number = models.PositiveSmallIntegerField(default=0, db_default=0)
    credits = models.IntegerField()
    pictures = models.SmallIntegerField(default=0)
    balance = models.IntegerField(null=True)
    since = models.DateTimeField(null=True)
    day = models.DateField(default=today)
    written_at = models.DateTimeField(default=timezone.now)

    objects = LedgerQuerySet.as_manager()

    class Meta:
        constraints = [
            # Not for some kinds alone: SQLite doesn't take such an index for a kind that is a parameter.
            models.UniqueConstraint(fields=ONCE, name="ledger_once_a_kind"),
            models.CheckConstraint(
                condition=models.Q(number=0) | models.Q(kind=EntryKind.TRANSFER), name="ledger_numbers_transfers"
            ),
            models.CheckConstraint(
                condition=models.Q(kind=EntryKind.CHARGE, credits__gte=0)
                | models.Q(kind=EntryKind.REFUND, credits__lte=0)
                | models.Q(kind=EntryKind.TOPUP, credits__lt=0)
                | models.Q(kind=EntryKind.EXPIRY, credits__gt=0)
                | models.Q(kind__in=(EntryKind.CORRECTION, EntryKind.TRANSFER, EntryKind.OUTSIDE)),
                name="ledger_signs",
            ),
            models.CheckConstraint(
                condition=models.Q(kind__in=OF_GENERATIONS, generation_id__isnull=False, author__isnull=False)
                | models.Q(kind__in=OF_ACCOUNTS, generation_id=None, author=None, key__isnull=False),
                name="ledger_of_generation_or_account",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "day"], name="ledger_by_day"),
            # What moved outside is little, and is looked for without the rest.
            models.Index(fields=["team", "day"], condition=models.Q(generation_id=None), name="ledger_outside_by_day"),
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.credits:+d} for {self.generation_id or self.key}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise AppendOnlyError
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise AppendOnlyError

    def insert_once(self) -> bool:
        """Write it unless there is one of this generation, kind and number. In one statement, whoever else does so now.

        Neither get_or_create (four statements) nor ignore_conflicts, which on SQLite passes over every constraint.
        """
        fields = self._meta.concrete_fields
        row = [
            field.get_db_prep_save(field.pre_save(self, True), connection) for field in fields if not field.primary_key
        ]
        with connection.cursor() as cursor:
            cursor.execute(_insert_once_sql(), row)
            written = cursor.fetchone()
        if written:
            [self.pk] = written
            self._state.adding = False
        return written is not None

    def count(self) -> None:
        """Count it in the totals, in the transaction that wrote it."""
        MonthlyTotal.objects.add(self)
        DailyTotal.objects.add(self)


@cache
def _insert_once_sql() -> str:
    meta, quote = LedgerEntry._meta, connection.ops.quote_name
    columns = [quote(str(field.column)) for field in meta.concrete_fields if not field.primary_key]
    values = ", ".join(["%s"] * len(columns))
    return (
        f"INSERT INTO {quote(meta.db_table)} ({', '.join(columns)}) VALUES ({values}) "  # noqa: S608 - names from the model
        f"ON CONFLICT ({', '.join(map(quote, ONCE))}) DO NOTHING RETURNING {quote('id')}"
    )
