"""What it cost: a month in numbers, and the same as a file."""

from django.http import HttpResponse, HttpResponseBase
from django.shortcuts import render

from hubportal.csv_export import csv_response
from hubportal.keys.model_list import hub_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.models import today
from hubportal.usage.months import Month, months_back, read_month
from hubportal.usage.report import Report, chart_of, export_ledger, first_day


@team_view(Permission.LOOK)
def overview(request: TeamRequest) -> HttpResponse:
    month = read_month(request.GET.get("month", ""), today())
    report = Report(request.team, month, hub_of(request).models)
    context = {
        "month": month,
        "is_now": month == Month.of(today()),
        "months": months_back(Month.of(today()), first_day(request.team)),
        "report": report,
        "chart": chart_of(month, report.by_day),
    }
    return render(request, "usage/overview.html", context)


@team_view(Permission.LOOK)
def export(request: TeamRequest) -> HttpResponseBase:
    month = read_month(request.GET.get("month", ""), today())
    name = f"{request.team.slug}-{month}.csv"
    return csv_response(request, name, lambda: export_ledger(request.team, month, request.actor))
