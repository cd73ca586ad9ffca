"""What people are told of credits: that a budget is nearly or wholly used up, is asked for, and what became of that;
and what a month took (monthly_report.py).

Each function is called inside the transaction of the act.
"""

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.accounts.models import User
from hubportal.notifications.events import Channel, Event, Facts, declare_event
from hubportal.notifications.outbox import notify
from hubportal.teams.models import Team
from hubportal.teams.permissions import Permission
from hubportal.usage import monthly_report_wording
from hubportal.usage.budget_check import BudgetUse, first_of_month
from hubportal.usage.budget_wording import name_of_budget
from hubportal.usage.models import Budget, BudgetRequest, Scope
from hubportal.usage.wording import credits_in_words

_EVERY_WAY = frozenset(Channel)


def _near(facts: Facts) -> str:
    return _("The budget “{name}” is nearly used up").format(name=facts["name"])


def _reached(facts: Facts) -> str:
    return _("The budget “{name}” is used up").format(name=facts["name"])


def _how_full(facts: Facts) -> str:
    words = {"taken": credits_in_words(facts["taken"]), "credits": credits_in_words(facts["credits"])}
    sentence = _("{taken} of {credits} are spent or reserved this month.")
    if facts["hard"]:
        sentence = _(
            "{taken} of {credits} are spent or reserved this month. What doesn't fit is not made before the next."
        )
    return sentence.format(**words)


def _asked(facts: Facts) -> str:
    words = {"person": facts["person"], "credits": credits_in_words(facts["more"]), "name": facts["name"]}
    return _("{person} asks for {credits} more a month for “{name}”").format(**words)


def _reason_given(facts: Facts) -> str:
    return str(facts["reason"])


def _answered(facts: Facts) -> str:
    if facts["granted"]:
        return _("The budget “{name}” was raised, as you asked").format(name=facts["name"])
    return _("The budget “{name}” stays as it is").format(name=facts["name"])


def _by_whom(facts: Facts) -> str:
    if not facts["granted"]:
        return _("{person} left it as it is.").format(person=facts["person"])
    return _("{person} raised it. You can go on.").format(person=facts["person"])


_reason = gettext_lazy("You get this because the budget is yours, or you look after budgets.")

BUDGET_NEAR = declare_event(
    Event(
        code="budget.near",
        label=gettext_lazy("A budget is nearly used up"),
        reason=_reason,
        headline=_near,
        text=_how_full,
        for_team=True,
    )
)
BUDGET_REACHED = declare_event(
    Event(
        code="budget.reached",
        label=gettext_lazy("A budget is used up"),
        reason=_reason,
        headline=_reached,
        text=_how_full,
        channels=_EVERY_WAY,
        for_team=True,
    )
)
BUDGET_ASKED = declare_event(
    Event(
        code="budget.asked",
        label=gettext_lazy("Somebody asks for a larger budget"),
        reason=gettext_lazy("You get this because you look after your team's budgets."),
        headline=_asked,
        text=_reason_given,
        channels=_EVERY_WAY,
        permission=Permission.MANAGE_BUDGETS,
        for_team=True,
    )
)
BUDGET_ANSWERED = declare_event(
    Event(
        code="budget.answered",
        label=gettext_lazy("A larger budget that you asked for was answered"),
        reason=gettext_lazy("You get this because you asked for it."),
        headline=_answered,
        text=_by_whom,
        channels=_EVERY_WAY,
    )
)

MONTHLY_REPORT = declare_event(
    Event(
        code="usage.month",
        label=gettext_lazy("A month is over: what your team spent"),
        reason=gettext_lazy("You get this once a month because you own the team, or chose to be told what it spends."),
        headline=monthly_report_wording.headline,
        text=monthly_report_wording.summary,
        details=monthly_report_wording.details,
        channels=frozenset({Channel.EMAIL}),
        unasked=Permission.OWN,
        permission=Permission.SEE_SPENDING,
    )
)


def tell_near(use: BudgetUse) -> None:
    """So much of a budget is taken as it warns at: whom it is about, and those who can raise it, are told."""
    _tell_of_use(BUDGET_NEAR, use)


def tell_reached(use: BudgetUse) -> None:
    """A budget is used up: whom it is about, and those who can raise it, are told."""
    _tell_of_use(BUDGET_REACHED, use)


def tell_asked(asked: BudgetRequest) -> None:
    """Somebody asks for more: those who can raise it are told."""
    budget = asked.budget
    about = {
        "name": _name(budget, asked.asked_by),
        "person": asked.asked_by.display_name,
        "more": asked.credits,
        "reason": asked.reason,
    }
    to = _who_can_raise(budget.team) - {asked.asked_by_id}
    notify(BUDGET_ASKED, team=budget.team, to=to, about=about, link=_page(budget.team))


def tell_answered(asked: BudgetRequest) -> None:
    """The budget was raised, or not: whoever asked is told, unless they did it themselves."""
    budget, by = asked.budget, asked.answered_by
    if by == asked.asked_by:
        return
    about = {
        "name": _name(budget, asked.asked_by),
        "person": by.display_name if by else _("An admin"),
        "granted": asked.is_granted,
    }
    link = reverse("generations:create", args=[budget.team.slug]) if asked.is_granted else _page(budget.team)
    notify(BUDGET_ANSWERED, team=budget.team, to=[asked.asked_by_id], about=about, link=link)


def _tell_of_use(event: Event, use: BudgetUse) -> None:
    budget = use.budget
    # Only a person's id is a number.
    person = User.objects.filter(pk=use.subject).first() if isinstance(use.subject, int) else None
    about = {
        "name": _name(budget, person),
        "taken": use.taken,
        "credits": budget.credits,
        "hard": budget.is_hard,
    }
    to = _who_can_raise(budget.team) | ({person.pk} if person else set())
    # Each month once for as many credits: what was given back, and is spent again, is no news.
    once = f"{budget.pk} {use.subject or ''} {first_of_month(budget.team):%Y-%m} {budget.credits}"
    notify(event, team=budget.team, to=to, about=about, link=_page(budget.team), once=once)


def _name(budget: Budget, person: User | None) -> str:
    """One for each person is, for this one, theirs."""
    return person.display_name if person and budget.scope == Scope.EVERYONE else name_of_budget(budget)


def _who_can_raise(team: Team) -> set[int]:
    return set(team.memberships.with_permission(Permission.MANAGE_BUDGETS).values_list("user", flat=True))


def _page(team: Team) -> str:
    return reverse("usage:budgets", args=[team.slug])
