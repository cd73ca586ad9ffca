"""What it cost: a period in numbers, as a page, as the ledger's lines, and for a program."""

from http import HTTPStatus

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse

from hubportal.csv_export import csv_response
from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.chart import chart_of
from hubportal.usage.export import export_ledger, report_as_json
from hubportal.usage.models import today
from hubportal.usage.months import Month, months_back
from hubportal.usage.periods import PeriodForm, usual_periods
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


def _page(request: TeamRequest, form: PeriodForm) -> HttpResponse:
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
    return render(request, "usage/overview.html", context, status=form.status)
