"""Budgets: how full they are, setting and lifting them, asking for more; and what people may order."""

from typing import Any

from django.contrib import messages
from django.forms import Form
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission, Role
from hubportal.usage import budgets as acts
from hubportal.usage.budget_check import budgets_of, uses_of
from hubportal.usage.budget_forms import AnswerForm, BudgetForm, LimitForm, RequestForm
from hubportal.usage.budget_page import page_of
from hubportal.usage.budget_wording import budget_set, name_of_budget
from hubportal.usage.models import Budget, BudgetRequest, OrderLimit
from hubportal.usage.order_limits import lift_limit, set_limit


@team_view(Permission.LOOK, methods=("GET", "POST"))
def budgets(request: TeamRequest) -> HttpResponse:
    """GET: every budget that the person may see. POST: set one (which takes a permission of its own)."""
    if request.method != "POST":
        return _page(request)
    request.membership.require(Permission.MANAGE_BUDGETS)
    form = BudgetForm(request.team, request.POST)
    if not form.is_valid():
        return _page(request, status=422, budget_form=form)
    said = form.cleaned_data
    values = {"credits": said["credits"], "is_hard": said["kind"] == "hard", "warn_at": said["warn_at"]}
    try:
        acts.set_budget(request.team, said["about"], **values, actor=request.actor)
    except acts.SubjectElsewhere:
        form.add_error("about", _("Whoever or whatever that was is no longer in the team."))
        return _page(request, status=422, budget_form=form)
    budget = Budget(team=request.team, **said["about"].fields, **values)
    messages.success(request, budget_set(budget, next(iter(uses_of(request.team, [budget], [])), None)))
    return _to_page(request)


@team_view(Permission.MANAGE_BUDGETS, methods=("POST",))
def removal(request: TeamRequest, pk: int) -> HttpResponse:
    """Lift a budget."""
    budget = get_object_or_404(_with_names(request), pk=pk)
    about = acts.Subject(budget.scope, person=budget.person, project=budget.project, key=budget.key)
    acts.lift_budget(request.team, about, actor=request.actor)
    messages.success(request, _("{name}: no budget any more.").format(name=name_of_budget(budget)))
    return _to_page(request)


@team_view(Permission.SUBMIT, methods=("GET", "POST"))
def budget_request(request: TeamRequest, pk: int) -> HttpResponse:
    """Ask for more of a budget that one's own orders count against."""
    budget = get_object_or_404(_with_names(request), pk=pk)
    if not _applies(request, budget):
        raise Http404
    asked_for = request.GET.get("credits", "")
    form = RequestForm(
        request.POST if request.method == "POST" else None,
        initial={"credits": asked_for if asked_for.isdecimal() else None},
    )
    if form.is_valid():
        said = form.cleaned_data
        acts.ask_for_more(budget, said["credits"], said["reason"], actor=request.actor)
        messages.success(request, _("Your admins are asked. What they answer is shown here."))
        return _to_page(request)
    context = {"form": form, "budget": budget, "name": name_of_budget(budget, is_own=True)}
    return render(request, "usage/budget_request.html", context, status=422 if form.is_bound else 200)


@team_view(Permission.MANAGE_BUDGETS, methods=("POST",))
def answer(request: TeamRequest, pk: int) -> HttpResponse:
    """Raise the budget by what somebody asked for, or leave it as it is."""
    asked = get_object_or_404(BudgetRequest, pk=pk, budget__team=request.team)
    form = AnswerForm(request.POST)
    if not form.is_valid():
        return _page(request, status=422, answer_form=form)
    if not acts.answer_request(asked, granted=form.granted, actor=request.actor):
        messages.info(request, _("Somebody has answered this already. Nothing was changed."))
    elif form.granted is None:
        messages.success(request, _("The budget stays as it is. Whoever asked can see that."))
    else:
        messages.success(request, _("The budget is raised. Whoever asked can see that, and go on."))
    return _to_page(request)


@team_view(Permission.MANAGE_BUDGETS, methods=("POST",))
def order_limits(request: TeamRequest) -> HttpResponse:
    """Limit what a role or a person may order."""
    form = LimitForm(request.team, hub_of(request).models, request.POST)
    if not form.is_valid():
        return _page(request, status=422, limit_form=form)
    if set_limit(request.team, form.cleaned_data["who"], form.allowed, actor=request.actor):
        messages.success(request, _("That is what they may order from now on."))
    else:
        messages.info(request, _("Nothing was changed."))
    return _to_page(request)


@team_view(Permission.MANAGE_BUDGETS, methods=("POST",))
def limit_removal(request: TeamRequest, pk: int) -> HttpResponse:
    """Let a role or a person order anything again."""
    limit = get_object_or_404(OrderLimit.objects.select_related("person"), pk=pk, team=request.team)
    lift_limit(request.team, limit.person or Role(limit.role), actor=request.actor)
    messages.success(request, _("The limit is lifted."))
    return _to_page(request)


def _applies(request: TeamRequest, budget: Budget) -> bool:
    applied = budgets_of(request.team, request.user)
    uses = (*applied.general, *applied.projects.values(), *applied.keys.values())
    return any(use.budget == budget for use in uses)


def _with_names(request: TeamRequest) -> Any:
    return Budget.objects.filter(team=request.team).select_related("person", "project", "key", "team")


def _page(request: TeamRequest, *, status: int = 200, **refused: Form) -> HttpResponse:
    """The page; `refused` are forms that came back with an error, by name."""
    context: dict[str, Any] = {"page": page_of(request.membership, hub_of(request).models)}
    if request.membership.has_permission(Permission.MANAGE_BUDGETS):
        context |= {
            "budget_form": BudgetForm(request.team),
            "limit_form": LimitForm(request.team, hub_of(request).models),
        }
    return render(request, "usage/budgets.html", context | refused, status=status)


def _to_page(request: TeamRequest) -> HttpResponse:
    return redirect("usage:budgets", team=request.team.slug)
