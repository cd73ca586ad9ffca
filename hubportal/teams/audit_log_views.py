"""The audit log as a page, and as a file."""

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone

from hubportal.csv_export import csv_response
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.audit_log import NOBODY, PAGE_SIZE, AuditFilterForm, export_audit_log
from hubportal.teams.permissions import Permission


@team_view(Permission.READ_AUDIT)
def audit(request: TeamRequest) -> HttpResponse:
    return _page(request, AuditFilterForm(request.membership, request.GET))


def _page(request: TeamRequest, form: AuditFilterForm) -> HttpResponse:
    context = {"form": form, "page": form.page_of(form.entries(), PAGE_SIZE, time="at"), "nobody": NOBODY}
    return render(request, "teams/audit_log.html", context, status=form.status)


@team_view(Permission.READ_AUDIT)
def audit_csv(request: TeamRequest) -> HttpResponseBase:
    """What the page's filters show, whole. Where one makes no sense, the page says so instead of giving more."""
    form = AuditFilterForm(request.membership, request.GET)
    if not form.is_valid():
        return _page(request, form)
    name = f"{request.team.slug}-audit-{timezone.localdate()}.csv"
    return csv_response(request, name, lambda: export_audit_log(form, request.actor))
