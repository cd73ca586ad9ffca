"""What it cost: a period in numbers, as a page, as the ledger's lines, and for a program.

Everybody sees the team's totals; of the numbers by person, and of the ledger's lines, whoever may not see everybody's
gets their own.
"""

from collections.abc import Sequence
from http import HTTPStatus

from django.http import HttpResponse, HttpResponseBase, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone

from hubportal.accounts.time_zones import zone_of
from hubportal.csv_export import csv_response
from hubportal.keys.model_list import hub_of
from hubportal.keys.models import Key
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.permissions import Permission
from hubportal.usage.accounts import comparisons_of, keys_with_accounts, movements_of, on_paper
from hubportal.usage.chart import chart_of
from hubportal.usage.credits import credits_of
from hubportal.usage.export import Movements, export_ledger, export_totals, report_as_json
from hubportal.usage.models import today
from hubportal.usage.months import Month, months_back
from hubportal.usage.pace import last_day, recent
from hubportal.usage.periods import Period, PeriodForm, usual_periods
from hubportal.usage.projects import all_projects
from hubportal.usage.report import Line, Report
from hubportal.usage.tables import Table, rows_of, tables_of, total_of
from hubportal.usage.wording import (
    came_back_in_words,
    compared_in_words,
    lasts_in_words,
    pictures_in_words,
    price_of_a_picture,
    spent_heading,
)


@team_view(Permission.LOOK)
def overview(request: TeamRequest) -> HttpResponse:
    return usage_page(request)


@team_view(Permission.LOOK)
def export(request: TeamRequest) -> HttpResponseBase:
    """The period's entries or totals, whole. Where the address makes no sense, the page says so instead."""
    form = _form_of(request)
    if not form.is_valid():
        return usage_page(request, form)
    if form.asks_for_totals:
        by = form.by_asked or form.step
        name = f"{request.team.slug}-{form.period}-{by.value}.csv"
        return csv_response(request, name, lambda: export_totals(_report(request, form), by, request.actor))
    name = f"{request.team.slug}-{form.period}.csv"
    movements = Movements(request.team, form.period, _only_person(request), form.project_asked)
    return csv_response(request, name, lambda: export_ledger(movements, request.actor))


@team_view(Permission.LOOK)
def as_json(request: TeamRequest) -> JsonResponse:
    form = _form_of(request)
    if not form.is_valid():
        return JsonResponse({"errors": form.errors}, status=HTTPStatus.UNPROCESSABLE_ENTITY)
    return JsonResponse(report_as_json(_report(request, form), form.by_asked or form.step))


def _form_of(request: TeamRequest) -> PeriodForm:
    team = request.team
    # Nothing was spent before there was a team.
    since = timezone.localdate(team.created_at, zone_of(team.time_zone) or timezone.get_default_timezone())
    return PeriodForm(request.GET, today=today(team.time_zone), since=since, projects=all_projects(team.pk))


def _only_person(request: TeamRequest) -> int | None:
    """Whose numbers alone this reader may see; None for everybody's."""
    return None if request.membership.has_permission(Permission.SEE_SPENDING) else request.user.pk


def _report(request: TeamRequest, form: PeriodForm, *beside: Period, keys: Sequence[Key] | None = None) -> Report:
    return Report(
        request.team,
        form.period,
        hub_of(request).models,
        project=form.project_asked,
        person=_only_person(request),
        projects=form.projects,
        keys=keys,
        beside=beside,
    )


def _own(request: TeamRequest, report: Report) -> Line | None:
    """What the reader spent, where they see nobody else's; None too where they may spend nothing, and did not."""
    if _only_person(request) is None:
        return None
    own = report.sums_of(request.user.pk)
    return own if request.membership.has_permission(Permission.SUBMIT) or report.by_person else None


def _tables(request: TeamRequest, form: PeriodForm, report: Report, *, with_people: bool) -> list[Table]:
    return tables_of(
        report,
        request.user,
        form.by_asked,
        with_projects=bool(form.projects),
        with_people=with_people or _only_person(request) is None,
    )


def usage_page(request: TeamRequest, form: PeriodForm | None = None, *, status: int = HTTPStatus.OK) -> HttpResponse:
    """The page for the period that the address asks for."""
    form = form or _form_of(request)
    window = recent(form.today)
    compared = form.compared
    keys = keys_with_accounts(request.team)
    report = _report(request, form, window, *([compared] if compared else []), keys=keys)
    lines, sums, credits = report.lines(form.step), report.total.sums, credits_of(request.team, keys=keys)
    # What one project took says nothing of how long all of it lasts.
    pace = 0 if form.project_asked else report.spent_in(window, form.step)
    left = (credits.at_hub or 0) - credits.reserved
    before = report.spent_in(compared, form.step) if compared else 0
    own = _own(request, report)
    context = {
        "form": form,
        "here": reverse("usage:overview", args=[request.team.slug]),
        "period": form.period,
        "usual": usual_periods(form.today),
        "months": months_back(Month.of(form.today), form.since),
        "chart": chart_of(form.period, form.step, lines),
        "steps": rows_of(lines),
        "tables": _tables(request, form, report, with_people=own is not None) if lines else [],
        "total": total_of(report),
        "credits": credits,
        "spent_heading": spent_heading(form.period, form.today),
        "compared": compared_in_words(sums.credits, before, form.period.before, compared),
        "lasts": lasts_in_words(
            credits, last_day(left, pace, since=form.since, today=form.today), zone_of(request.team.time_zone)
        ),
        "pictures_made": pictures_in_words(sums.pictures),
        "price_of_a_picture": price_of_a_picture(sums),
        "came_back": -sums.refunded,
        "came_back_for": came_back_in_words(sums),
        "came_back_link": report.link(state="returned"),
        "own": own,
        "sees_own_alone": _only_person(request) is not None,
    }
    if request.membership.has_permission(Permission.MANAGE_KEYS):
        comparisons, movements = comparisons_of(keys), movements_of(request.team, form.period)
        context |= {
            "comparisons": comparisons,
            "movements": movements,
            "on_paper": on_paper(comparisons, movements),
        }
    return render(request, "usage/overview.html", context, status=max(form.status, status))
