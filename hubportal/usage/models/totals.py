"""The ledger added up, by day and by month, so that no page sums history.

A row has what one person spent in one team, for one project, with one key on one model, on one day or in one month.
Invariants:

1. Each row is the plain sum of its ledger entries, and is written in their transaction (LedgerQuerySet.record).
2. A row is only ever added to, by the database itself: what others add at the same moment is not lost.
3. The month's row is written before the day's, and both before a key's. A transaction has the entries of one
   generation, or goes one after the other with its like (generations.recovery). So all who write take rows in the
   same order, and no two of them wait for each other.

Months are kept beside days because a year has too many of the latter. `recount` makes both anew.
"""

import uuid
from datetime import date
from functools import cache
from typing import Any, ClassVar, Protocol, Self

from django.conf import settings
from django.db import connection, models
from django.db.models import Count, F, Q, Sum

from hubportal.teams.models import Team
from hubportal.usage.models.billing import EntryKind

# Stand for no key and no project: a unique constraint takes each NULL for another value.
NO_KEY = NO_PROJECT = uuid.UUID(int=0)
# What tells one row from another, beside its day or month. What is added up: credits and number by kind, pictures.
SUBJECTS = ("team", "author", "project", "key", "model")
SUMS = ("charged", "refunded", "corrected", "charges", "refunds", "corrections", "pictures")
_COLUMNS = {
    EntryKind.CHARGE.value: ("charged", "charges"),
    EntryKind.REFUND.value: ("refunded", "refunds"),
    EntryKind.CORRECTION.value: ("corrected", "corrections"),
    # A pair of them moves credits from one project to another: for each of the two it is a correction.
    EntryKind.TRANSFER.value: ("corrected", "corrections"),
}
# What was spent: the ledger's plain sum.
SPENT = F("charged") + F("refunded") + F("corrected")


class Entry(Protocol):
    """What a total needs to know of a ledger entry."""

    team_id: int
    author_id: int | None
    project_id: uuid.UUID | None
    key_id: uuid.UUID | None
    model: str
    kind: str
    credits: int
    pictures: int
    day: date


def sums_of_entries(prefix: str) -> dict[str, Any]:
    """SUMS, in their order, as aggregates over ledger entries; `prefix` keeps their names from those of fields."""
    kinds: dict[tuple[str, str], list[str]] = {}
    for kind, columns in _COLUMNS.items():
        kinds.setdefault(columns, []).append(kind)
    credits = {name: Sum("credits", filter=Q(kind__in=of), default=0) for (name, _number), of in kinds.items()}
    numbers = {name: Count("pk", filter=Q(kind__in=of)) for (_credits, name), of in kinds.items()}
    sums = {**credits, **numbers, "pictures": Sum("pictures", default=0)}
    return {f"{prefix}{name}": sums[name] for name in SUMS}


class TotalQuerySet[M: "Total"](models.QuerySet[M]):
    def add(self, entry: Entry) -> None:
        """Count one entry more, in one statement: neither a row nor an addition of somebody else's is lost."""
        credits, number = _COLUMNS[entry.kind]
        values = {
            self.model.span: self.model.start_of(entry.day),
            "team": entry.team_id,
            "author": entry.author_id,
            "project": entry.project_id or NO_PROJECT,
            "key": entry.key_id or NO_KEY,
            "model": entry.model,
            **dict.fromkeys(SUMS, 0),
            credits: entry.credits,
            number: 1,
            "pictures": entry.pictures,
        }
        fields = _fields(self.model)
        row = [fields[name].get_db_prep_save(value, connection) for name, value in values.items()]
        with connection.cursor() as cursor:
            cursor.execute(_upsert_sql(self.model), row)

    def between(self, team: Team, first: date, last: date) -> Self:
        """Rows of a team whose day, or whose month's first day, lies in these days."""
        return self.filter(team=team, **{f"{self.model.span}__range": (first, last)})


class Total(models.Model):
    """`charged` is never negative, `refunded` never positive; credits may be added up as they are."""

    # No index of its own for either: the unique one begins with the team, and nothing is looked for by author alone.
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    author = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    project = models.UUIDField(default=NO_PROJECT, db_default=NO_PROJECT)
    key = models.UUIDField(default=NO_KEY)
    model = models.CharField(max_length=100)
    charged = models.BigIntegerField(default=0)
    refunded = models.BigIntegerField(default=0)
    corrected = models.BigIntegerField(default=0)
    charges = models.BigIntegerField(default=0)
    refunds = models.BigIntegerField(default=0)
    corrections = models.BigIntegerField(default=0)
    pictures = models.BigIntegerField(default=0)

    # The field that says which days a row is the sum of.
    span: ClassVar[str]

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.charged + self.refunded + self.corrected} credits"

    @staticmethod
    def start_of(day: date) -> date:
        """The value of `span` in the row that this day is counted in."""
        raise NotImplementedError


class DailyTotal(Total):
    day = models.DateField()
    span = "day"

    objects = TotalQuerySet["DailyTotal"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "day", "author", "project", "key", "model"], name="daily_total_once"
            )
        ]

    @staticmethod
    def start_of(day: date) -> date:
        return day


class MonthlyTotal(Total):
    month = models.DateField()  # its first day
    span = "month"

    objects = TotalQuerySet["MonthlyTotal"].as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "month", "author", "project", "key", "model"], name="monthly_total_once"
            )
        ]

    @staticmethod
    def start_of(day: date) -> date:
        return day.replace(day=1)


def _fields(model: type[Total]) -> dict[str, Any]:
    return {field.name: field for field in model._meta.concrete_fields}


@cache
def _upsert_sql(model: type[Total]) -> str:
    """INSERT, or add to the row that is there: the same words on SQLite and PostgreSQL."""
    quote, fields = connection.ops.quote_name, _fields(model)
    table = quote(model._meta.db_table)
    subjects = [quote(fields[name].column) for name in (model.span, *SUBJECTS)]
    sums = [quote(fields[name].column) for name in SUMS]
    values = ", ".join(["%s"] * (len(subjects) + len(sums)))
    added = ", ".join(f"{column} = {table}.{column} + excluded.{column}" for column in sums)
    return (
        f"INSERT INTO {table} ({', '.join(subjects + sums)}) VALUES ({values}) "  # noqa: S608 - names from the model
        f"ON CONFLICT ({', '.join(subjects)}) DO UPDATE SET {added}"
    )
