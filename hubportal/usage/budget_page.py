"""What the budgets page shows: how full each budget is, what is asked for, and what people may order."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from django.db.models import F, Q
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.hub.image_models import ImageModel
from hubportal.teams.models import Membership, Team
from hubportal.teams.permissions import Permission
from hubportal.usage.budget_check import BudgetUse, budgets_of, first_of_month, next_month, uses_of
from hubportal.usage.budget_forms import subject_value
from hubportal.usage.budget_wording import name_of_budget, state_of_use, what_may_be_ordered, whose_limit
from hubportal.usage.models import Budget, BudgetRequest, OrderLimit, Scope

# Of a budget for each person, those who have used most of it; nobody reads a thousand lines.
MOST_PEOPLE = 50
# How long an answer stays on the page of whoever asked.
ANSWER_SHOWN = timedelta(days=31)


@dataclass(frozen=True, slots=True)
class Row:
    """One budget as the page shows it.

    about     its subject, as BudgetForm calls it
    person    for a line of a budget for each person: whose it is
    is_gone   the person has left, the project is archived, or the key is out of use
    can_ask   whether whoever looks may ask for more
    """

    use: BudgetUse
    name: str
    about: str
    person: User | None = None
    is_gone: bool = False
    can_ask: bool = False

    @property
    def budget(self) -> Budget:
        return self.use.budget

    @property
    def state(self) -> str:
        """In words: used up, nearly used up, closed; "" while all is well."""
        return state_of_use(self.use)

    @property
    def tone(self) -> str:
        return "bad" if self.use.is_reached else "warn" if self.use.is_near else ""

    @property
    def bar(self) -> dict[str, int]:
        """Of a <meter> of 1000: `low` is where it warns, and beyond `high` it is reached."""
        credits = self.budget.credits
        value = min(self.use.taken * 1000 // credits, 1000) if credits else 1000
        return {"value": value, "low": self.budget.warn_at * 10 - 1, "high": 999}


@dataclass(frozen=True, slots=True)
class BudgetsPage:
    """`own` is what the person's orders count against; the rest is for those who manage budgets.

    `limits` are with their names, and what they allow in phrases.
    """

    own: list[Row]
    others: list[Row]
    people: list[Row]
    people_left_out: int
    requests: list[BudgetRequest]
    own_requests: list[BudgetRequest]
    limits: list[tuple[OrderLimit, str, list[str]]]
    resets_on: date


def page_of(membership: Membership, models: Sequence[ImageModel]) -> BudgetsPage:
    """In a fixed number of queries. `models` name those that a limit has by id."""
    team, is_manager = membership.team, membership.has_permission(Permission.MANAGE_BUDGETS)
    rows = _all_rows(team) if is_manager else _own_rows(membership)
    people = sorted((row for row in rows if row.person), key=lambda row: -_share(row.use))
    return BudgetsPage(
        own=[] if is_manager else rows,
        others=[row for row in rows if not row.person] if is_manager else [],
        people=people[:MOST_PEOPLE] if is_manager else [],
        people_left_out=max(len(people) - MOST_PEOPLE, 0),
        requests=list(_open_requests(team)) if is_manager else [],
        own_requests=list(_requests_by(membership)),
        limits=_limits(team, models) if is_manager else [],
        resets_on=next_month(first_of_month(team)),
    )


def _limits(team: Team, models: Sequence[ImageModel]) -> list[tuple[OrderLimit, str, list[str]]]:
    found = OrderLimit.objects.filter(team=team).select_related("person").order_by("role", "pk")
    return [(limit, whose_limit(limit), what_may_be_ordered(limit, models)) for limit in found]


def _own_rows(membership: Membership) -> list[Row]:
    budgets = budgets_of(membership.team, membership.user)
    may_ask = membership.has_permission(Permission.SUBMIT)
    uses = [*budgets.general, *budgets.projects.values()]
    return [
        Row(
            use,
            name_of_budget(use.budget, is_own=True),
            subject_value(use.budget),
            can_ask=may_ask and use.budget.is_hard,
        )
        for use in uses
        if use.budget.project is None or not use.budget.project.is_archived
    ]


def _all_rows(team: Team) -> list[Row]:
    budgets = list(Budget.objects.filter(team=team).select_related("person", "project", "key"))
    members = {one.user_id: one.user for one in Membership.objects.filter(team=team).select_related("user")}
    order = list(Scope.values)
    uses = sorted(uses_of(team, budgets, members), key=lambda use: (order.index(use.budget.scope), -_share(use)))
    headed: list[Row] = []
    for use in uses:
        budget = use.budget
        if budget.scope == Scope.EVERYONE:
            person = members[int(str(use.subject))]
            headed.append(Row(use, person.display_name, subject_value(budget), person=person))
        else:
            is_gone = _is_gone(budget, members)
            headed.append(Row(use, name_of_budget(budget), subject_value(budget), is_gone=is_gone))
    return headed


def _is_gone(budget: Budget, members: Iterable[int]) -> bool:
    if budget.project:
        return budget.project.is_archived
    if budget.key:
        return bool(budget.key.removed_at or budget.key.retiring_since)
    return budget.person_id is not None and budget.person_id not in members


def _share(use: BudgetUse) -> float:
    return use.taken / use.budget.credits if use.budget.credits else 1.0


def _open_requests(team: Team) -> Iterable[BudgetRequest]:
    """Of those who are still in the team, the oldest first."""
    rows = BudgetRequest.objects.filter(
        budget__team=team, answered_at=None, asked_by__memberships__team=F("budget__team")
    )
    return rows.select_related("budget__person", "budget__project", "budget__key", "budget__team", "asked_by").order_by(
        "asked_at", "pk"
    )


def _requests_by(membership: Membership) -> Iterable[BudgetRequest]:
    lately = Q(answered_at=None) | Q(answered_at__gt=timezone.now() - ANSWER_SHOWN)
    rows = BudgetRequest.objects.filter(lately, budget__team=membership.team, asked_by=membership.user)
    related = ("budget__person", "budget__project", "budget__key", "budget__team", "answered_by")
    return rows.select_related(*related).order_by("-asked_at", "-pk")[:20]
