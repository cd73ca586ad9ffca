"""What an admin can set for a team, and what its owner types to end it."""

from django import forms
from django.http import QueryDict
from django.utils.html import format_html
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.teams.models import Team


class RenameForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=80,
        help_text=gettext_lazy("The team's address stays as it is, so links keep working."),
        error_messages={
            "required": gettext_lazy("Give the team a name."),
            "max_length": gettext_lazy("A name has at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class TwoFactorForm(forms.Form):
    """`required` is the word on the button: yes or no."""

    required = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")],
        coerce=lambda word: word == "yes",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), gettext_lazy("Say whether two-factor is required or not.")
        ),
    )

    def __init__(self, by: User, data: QueryDict | None = None) -> None:
        super().__init__(data)
        self.by = by

    def clean_required(self) -> bool:
        required = bool(self.cleaned_data["required"])
        if required and not has_two_factor(self.by):
            raise forms.ValidationError(
                _("Set up two-factor for yourself first: otherwise you would lock yourself out of the team.")
            )
        return required


class DeletionForm(forms.Form):
    """The team's name once more, typed by hand."""

    name = forms.CharField(
        label=gettext_lazy("Type the team's name to delete it"),
        error_messages={"required": gettext_lazy("Type the team's name, so that nothing is deleted by accident.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "autocapitalize": "none", "dir": "auto"}),
    )

    def __init__(self, team: Team, data: QueryDict | None = None) -> None:
        # The other form of the page has a field of this name.
        super().__init__(data, auto_id="deletion_%s")
        self.team = team
        self.fields["name"].help_text = format_html(_("It is called <b>{}</b>."), team.name)

    def clean_name(self) -> str:
        name = str(self.cleaned_data["name"])
        if " ".join(name.split()) != " ".join(self.team.name.split()):
            raise forms.ValidationError(_("That isn't the team's name. Nothing was deleted."))
        return name
