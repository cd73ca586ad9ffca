"""The sentences about a budget that an order doesn't fit into, or that is nearly used up."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.generations.problems import BudgetFacts
from hubportal.keys.wording import join_sentences
from hubportal.usage.budget_check import BudgetUse
from hubportal.usage.models import Scope
from hubportal.usage.wording import credits_in_words

# By whose it is: what an order is too dear for, and what nothing can be ordered on.
_TOO_DEAR = {
    Scope.TEAM: gettext_lazy("This takes {price}, and your team's budget has {left} left this month."),
    Scope.PERSON: gettext_lazy("This takes {price}, and your own budget in this team has {left} left this month."),
    Scope.PROJECT: gettext_lazy("This takes {price}, and the budget of {subject} has {left} left this month."),
    Scope.KEY: gettext_lazy("This takes {price}, and the budget of your team's key has {left} left this month."),
}
_TOO_DEAR_FOR_EACH_KEY = gettext_lazy(
    "This takes {price}, which one of your team's keys must have room for. The one with the most left of its budget "
    "this month, {subject}, has {left}."
)
_CLOSED = {
    Scope.TEAM: gettext_lazy("Your team's budget is 0, so nothing can be made."),
    Scope.PERSON: gettext_lazy("Your own budget in this team is 0, so you can't make anything."),
    Scope.PROJECT: gettext_lazy("The budget of {subject} is 0, so nothing can be made for it."),
    Scope.KEY: gettext_lazy("The budget of your team's key is 0, so nothing can be made."),
}


def over_budget(facts: BudgetFacts, price: str) -> str:
    """Which budget an order doesn't fit into, whose, when it starts anew, and who can raise it.

    `price` is in words, or the placeholder that a script fills in.
    """
    scope = Scope.PERSON if facts.scope == Scope.EVERYONE else facts.scope
    sentence = _CLOSED[scope] if facts.resets_on is None else _TOO_DEAR[scope]
    if facts.is_of_several and facts.resets_on:
        sentence = _TOO_DEAR_FOR_EACH_KEY
    what = str(sentence).format(price=price, left=credits_in_words(facts.left), subject=facts.subject)
    anew = ""
    if facts.resets_on:
        anew = _("It starts anew on {day}.").format(day=date_format(facts.resets_on, "MONTH_DAY_FORMAT"))
    return join_sentences(what, anew, _who_can_raise(facts))


def raise_word(facts: BudgetFacts) -> str:
    """What the link beside it says."""
    return _("Raise the budget") if facts.is_own_to_raise else _("Ask for more")


def _who_can_raise(facts: BudgetFacts) -> str:
    if facts.is_own_to_raise:
        return _("You can raise it on the Budgets page.")
    match facts.can_raise:
        case [name]:
            return _("{name} can raise it.").format(name=name)
        case [name, other]:
            return _("{name} or {other} can raise it.").format(name=name, other=other)
        case _:
            return _("An admin of your team can raise it.")


# By whose it is: what is nearly used up, and what is used up and only warns.
_NEAR = {
    Scope.TEAM: gettext_lazy("Your team has used {taken} of its {credits} this month."),
    Scope.PERSON: gettext_lazy("You have used {taken} of your {credits} in this team this month."),
    Scope.PROJECT: gettext_lazy("{subject} has used {taken} of its {credits} this month."),
}


def nearly_used(facts: BudgetFacts, use: BudgetUse) -> str:
    """How far a budget is used; of one that only warns, that orders go through all the same."""
    scope = Scope.PERSON if facts.scope == Scope.EVERYONE else facts.scope
    used = str(_NEAR[scope]).format(
        taken=intcomma(use.taken), credits=credits_in_words(use.budget.credits), subject=facts.subject
    )
    goes_on = "" if use.budget.is_hard else _("This only warns: you can go on.")
    return join_sentences(used, goes_on)
