"""What the prompt form says of budgets before anything is sent: on the button while a choice is too dear, and beside it
once one is nearly used up."""

import json

from django.urls import reverse

from hubportal.generations.order_rules import OrderRules, facts_of
from hubportal.generations.problems import BudgetFacts, SubmissionProblem
from hubportal.generations.wording.budgets import nearly_used, over_budget, raise_word
from hubportal.teams.models import Team
from hubportal.usage.budget_check import BudgetUse
from hubportal.usage.budgets import who_can_raise
from hubportal.usage.models import Project

# What the script puts the price in words for.
PRICE = "{price}"


def limits_for_script(rules: OrderRules) -> str:
    """JSON: the hard budgets, in the order to be told of them; "" where there are none.

    free     credits that one order may cost
    closed   where no order passes, whatever it costs
    why      the sentence for one that is dearer, with a place for its price
    ask      where to ask for more, or to raise it; `word` is for the link
    project  the project whose orders it is about; without it, it is about all
    """
    budgets = rules.budgets
    key = budgets.key_limit(rules.credits.key_ids)
    uses = (*budgets.general, *([key] if key else []), *budgets.projects.values())
    hard = [use for use in uses if use.budget.is_hard]
    if not hard:
        return ""
    raisers = who_can_raise(rules.team)
    limits = [_limit(use, facts_of(use, rules, raisers), rules.team) for use in hard]
    return json.dumps(limits, ensure_ascii=False)


def _limit(use: BudgetUse, facts: BudgetFacts, team: Team) -> dict[str, object]:
    limit: dict[str, object] = {
        "free": use.left,
        "why": over_budget(facts, PRICE),
        "ask": ask_address(team, facts),
        "word": raise_word(facts),
    }
    if use.is_closed:
        limit["closed"] = True
    if use.budget.project_id:
        limit["project"] = str(use.budget.project_id)
    return limit


def ask_address(team: Team, facts: BudgetFacts, price: int = 0) -> str:
    """Where whoever may raise the budget does so, and others ask for what is missing to this price (credits)."""
    if facts.is_own_to_raise:
        return f"{reverse('usage:budgets', args=[team.slug])}#budget-{facts.id}"
    more = max(price - facts.left, 0)
    return reverse("usage:budget-request", args=[team.slug, facts.id]) + (f"?credits={more}" if more else "")


def way_to_more(team: Team, problem: SubmissionProblem) -> tuple[str, str] | None:
    """Where to ask for more of the budget that an order didn't fit into, or to raise it, and the word for the link."""
    facts = problem.budget
    return (ask_address(team, facts, problem.price), raise_word(facts)) if facts else None


def near_budgets(rules: OrderRules, project: Project | None) -> list[str]:
    """A sentence for each budget of the person's orders for this project that is used as far as it warns at.

    One that lets nothing through any more says that on the button.
    """
    near = [
        use for use in rules.budgets.applying(project) if use.is_near and not (use.budget.is_hard and use.is_reached)
    ]
    return [nearly_used(facts_of(use, rules, []), use) for use in near]
