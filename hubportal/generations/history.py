"""The history: every generation a person may see, filtered by what the address says."""

from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.date_range import moments
from hubportal.generations.cards import Card, fill
from hubportal.generations.models import Generation, State
from hubportal.generations.models.search import (
    GENERATIONS,
    RETURNED,
    UNFINISHED,
    author_fact,
    key_fact,
    model_fact,
    project_fact,
    state_fact,
)
from hubportal.generations.states import FINAL
from hubportal.hub.image_models import ImageModel
from hubportal.keys.models import Key
from hubportal.listing.filters import SearchField
from hubportal.listing.fragments import age_key, fragment_key, reader_key
from hubportal.listing.search.index import SearchIndex
from hubportal.listing.search.query import Fact, Search
from hubportal.listing.search.rows import FoundRows, Rows
from hubportal.teams.forms import TeamFilterForm
from hubportal.teams.models import Membership
from hubportal.usage.projects import all_projects

PAGE_SIZE = 40
# Beside the states (interface.md): whatever has not ended.
OPEN = "open"
# Those for which credits came back, whatever became of them.
RETURNED_CREDITS = "returned"
# Beside the ids of projects: what is for none of them.
NO_PROJECT = "none"


def history_rows(generations: list[Generation], membership: Membership, models_key: str) -> list[Card]:
    """The rows of a page of the history; `generations` come from `for_history`, `models_key` is ModelOptions.key."""

    def key(row: Generation) -> str:
        if row.state not in FINAL:
            return ""
        names = (row.author, row.key.label if row.key else "", row.project or "", membership.team.slug)
        return fragment_key(row.pk, row.version, *names, models_key, age_key(row.created_at), reader_key())

    return fill("history-row", [Card(row, key(row)) for row in generations])


class GenerationFilterForm(TeamFilterForm):
    """The filters that lists of generations and of their pictures share; `models` are those on offer."""

    rows = Generation
    q = SearchField(gettext_lazy("Search prompts"))
    model = forms.CharField(required=False, label=gettext_lazy("Model"), max_length=100, widget=forms.Select)
    project = forms.TypedChoiceField(
        required=False,
        label=gettext_lazy("Project"),
        coerce=lambda text: text if text == NO_PROJECT else UUID(text),
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("There is no such project here.")},
    )

    def __init__(self, membership: Membership, models: tuple[ImageModel, ...], data: Mapping[str, Any]) -> None:
        super().__init__(membership, data)
        self.model_names = {model.id: model.name for model in models}
        named = {"": _("Any"), **self.model_names}
        # The one in the address can be chosen although the hub may have retired it.
        asked = str(data.get("model", ""))
        field: Any = self.fields["model"]
        field.widget.choices = list((named | ({} if asked in named else {asked: asked})).items())
        self._offer_projects()

    def _offer_projects(self) -> None:
        """All of the team's, archived ones after the others; where it has none, there is nothing to ask for."""
        projects = all_projects(self.membership.team_id)
        if not projects and not self.data.get("project"):
            del self.fields["project"]
            return
        field: Any = self.fields["project"]
        named = [(str(project.pk), project.name) for project in projects]
        field.choices = [("", _("Any")), *named, (NO_PROJECT, _("None"))]

    def search(self, index: SearchIndex[Any], *groups: list[Fact], own: bool = False) -> Search:
        """What is asked for: words, days, person, model and project, and of each further group of facts one."""
        facts = list(groups)
        if person := self.chosen.get("person"):
            facts.append([Fact(author_fact(person))])
        if model := self.chosen.get("model"):
            facts.append([Fact(model_fact(model))])
        if project := self.chosen.get("project"):
            facts.append([Fact(project_fact(None if project == NO_PROJECT else project))])
        since, before = moments(self.chosen.get("from"), self.chosen.get("to"), self.zone)
        words = self.chosen.get("q", "")
        reader = self.membership.user_id
        return Search(index, self.membership.team_id, reader, words, facts, own=own, since=since, before=before)


class HistoryFilterForm(GenerationFilterForm):
    state = forms.ChoiceField(
        required=False,
        label=gettext_lazy("State"),
        choices=[
            *(("", gettext_lazy("Any")), (OPEN, gettext_lazy("Not finished yet")), *State.choices),
            (RETURNED_CREDITS, gettext_lazy("Credits came back")),
        ],
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

    def generations(self) -> Rows[Generation]:
        """What is asked for, with all that a row shows."""
        return FoundRows(Generation.objects.for_history(), self.search(GENERATIONS, *self._state_and_key()))

    def _state_and_key(self) -> Iterator[list[Fact]]:
        if state := self.chosen.get("state"):
            if state == OPEN:
                yield [Fact(UNFINISHED)]
            elif state == RETURNED_CREDITS:
                yield [Fact(RETURNED), Fact(UNFINISHED, RETURNED)]
            else:
                yield [Fact(state_fact(state) if state in FINAL else UNFINISHED, state_fact(state))]
        if "key" in self.chosen:
            key = key_fact(self.chosen["key"])
            yield [Fact(key), Fact(UNFINISHED, key)]
