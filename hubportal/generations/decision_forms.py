"""The forms about one generation whose end is in doubt: what somebody knows of it, and the hub's id."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from hubportal.generations.models import Generation
from hubportal.generations.states import Visibility
from hubportal.hub.records import is_safe_id
from hubportal.usage.models import Project


class VisibilityForm(forms.Form):
    visibility = forms.ChoiceField(choices=Visibility.choices)


class ProjectForm(forms.Form):
    """`project` is the id of an open one, or of that it is for now; empty for none."""

    project = forms.ChoiceField(
        required=False,
        label=_("Project"),
        error_messages={"invalid_choice": _("There is no such open project. Choose another one.")},
    )

    def __init__(self, generation: Generation, projects: Iterable[Project], data: QueryDict | None = None) -> None:
        super().__init__(data, auto_id="move_%s", initial={"project": generation.project_id})
        named = {str(project.pk): project.name for project in (generation.project, *projects) if project}
        self.has_choice = bool(named)
        field: Any = self.fields["project"]
        field.choices = [("", gettext("No project")), *named.items()]


def _check_hub_id(hub_id: str) -> None:
    if not is_safe_id(hub_id):
        raise forms.ValidationError(
            _("This is not an id of the hub's: those have letters, digits, dots, - and _ only.")
        )


class HubIdField(forms.CharField):
    """The hub's own id of a generation, as it shows it on its pages."""

    def __init__(self, **options: Any) -> None:
        attrs = {"autocomplete": "off", "autocapitalize": "none", "spellcheck": "false", "dir": "ltr"}
        super().__init__(max_length=128, validators=[_check_hub_id], widget=forms.TextInput(attrs), **options)


class SettlementForm(forms.Form):
    """`outcome` says what somebody knows; `hub_id` finds the hub's record again; `again` asks for it once more."""

    outcome = forms.ChoiceField(
        choices=[("accepted", "accepted"), ("not_accepted", "not_accepted")],
        error_messages=dict.fromkeys(("required", "invalid_choice"), _("Say whether it went through or not.")),
    )
    hub_id = HubIdField(
        required=False,
        label=_("The hub's id, if you see it on the hub's own page"),
        help_text=_("With it, the pictures come here too."),
    )
    again = forms.BooleanField(required=False)


class RecoveryForm(forms.Form):
    hub_id = HubIdField(
        label=_("The hub's id"),
        error_messages={"required": _("Enter the id that the hub shows for it.")},
    )

    def __init__(self, data: QueryDict | None = None) -> None:
        # The field of the other form may be on the same page.
        super().__init__(data, auto_id="recovery_%s")
