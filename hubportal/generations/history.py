"""The history: every generation a person may see, filtered by what the address says."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.date_range import between
from hubportal.generations.models import Generation, GenerationQuerySet, State
from hubportal.hub.image_models import ImageModel
from hubportal.keys.models import Key
from hubportal.listing.filters import SearchField, contains_words
from hubportal.teams.forms import TeamFilterForm
from hubportal.teams.models import Membership

PAGE_SIZE = 40
# Beside the states (interface.md): whatever has not ended.
OPEN = "open"


class GenerationFilterForm(TeamFilterForm):
    """The filters that lists of generations and of their pictures share; `models` are those on offer."""

    rows = Generation
    q = SearchField(gettext_lazy("Search prompts"))
    model = forms.CharField(required=False, label=gettext_lazy("Model"), max_length=100, widget=forms.Select)

    def __init__(self, membership: Membership, models: tuple[ImageModel, ...], data: Mapping[str, Any]) -> None:
        super().__init__(membership, data)
        self.model_names = {model.id: model.name for model in models}
        named = {"": _("Any"), **self.model_names}
        # The one in the address can be chosen although the hub may have retired it.
        asked = str(data.get("model", ""))
        field: Any = self.fields["model"]
        field.widget.choices = list((named | ({} if asked in named else {asked: asked})).items())

    def asked_of_generation(self, prefix: str = "") -> Q:
        """Words, person and model; `prefix` leads from the rows to their generation (`generation__`)."""
        asked = contains_words(self.chosen.get("q", ""), f"{prefix}prompt")
        if person := self.chosen.get("person"):
            asked &= Q((f"{prefix}author", person))
        if model := self.chosen.get("model"):
            asked &= Q((f"{prefix}model", model))
        return asked

    def asked_days(self) -> Q:
        return between("created_at", self.chosen.get("from"), self.chosen.get("to"))


class HistoryFilterForm(GenerationFilterForm):
    state = forms.ChoiceField(
        required=False,
        label=gettext_lazy("State"),
        choices=[("", gettext_lazy("Any")), (OPEN, gettext_lazy("Not finished yet")), *State.choices],
        error_messages={"invalid_choice": gettext_lazy("There is no such state.")},
    )
    key = forms.TypedChoiceField(
        required=False,
        label=gettext_lazy("Key"),
        coerce=UUID,
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("There is no such key here.")},
    )

    def __init__(self, membership: Membership, models: tuple[ImageModel, ...], data: Mapping[str, Any]) -> None:
        super().__init__(membership, models, data)
        keys = Key.objects.filter(team=membership.team_id).order_by("label", "added_at")
        field: Any = self.fields["key"]
        field.choices = [("", _("Any")), *((str(key.pk), str(key)) for key in keys)]

    def generations(self) -> GenerationQuerySet:
        """What is asked for, with all that a row shows, in no order yet."""
        asked = self.asked_of_generation() & self.asked_days()
        if "key" in self.chosen:
            asked &= Q(key=self.chosen["key"])
        if state := self.chosen.get("state"):
            asked &= Q(finished_at=None) if state == OPEN else Q(state=state)
        return Generation.objects.visible_to(self.membership).filter(asked).for_cards()
