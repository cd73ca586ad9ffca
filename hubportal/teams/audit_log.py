"""Reading the audit log: what its address asks for, a page of it, and the whole of it as a file."""

from collections.abc import Iterator
from datetime import UTC
from typing import Any

from django import forms
from django.db.models import Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hubportal.audit.actions import all_actions
from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.csv_export import CsvExport
from hubportal.date_range import between
from hubportal.listing.filters import SearchField, contains_words
from hubportal.listing.pagination import page_of
from hubportal.teams.audit_actions import AuditLogAction
from hubportal.teams.list_filters import TeamFilterForm

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
