"""The forms of the Projects page. They parse; what may be done is decided by the acts."""

from django import forms
from django.utils.translation import gettext_lazy as _

from hubportal.usage.models.project import MAX_NAME_LENGTH


class ProjectForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "required": _("Give the project a name."),
            "max_length": _("A name has at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )


class RequirementForm(forms.Form):
    """`required` is the word on the button: yes or no."""

    required = forms.TypedChoiceField(
        choices=[("yes", "yes"), ("no", "no")],
        coerce=lambda word: word == "yes",
        error_messages=dict.fromkeys(
            ("required", "invalid_choice"), _("Say whether each order needs a project or not.")
        ),
    )
