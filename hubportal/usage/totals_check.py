"""Whether the totals agree with the ledger, told cheaply enough to ask on any day."""

from typing import Any

from django.db.models import Count, F, QuerySet, Sum

from hubportal.teams.models import Team
from hubportal.usage.models import DailyTotal, LedgerEntry, MonthlyTotal
from hubportal.usage.models.totals import SPENT

_ENTRIES = F("charges") + F("refunds") + F("corrections")


def teams_that_differ() -> list[Team]:
    """Teams whose totals by day or by month add up to other credits, pictures or entries than their ledger.

    One statement, so that all three are seen as of one moment. What stands under a wrong name, key, model or day is
    not seen; a recount sees that. Teams whose time is up are left out: what is left of them goes bit by bit.
    """
    ledger = _by_team(LedgerEntry.objects.of_generations(), Sum("credits"), Count("pk"))
    days, months = (_by_team(rows, Sum(SPENT), Sum(_ENTRIES)) for rows in (DailyTotal.objects, MonthlyTotal.objects))
    sums: dict[int, list[tuple[int, ...]]] = {}
    for team, *found in ledger.union(days, months, all=True):
        sums.setdefault(team, []).append(tuple(found))
    differing = [team for team, found in sums.items() if len(found) < 3 or len(set(found)) > 1]
    over = Team.objects.past_grace().order_by().values("pk")
    return list(Team.objects.filter(pk__in=differing).exclude(pk__in=over).order_by("slug"))


def _by_team(rows: Any, credits: Any, entries: Any) -> QuerySet[Any, tuple[int, ...]]:
    sums: QuerySet[Any, tuple[int, ...]] = (
        rows.order_by().values_list("team").annotate(sum_credits=credits, sum_pictures=Sum("pictures"), number=entries)
    )
    return sums
