"""The sentences of the budgets page."""

from collections.abc import Iterable

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.hub.image_models import ImageModel
from hubportal.keys.wording import join_sentences
from hubportal.keys.wording.offer import effort_name, tier_name
from hubportal.teams.permissions import Role
from hubportal.usage.budget_check import BudgetUse
from hubportal.usage.models import Budget, BudgetRequest, OrderLimit, Scope
from hubportal.usage.wording import credits_in_words


def name_of_budget(budget: Budget, *, is_own: bool = False) -> str:
    """Whose it is, as a heading; `is_own` where a person's is that of whoever reads it."""
    if is_own and budget.scope in (Scope.PERSON, Scope.EVERYONE):
        return _("You")
    if budget.person:
        return budget.person.display_name
    if budget.project:
        return budget.project.name
    return str(budget.key) if budget.key else str(Scope(budget.scope).label)


def state_of_use(use: BudgetUse) -> str:
    """What is to be said of how full it is; "" while all is well."""
    if use.is_closed:
        return _("Closed")
    if use.taken > use.budget.credits:
        return _("{credits} over").format(credits=intcomma(use.taken - use.budget.credits))
    if use.is_reached:
        return _("Used up")
    return _("Nearly used up") if use.is_near else ""


def budget_set(budget: Budget, use: BudgetUse | None) -> str:
    """What changed; and where more is taken already than it has, what that means."""
    name = name_of_budget(budget)
    if use and use.taken > budget.credits and budget.is_hard:
        return _(
            "{name}: {credits} a month from now on. {taken} are spent or reserved already, so nothing new is made "
            "until next month, and what is under way goes on."
        ).format(name=name, credits=credits_in_words(budget.credits), taken=intcomma(use.taken))
    return _("{name}: {credits} a month from now on.").format(name=name, credits=credits_in_words(budget.credits))


def what_is_asked(asked: BudgetRequest) -> str:
    """For those who answer it."""
    words = {"name": asked.asked_by.display_name, "credits": credits_in_words(asked.credits)}
    if _is_own(asked):
        return _("{name} asks for {credits} more a month.").format(**words)
    return _("{name} asks for {credits} more a month: {budget}").format(**words, budget=name_of_budget(asked.budget))


def what_became_of(asked: BudgetRequest) -> str:
    """For whoever asked."""
    credits = credits_in_words(asked.credits)
    if _is_own(asked):
        what = _("You asked for {credits} more a month.").format(credits=credits)
    else:
        what = _("You asked for {credits} more a month for {budget}.").format(
            credits=credits, budget=name_of_budget(asked.budget)
        )
    return join_sentences(what, _answer(asked))


def _answer(asked: BudgetRequest) -> str:
    if asked.answered_at is None:
        return _("Nobody has answered yet.")
    by = asked.answered_by
    name = by.display_name if by else _("An admin")
    return (_("{name} raised it.") if asked.is_granted else _("{name} left it as it is.")).format(name=name)


def _is_own(asked: BudgetRequest) -> bool:
    return asked.budget.scope in (Scope.EVERYONE, Scope.PERSON)


def whose_limit(limit: OrderLimit) -> str:
    """The person's name, or the role's."""
    return limit.person.display_name if limit.person else str(Role(limit.role).label)


def what_may_be_ordered(limit: OrderLimit, models: Iterable[ImageModel]) -> list[str]:
    """Each part of a limit, as a phrase; `models` name those that it has by id."""
    names = {model.id: model.name for model in models}
    listed = [
        (_("Models: {words}"), [names.get(one, one) for one in limit.model_ids]),
        (_("Resolutions: {words}"), [tier_name(tier) for tier in limit.tiers]),
        (_("Efforts: {words}"), [effort_name(effort) for effort in limit.efforts]),
    ]
    phrases = [phrase.format(words=", ".join(words)) for phrase, words in listed if words]
    most = limit.pictures_an_hour
    if most is not None:
        phrases.append(
            ngettext("{count} picture an hour", "{count} pictures an hour", most).format(count=intcomma(most))
        )
    return phrases
