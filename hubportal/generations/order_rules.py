"""What holds for a person's orders in a team: what is on offer, credits, budgets, and what they may order.

`check_submission` holds an order against it, and the form shows it before anything is sent.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from django.db.models import Sum
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.model_options import ModelOptions, current_model_options
from hubportal.generations.models import Generation, State
from hubportal.generations.problems import BudgetFacts, SubmissionProblem
from hubportal.hub.client import GenerationParameters
from hubportal.hub.image_models import ImageModel
from hubportal.teams.models import Team
from hubportal.usage.budget_check import AppliedBudgets, BudgetUse, budgets_of, first_of_month, lock_budgets, next_month
from hubportal.usage.budgets import who_can_raise
from hubportal.usage.credits import Credits, credits_of
from hubportal.usage.models import OrderLimit, Project, Scope
from hubportal.usage.order_limits import limit_of, lock_limit

HOUR = timedelta(hours=1)


@dataclass(frozen=True, slots=True)
class OrderRules:
    """`options` are what the hub offers, whether or not `limit` allows it; budgets are those of the person's orders."""

    team: Team
    person: User
    options: ModelOptions
    credits: Credits
    budgets: AppliedBudgets
    limit: OrderLimit | None

    @property
    def options_allowed(self) -> ModelOptions:
        """Of what the hub offers, what the person may order."""
        limit = self.limit
        return self.options.limited(limit.model_ids, limit.tiers, limit.efforts) if limit else self.options


def rules_for(team: Team, person: User, options: ModelOptions) -> OrderRules:
    """As they are now, for showing; for each project that has a budget."""
    budgets = budgets_of(team, person)
    return OrderRules(team, person, options, credits_of(team), budgets, limit_of(team, person))


def lock_rules(team: Team, person: User, project: Project | None) -> OrderRules:
    """The same for an order that is being submitted: nobody else takes what it counts against, until it is saved."""
    limit = limit_of(team, person)
    if limit and limit.pictures_an_hour is not None:
        lock_limit(limit)
    budgets = lock_budgets(team, person, project)
    return OrderRules(team, person, current_model_options(), credits_of(team), budgets, limit)


def limit_problems(
    rules: OrderRules, model: ImageModel, parameters: GenerationParameters
) -> Iterator[SubmissionProblem]:
    """What the person may not order, though the hub offers it."""
    limit = rules.limit
    if limit is None:
        return
    if limit.model_ids and model.id not in limit.model_ids:
        names = tuple(one.name for one in rules.options_allowed.models if one.id in limit.model_ids)
        yield SubmissionProblem("model-limited", "model", model=model.name, allowed=names)
    elif limit.tiers and rules.options.tier(model, parameters.size) not in limit.tiers:
        yield SubmissionProblem("tier-limited", "size", allowed=tuple(limit.tiers))
    elif limit.efforts and model.efforts and parameters.effort not in limit.efforts:
        yield SubmissionProblem("effort-limited", "quality", allowed=tuple(limit.efforts))
    most = limit.pictures_an_hour
    if most is not None and (ordered := _ordered_this_hour(rules)) + parameters.n > most:
        yield SubmissionProblem("pictures-limited", "n", limit=most, given=max(most - ordered, 0))


def _ordered_this_hour(rules: OrderRules) -> int:
    """Pictures the person asked for within the last hour, and didn't withdraw."""
    newest = Generation.objects.filter(team=rules.team, created_at__gt=timezone.now() - HOUR)
    own = newest.filter(author=rules.person).exclude(state=State.CANCELLED)
    pictures: int = own.aggregate(pictures=Sum("n", default=0))["pictures"]
    return pictures


def budget_problems(rules: OrderRules, project: Project | None, price: int | None) -> list[SubmissionProblem]:
    """Each budget that an order of this price for this project doesn't fit into."""
    full = rules.budgets.without_room(price, project, rules.credits.key_ids)
    if not full:
        return []
    raisers = who_can_raise(rules.team)
    return [SubmissionProblem("over-budget", price=price or 0, budget=facts_of(use, rules, raisers)) for use in full]


def facts_of(use: BudgetUse, rules: OrderRules, raisers: Sequence[User]) -> BudgetFacts:
    """What is to be said of a budget to somebody whose order doesn't fit into it."""
    budget = use.budget
    keys = dict(zip(rules.credits.key_ids, rules.credits.keys, strict=True))
    of_key = keys.get(budget.key_id, "") if budget.key_id else ""
    return BudgetFacts(
        id=budget.pk,
        scope=Scope(budget.scope),
        subject=budget.project.name if budget.project else of_key,
        is_of_several=bool(of_key) and len(keys) > 1,
        left=use.left,
        resets_on=None if use.is_closed else next_month(first_of_month(rules.team)),
        can_raise=tuple(person.display_name for person in raisers if person != rules.person),
        is_own_to_raise=rules.person in raisers,
    )
