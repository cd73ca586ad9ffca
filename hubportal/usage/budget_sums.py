"""What is spent and reserved of a team's budgets, in one statement, turned into SQL once: orders are checked by it.

One statement, so that on PostgreSQL a charge that replaces a reservation meanwhile is counted once.
"""

from collections.abc import Iterable
from typing import Any

from django.db.models import BooleanField, F, Q, QuerySet, Sum, Value

from hubportal.accounts.models import User
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.teams.models import Team
from hubportal.usage.models import MonthlyTotal, Reservation, Scope
from hubportal.usage.models.totals import SPENT


class Sums:
    """Credits by scope and subject, added up from rows of both tables."""

    def __init__(self, rows: Iterable[list[Any]], person: int | None = None) -> None:
        """`rows` have the key, the project, the sum and whether it is reserved; then what of it is the `person`'s.

        Without a `person` they have each author instead.
        """
        self.spent, self.reserved = _Sum(), _Sum()
        for key, project, credits, is_reserved, who in rows:
            sums, credits = (self.reserved if is_reserved else self.spent), int(credits)
            sums.add(Scope.TEAM, None, credits)
            sums.add(Scope.KEY, key, credits)
            sums.add(Scope.PROJECT, project, credits)
            if person is None:
                sums.add(Scope.PERSON, who, credits)
            else:
                sums.add(Scope.PERSON, person, int(who or 0))

    def of(self, scope: str, subject: Any) -> tuple[int, int]:
        """What is spent and what is reserved."""
        return self.spent[scope, subject], self.reserved[scope, subject]


class _Sum(dict[tuple[str, Any], int]):
    def __missing__(self, _key: tuple[str, Any]) -> int:
        return 0

    def add(self, scope: str, subject: Any, credits: int) -> None:
        self[scope, subject] += credits


def _month() -> QuerySet[MonthlyTotal]:
    return MonthlyTotal.objects.filter(team=Parameter("team", Team, "pk"), month=Parameter("month", MonthlyTotal))


def _reserved() -> QuerySet[Reservation]:
    return Reservation.objects.filter(team=Parameter("team", Team, "pk"))


def _flag(is_reserved: bool) -> Value:
    return Value(is_reserved, output_field=BooleanField())


def _mine() -> Q:
    return Q(author=Parameter("person", User, "pk"))


USE_OF_PERSON: CompiledQuery[Any] = CompiledQuery(
    lambda: (
        _month()
        .values_list("key", "project")
        .annotate(sum=Sum(SPENT), is_reserved=_flag(False), mine=Sum(SPENT, filter=_mine()))
        .union(
            _reserved()
            .values_list("key", "project")
            .annotate(sum=Sum("credits"), is_reserved=_flag(True), mine=Sum("credits", filter=_mine())),
            all=True,
        )
    )
)
USE_BY_PERSON: CompiledQuery[Any] = CompiledQuery(
    lambda: (
        _month()
        .values_list("key", "project")
        .annotate(sum=Sum(SPENT), is_reserved=_flag(False), who=F("author"))
        .union(
            _reserved()
            .values_list("key", "project")
            .annotate(sum=Sum("credits"), is_reserved=_flag(True), who=F("author")),
            all=True,
        )
    )
)
