"""The audit log as a page, and as a file: what its address asks for, and what is shown of it."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django import forms
from django.http import HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import all_actions
from hubportal.audit.actor import Actor
from hubportal.audit.models import AUDIT_ENTRIES, AuditEntry, action_fact, person_fact
from hubportal.csv_export import CsvExport, csv_response
from hubportal.date_range import moments
from hubportal.listing.filters import SearchField
from hubportal.listing.pagination import page_of
from hubportal.listing.search.query import Fact, Search
from hubportal.listing.search.rows import FoundRows, Rows
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

    def entries(self) -> Rows[AuditEntry]:
        """What is asked for."""
        since, before = moments(self.chosen.get("from"), self.chosen.get("to"), self.zone)
        team, words = self.membership.team_id, self.chosen.get("q", "")
        search = Search(AUDIT_ENTRIES, team, None, words, list(self._facts()), since=since, before=before)
        return FoundRows(AuditEntry.objects.all(), search)

    def _facts(self) -> Iterator[list[Fact]]:
        if action := self.chosen.get("action"):
            yield [Fact(action_fact(action))]
        if (person := self.chosen.get("person")) is not None:
            yield [Fact(person_fact(None if person == NOBODY else person))]


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


def _in_batches(entries: Rows[AuditEntry]) -> Iterator[AuditEntry]:
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
