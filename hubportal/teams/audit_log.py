"""Reading the audit trail: what its address asks for, a page of it, and the whole of it as a file."""

from collections.abc import Iterator, Mapping
from datetime import UTC
from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hubportal import csv_export
from hubportal.accounts.models import User
from hubportal.audit.actions import all_actions
from hubportal.audit.models import AuditEntry
from hubportal.date_range import DayField, between
from hubportal.listing.pagination import Page, page_of
from hubportal.teams.models import Membership, Team

PAGE = 50
AT_ONCE = 1000
# How an address asks for what no person did: the site itself, or its command line.
NOBODY = 0
LARGEST_ID = 2**63 - 1
COLUMNS = ("at", "person", "email", "action", "what", "about", "about_id", "facts", "address")


class TrailForm(forms.Form):
    """The filters. A value that makes no sense is told at its field and otherwise ignored."""

    q = forms.CharField(
        required=False,
        max_length=200,
        error_messages={"max_length": _("Search for at most %(limit_value)d characters.")},
    )
    person = forms.IntegerField(
        required=False,
        min_value=NOBODY,
        max_value=LARGEST_ID,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("There is no such person here.")),
    )
    action = forms.ChoiceField(
        required=False,
        choices=[(one.value, one.label) for one in all_actions()],
        error_messages={"invalid_choice": _("There is no such act.")},
    )

    def __init__(self, data: Mapping[str, Any]) -> None:
        super().__init__(data)
        # `from` is a word of Python's.
        self.fields |= {"from": DayField(), "to": DayField()}


class Trail:
    """A team's trail as far as the address asks for it, newest first."""

    def __init__(self, team: Team, asked: Mapping[str, Any]) -> None:
        self.team = team
        self.form = TrailForm(asked)
        self.is_valid = self.form.is_valid()
        self.chosen: dict[str, Any] = {
            name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")
        }

    @property
    def entries(self) -> QuerySet[AuditEntry]:
        return AuditEntry.objects.filter(self._asked(), team=self.team)

    def page(self, cursor: str) -> Page[AuditEntry]:
        return page_of(self.entries, cursor, PAGE, time="at")

    def _asked(self) -> Q:
        asked = between("at", self.chosen.get("from"), self.chosen.get("to"))
        if words := self.chosen.get("q"):
            asked &= Q(about__icontains=words) | Q(by_name__icontains=words) | Q(by_email__icontains=words)
        if action := self.chosen.get("action"):
            asked &= Q(action=action)
        if (person := self.chosen.get("person")) is not None:
            asked &= Q(by=None) if person == NOBODY else Q(by=person)
        return asked

    @cached_property
    def people(self) -> QuerySet[User]:
        """The team's people, and the one asked for, who may have left it."""
        here = Q(pk__in=Membership.objects.filter(team=self.team).values("user"))
        if person := self.chosen.get("person"):
            here |= Q(Exists(AuditEntry.objects.filter(team=self.team, by=OuterRef("pk"))), pk=person)
        return User.objects.filter(here).order_by("name", "email")

    @property
    def actions(self) -> list[tuple[str, Any]]:
        return [(one.value, one.label) for one in all_actions()]

    def lines(self) -> Iterator[str]:
        """What the address asks for as CSV, newest first; times are UTC."""
        return csv_export.lines_of(COLUMNS, map(_cells, self._all()))

    def _all(self) -> Iterator[AuditEntry]:
        """A thousand at a time, so that a slow reader keeps no query open."""
        page = page_of(self.entries, "", AT_ONCE, time="at")
        yield from page.items
        while page.older:
            page = page_of(self.entries, page.older, AT_ONCE, time="at")
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
