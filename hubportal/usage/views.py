"""What it cost: a period in numbers, as a page, as the ledger's lines, and for a program."""

import uuid
from contextlib import suppress
from http import HTTPStatus

from django.contrib import messages
from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _

from hubportal.csv_export import csv_response
from hubportal.keys.model_list import hub_of
from hubportal.keys.models import Key
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.accounts import comparisons_of, movements_of
from hubportal.usage.chart import chart_of
from hubportal.usage.export import export_ledger, report_as_json
from hubportal.usage.models import today
from hubportal.usage.months import Month, months_back
from hubportal.usage.periods import PeriodForm, usual_periods
from hubportal.usage.reconciliation import join_accounts, keep_accounts_apart, separate_account
from hubportal.usage.report import Report, first_month
from hubportal.usage.tables import rows_of, tables_of, total_of
from hubportal.usage.wording import pictures_in_words, spent_heading


@team_view(Permission.LOOK)
def overview(request: TeamRequest) -> HttpResponse:
    return _page(request, _form_of(request))


@team_view(Permission.LOOK)
def export(request: TeamRequest) -> HttpResponseBase:
    """The period's entries, whole. Where the address makes no sense, the page says so instead of giving others."""
    form = _form_of(request)
    if not form.is_valid():
        return _page(request, form)
    name = f"{request.team.slug}-{form.period}.csv"
    return csv_response(request, name, lambda: export_ledger(request.team, form.period, request.actor))


@team_view(Permission.LOOK)
def as_json(request: TeamRequest) -> JsonResponse:
    form = _form_of(request)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    report = Report(request.team, form.period, hub_of(request).models)
    return JsonResponse(report_as_json(report, form.by_asked or form.step))


def _form_of(request: TeamRequest) -> PeriodForm:
    return PeriodForm(request.GET, today=today(), since=first_month(request.team))


def _page(request: TeamRequest, form: PeriodForm, *, status: int = HTTPStatus.OK) -> HttpResponse:
    report = Report(request.team, form.period, hub_of(request).models)
    lines = report.lines(form.step)
    context = {
        "form": form,
        "here": reverse("usage:overview", args=[request.team.slug]),
        "period": form.period,
        "usual": usual_periods(form.today),
        "months": months_back(Month.of(form.today), form.since),
        "chart": chart_of(form.period, form.step, lines),
        "steps": rows_of(lines),
        "tables": tables_of(report, request.user, form.by_asked) if lines else [],
        "total": total_of(report),
        "spent_heading": spent_heading(form.period, form.today),
        "pictures_made": pictures_in_words(report.total.sums.pictures),
        "came_back": -report.total.sums.refunded,
    }
    if request.membership.has_permission(Permission.MANAGE_KEYS):
        context["comparisons"] = comparisons_of(request.team)
        context["movements"] = movements_of(request.team, form.period)
    return render(request, "usage/overview.html", context, status=max(form.status, status))


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def account(request: TeamRequest, account: uuid.UUID) -> HttpResponse:
    """Say whether two accounts that move alike (`other`) are `answer=one` or `two`."""
    other, answer = None, request.POST.get("answer")
    with suppress(ValueError):
        other = uuid.UUID(request.POST.get("other", ""))
    if other is None or answer not in ("one", "two"):
        return _page(request, _form_of(request), status=HTTPStatus.UNPROCESSABLE_ENTITY)
    act = join_accounts if answer == "one" else keep_accounts_apart
    if not act(request.team, account, other, actor=request.actor):
        messages.info(request, _("Nothing was changed: somebody has said so already, or a key is gone."))
    elif answer == "one":
        messages.success(
            request, _("They are counted as one account: its credits once, whatever key they are spent with.")
        )
    else:
        messages.success(request, _("They are counted as two accounts."))
    return redirect("usage:overview", team=request.team.slug)


@team_view(Permission.MANAGE_KEYS, methods=("POST",))
def separate_key(request: TeamRequest, pk: uuid.UUID) -> HttpResponse:
    """Count a key by itself that was taken for one of an account with others."""
    key = get_object_or_404(Key.objects.present().select_related("team"), pk=pk, team=request.team)
    if separate_account(key, actor=request.actor):
        messages.success(request, _("{key} is counted by itself from now on.").format(key=key))
    else:
        messages.info(request, _("Nothing was changed: {key} shares no account.").format(key=key))
    return redirect("usage:overview", team=request.team.slug)
