"""The monthly report: what a team spent in a month that is over, told once to those who want it.

A month turns in the team's own time zone. Whoever writes the month's row tells of it, in the same transaction: the task
may run twice. A report that nobody could send in a month's first days is not sent any more.
"""

from collections import defaultdict
from collections.abc import Iterable, Iterator
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef
from django.urls import reverse

from hubportal.notifications.outbox import notify
from hubportal.teams.models import Team
from hubportal.teams.permissions import Permission
from hubportal.usage.budget_check import BudgetUse, spent_in
from hubportal.usage.budget_wording import name_of_budget
from hubportal.usage.models import Budget, MonthlyReport, Scope, today
from hubportal.usage.months import Month
from hubportal.usage.notification_events import MONTHLY_REPORT
from hubportal.usage.periods import By, Period
from hubportal.usage.report import Line, Report, sum_of
from hubportal.usage.wording import name_of

# A site that was off on the first sends it up to this day. One that is new to reports tells of no month long over.
LAST_DAY = 7
BATCH_SIZE = 100
# Of projects, people and budgets; the page has them all.
MOST_LINES = 10


def send_due_reports() -> bool:
    """Report to some of the teams whose month is over. True while there may be more."""
    due = list(due_reports())
    for team, month in due:
        report_month(team, month)
    return len(due) >= BATCH_SIZE


def due_reports() -> Iterator[tuple[Team, Month]]:
    """Teams in whose time zone a month has just ended, with that month, which is not dealt with yet."""
    for month, zones in _ended_months().items():
        reported = MonthlyReport.objects.filter(team=OuterRef("pk"), month=month.first)
        teams = Team.objects.filter(~Exists(reported), time_zone__in=zones)
        for team in teams.order_by("pk")[:BATCH_SIZE]:
            yield team, month


def _ended_months() -> dict[Month, list[str]]:
    """Months that ended some days ago at most, with the teams' zones in which they did."""
    ended = defaultdict(list)
    for zone in Team.objects.order_by().values_list("time_zone", flat=True).distinct():
        now = today(zone)
        if now.day <= LAST_DAY:
            ended[Month.of(now).before].append(zone)
    return ended


@transaction.atomic
def report_month(team: Team, month: Month) -> bool:
    """Tell of a month. False where that was done before, or nothing moved in it."""
    _row, is_new = MonthlyReport.objects.get_or_create(team=team, month=month.first)
    about = _facts(team, month) if is_new else None
    if about is None:
        return False
    link = f"{reverse('usage:overview', args=[team.slug])}?month={month}"
    notify(MONTHLY_REPORT, team=team, to=Permission.SEE_SPENDING, about=about, link=link, once=f"{team.pk} {month}")
    return True


def _facts(team: Team, month: Month) -> dict[str, Any] | None:
    """Numbers and names as the page of the month has them; None where nothing moved."""
    before = Period.of_month(month.before)
    # Models are not told of, so none is named.
    report = Report(team, Period.of_month(month), (), beside=[before])
    if not report.by_month:
        return None
    sums, people = report.total.sums, report.by_person
    projects = report.by_project if any(line.subject for line in report.by_project) else []
    return {
        "month": str(month),
        "credits": sums.credits,
        "pictures": sums.pictures,
        "came_back": -sums.refunded,
        "before": report.spent_in(before, By.MONTH),
        "projects": _lines(projects),
        "people": _lines(people),
        "budgets": _budgets(team, month, [line.subject.pk for line in people]),
    }


def _lines(lines: list[Line]) -> dict[str, Any]:
    """Name ("" for no project), credits and pictures of the first, and the number and sums of the rest."""
    rest = sum_of(line.sums for line in lines[MOST_LINES:])
    return {
        "lines": [
            [name_of(line.subject) if line.subject else "", line.sums.credits, line.sums.pictures]
            for line in lines[:MOST_LINES]
        ],
        "rest": [len(lines[MOST_LINES:]), rest.credits, rest.pictures],
    }


def _budgets(team: Team, month: Month, people: Iterable[int]) -> list[list[Any]]:
    """Of budgets as they are now, those that are reached first: name, spent, credits, whether it is reached, and
    whether it is one for each person, of which the fullest is told.
    """
    budgets = Budget.objects.filter(team=team).select_related("person", "project", "key").order_by("pk")
    fullest: dict[int, BudgetUse] = {}
    for use in spent_in(month.first, team, list(budgets), people):
        seen = fullest.setdefault(use.budget.pk, use)
        if use.spent > seen.spent:
            fullest[use.budget.pk] = use
    found = sorted(fullest.values(), key=lambda use: (not _is_reached(use), use.budget.pk))
    return [
        [
            *(name_of_budget(use.budget), use.spent, use.budget.credits),
            *(_is_reached(use), use.budget.scope == Scope.EVERYONE),
        ]
        for use in found[:MOST_LINES]
    ]


def _is_reached(use: BudgetUse) -> bool:
    """A closed one, of which nothing is spent, was kept."""
    return use.is_reached and use.spent > 0
