"""The audit log as a page, and as a file: what its address asks for, and what is shown of it."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import all_actions
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.csv_export import CsvExport, csv_response
from hubportal.date_range import between
from hubportal.listing.filters import SearchField, contains_words
from hubportal.listing.pagination import page_of
from hubportal.teams.access import TeamRequest, team_view
from hubportal.teams.audit_actions import AuditLogAction
from hubportal.teams.forms import TeamFilterForm
from hubportal.teams.permissions import Permission

PAGE_SIZE = 50
EXPORT_BATCH_SIZE = 1000
# How an address asks for what no person did: the site itself, or its command line.
NOBODY = 0
COLUMNS = ("at", "person", "email", "action", "what", "about", "about_id", "facts", "address")


class AuditFilterForm(TeamFilterForm):
    rows = AuditEntry
    made_by = "by"
    other_people = ((str(NOBODY), _("The site itself")),)
    q = SearchField(_("Search who and what"))
    action = forms.ChoiceField(
        required=False,
        label=_("What"),
        choices=lambda: [("", _("Any")), *((one.value, one.label) for one in all_actions())],
        error_messages={"invalid_choice": _("There is no such act.")},
    )

    def entries(self) -> QuerySet[AuditEntry]:
        """What is asked for, in no order yet."""
        asked = between("at", self.chosen.get("from"), self.chosen.get("to"))
        asked &= contains_words(self.chosen.get("q", ""), "about", "by_name", "by_email")
        if action := self.chosen.get("action"):
            asked &= Q(action=action)
        if (person := self.chosen.get("person")) is not None:
            asked &= Q(by=None if person == NOBODY else person)
        return AuditEntry.objects.filter(asked, team=self.membership.team_id)


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


def export_audit_log(form: AuditFilterForm, actor: Actor) -> CsvExport:
    """What the form asks for as CSV, newest first; times are UTC. That it was exported is the first of its entries."""
    detail: dict[str, Any] = {"filter": form.address().removeprefix("?")} if form.chosen else {}
    AuditEntry.objects.record(form.membership.team, AuditLogAction.EXPORTED, actor=actor, **detail)
    return CsvExport(COLUMNS, map(_cells, _in_batches(form.entries())))


def _in_batches(entries: QuerySet[AuditEntry]) -> Iterator[AuditEntry]:
    page = page_of(entries, "", EXPORT_BATCH_SIZE, time="at")
    yield from page.items
    while page.older:
        page = page_of(entries, page.older, EXPORT_BATCH_SIZE, time="at")
        if page.newer is None:
            return  # what was to come is older than thirteen months by now, and this is the first page again
        yield from page.items


def _cells(entry: AuditEntry) -> tuple[str, ...]:
    return (
        entry.at.astimezone(UTC).isoformat(timespec="seconds"),
        entry.by_name,
        entry.by_email,
        entry.action,
        entry.action_label,
        entry.about,
        entry.about_id,
        "; ".join(entry.details),
        entry.address or "",
    )
