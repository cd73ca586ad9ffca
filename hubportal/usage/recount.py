"""The totals counted anew from the ledger, while the site runs."""

from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connection, transaction
from django.db.models import QuerySet, Sum

from hubportal.teams.models import Team
from hubportal.usage.models import DailyTotal, LedgerEntry, MonthlyTotal
from hubportal.usage.models.totals import NO_KEY, NO_PROJECT, SUMS, Total, sums_of_entries
from hubportal.usage.months import Month

# What tells the rows of one day or month of a team from each other, in this order.
SUBJECTS = ("author", "project", "key", "model")
type Counted = dict[tuple[Any, ...], tuple[int, ...]]  # SUMS, by the values of SUBJECTS


@dataclass(frozen=True, slots=True)
class Difference:
    """A day or a month of a team whose totals were not the sums of the ledger, and are now.

    kept, counted   credits spent: as the totals had them, as the ledger has them. They are the same where credits
                    stood under another name, key or model
    rows            how many rows were wrong, missing or too many
    """

    day: date
    kept: int
    counted: int
    rows: int


@dataclass(frozen=True, slots=True)
class Recounted:
    """What a recount has looked at, and what it corrected."""

    days: int
    months: int
    wrong_days: list[Difference]
    wrong_months: list[Difference]


def recount(team: Team) -> Recounted:
    """Correct a team's totals, in one transaction for each day and each month.

    Whoever adds to totals waits while a day is counted, so nothing is counted twice or not at all. If it
    is stopped half-way, some days are right and the others as they were. Raises Team.DoesNotExist where the team is
    deleted meanwhile.
    """
    entries = (
        LedgerEntry.objects.of_generations().filter(team=team).order_by("day").values_list("day", flat=True).distinct()
    )
    days = sorted({*entries, *DailyTotal.objects.filter(team=team).values_list("day", flat=True).distinct()})
    kept_months = MonthlyTotal.objects.filter(team=team).values_list("month", flat=True).distinct()
    months = sorted({*kept_months, *(day.replace(day=1) for day in days)})
    return Recounted(
        len(days),
        len(months),
        [wrong for day in days if (wrong := _correct(team, DailyTotal, day))],
        [wrong for month in months if (wrong := _correct(team, MonthlyTotal, month))],
    )


@transaction.atomic
def _correct(team: Team, total: type[Total], day: date) -> Difference | None:
    _lock(team)
    rows = total._default_manager.filter(team=team, **{total.span: day})
    kept: Counted = _by_subject(rows.values_list(*SUBJECTS, *SUMS))
    counted = _count_day(team, day) if total is DailyTotal else _count_month(team, day)
    if kept == counted:
        return None
    wrong = [subject for subject in kept.keys() | counted if kept.get(subject) != counted.get(subject)]
    for subject in wrong:
        rows.filter(**dict(zip(SUBJECTS, subject, strict=True))).delete()
    total._default_manager.bulk_create(
        total(team=team, **{total.span: day}, **_fields(subject, counted[subject]))
        for subject in wrong
        if subject in counted
    )
    return Difference(day, _spent(kept), _spent(counted), len(wrong))


def _lock(team: Team) -> None:
    """Wait for those who add to totals, in the order in which they take rows, and keep others waiting meanwhile.

    SQLite has one writer at a time anyway. On PostgreSQL an entry that is not counted yet will be after this. The
    team's row is what new totals refer to; its lock leaves entries of other transactions that refer to it alone.
    """
    team.refresh_from_db(from_queryset=Team.objects.select_for_update(no_key=True))
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for total in (MonthlyTotal, DailyTotal):
                cursor.execute(_lock_sql(total._meta.db_table))


def _lock_sql(table: str) -> str:
    return f'LOCK TABLE "{table}" IN SHARE ROW EXCLUSIVE MODE'


def _count_day(team: Team, day: date) -> Counted:
    entries = LedgerEntry.objects.of_generations().filter(team=team, day=day).order_by()
    return _by_subject(entries.values_list(*SUBJECTS).annotate(**sums_of_entries("sum_")))


def _count_month(team: Team, month: date) -> Counted:
    """From its days, which have been corrected before."""
    days = DailyTotal.objects.between(team, month, Month.of(month).last).order_by()
    return _by_subject(days.values_list(*SUBJECTS).annotate(**{f"sum_{name}": Sum(name) for name in SUMS}))


def _by_subject(rows: QuerySet[Any, tuple[Any, ...]]) -> Counted:
    return {
        (author, project or NO_PROJECT, key or NO_KEY, model): tuple(sums)
        for author, project, key, model, *sums in rows
    }


def _fields(subject: tuple[Any, ...], sums: tuple[int, ...]) -> dict[str, Any]:
    author, project, key, model = subject
    return {"author_id": author, "project": project, "key": key, "model": model, **dict(zip(SUMS, sums, strict=True))}


def _spent(counted: Counted) -> int:
    """Charged, refunded and corrected are the first three of SUMS."""
    return sum(sum(sums[:3]) for sums in counted.values())
