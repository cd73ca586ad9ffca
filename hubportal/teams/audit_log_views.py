"""The audit trail as a page, and as a file."""

from typing import Any

from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.http import urlencode

from hubportal.csv_export import download
from hubportal.teams.access import TeamRequest, note, team_view
from hubportal.teams.audit_actions import AuditLogAction
from hubportal.teams.audit_log import NOBODY, Trail
from hubportal.teams.permissions import Permission


@team_view(Permission.READ_AUDIT)
def audit(request: TeamRequest) -> HttpResponse:
    trail = Trail(request.team, request.GET.dict())
    context: dict[str, Any] = {
        "trail": trail,
        "page": trail.page(request.GET.get("cursor", "")),
        "nobody": NOBODY,
        "query": urlencode(trail.chosen),
    }
    return render(request, "teams/audit.html", context, status=200 if trail.is_valid else 422)


@team_view(Permission.READ_AUDIT)
def audit_csv(request: TeamRequest) -> HttpResponseBase:
    """What the page's filters show, whole. That it was taken out is written down too."""
    trail = Trail(request.team, request.GET.dict())
    if request.method == "GET":
        facts = {name: str(value) for name, value in trail.chosen.items()}
        note(request, AuditLogAction.EXPORTED, **({"filter": urlencode(facts)} if facts else {}))
    return download(trail.lines(), f"{request.team.slug}-audit-{timezone.localdate()}.csv")
