"""The history: every generation a person may see, filtered by what the address says."""

from functools import cached_property
from typing import Any

from django import forms
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext_lazy as _

from hubportal.accounts.models import User
from hubportal.date_range import DayField, between
from hubportal.generations.model_options import ModelOptions, current_model_options
from hubportal.generations.models import Generation, State
from hubportal.keys.models import Key
from hubportal.listing.pagination import Page, page_of
from hubportal.teams.access import TeamRequest
from hubportal.teams.models import Membership

PAGE = 40
LARGEST_ID = 2**63 - 1


class HistoryForm(forms.Form):
    """The filters. A value that makes no sense is told at its field and otherwise ignored."""

    q = forms.CharField(required=False, max_length=500)
    person = forms.IntegerField(
        required=False,
        min_value=0,
        max_value=LARGEST_ID,
        error_messages=dict.fromkeys(("invalid", "min_value", "max_value"), _("There is no such person here.")),
    )
    model = forms.CharField(required=False, max_length=100)
    state = forms.ChoiceField(
        required=False, choices=State.choices, error_messages={"invalid_choice": _("There is no such state.")}
    )
    key = forms.UUIDField(required=False, error_messages={"invalid": _("There is no such key here.")})

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        # `from` is a word of Python's.
        self.fields |= {"from": DayField(), "to": DayField()}


class History:
    """One page of the history, and what its filters offer."""

    def __init__(self, request: TeamRequest) -> None:
        self.request = request
        self.form = HistoryForm(request.GET)
        self.is_valid = self.form.is_valid()
        self.chosen: dict[str, Any] = {
            name: value for name, value in self.form.cleaned_data.items() if value not in (None, "")
        }

    @cached_property
    def options(self) -> ModelOptions:
        return current_model_options()

    @cached_property
    def page(self) -> Page[Generation]:
        found = Generation.objects.visible_to(self.request.membership).filter(self._asked()).for_cards()
        return page_of(found, self.request.GET.get("cursor", ""), PAGE)

    def _asked(self) -> Q:
        lookups = {
            "q": "prompt__icontains",
            "person": "author_id",
            "model": "model",
            "state": "state",
            "key": "key_id",
        }
        asked = Q(**{lookup: self.chosen[name] for name, lookup in lookups.items() if name in self.chosen})
        return asked & between("created_at", self.chosen.get("from"), self.chosen.get("to"))

    @cached_property
    def people(self) -> QuerySet[User]:
        """The team's people, and the person asked for, who may have left it."""
        team = self.request.team
        here = Q(pk__in=Membership.objects.filter(team=team).values("user"))
        if person := self.chosen.get("person"):
            here |= Q(Exists(Generation.objects.filter(team=team, author=OuterRef("pk"))), pk=person)
        return User.objects.filter(here).order_by("name", "email")

    @cached_property
    def keys(self) -> QuerySet[Key]:
        return Key.objects.filter(team=self.request.team).order_by("label", "added_at")

    @property
    def models(self) -> list[tuple[str, str]]:
        """Ids and names of the models on offer, and of the one asked for."""
        names = {model.id: model.name for model in self.options.models}
        if wanted := self.chosen.get("model"):
            names.setdefault(wanted, wanted)
        return list(names.items())

    @property
    def states(self) -> list[tuple[str, Any]]:
        return State.choices
