"""Adding a channel: what its address may be. Whether it answers is tried by the worker."""

import re
from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.notifications.events import team_events

# Of apprise's, those that are rooms where people talk. Others would start programs, write files or send e-mails.
KINDS = {
    *("slack", "discord", "msteams", "workflow", "workflows", "matrix", "matrixs", "mmost", "mmosts", "rocket"),
    *("rockets", "gchat", "tgram", "wxteams", "zulip", "ntfy", "ntfys", "nctalk", "nctalks"),
}


class ChannelForm(forms.Form):
    name = forms.CharField(max_length=60, label=gettext_lazy("Name"), help_text=gettext_lazy("As your team calls it."))
    url = forms.CharField(
        max_length=1000,
        label=gettext_lazy("Address"),
        help_text=gettext_lazy("Such as slack://…, msteams://…, discord://… or matrixs://…; nobody is shown it again."),
        widget=forms.PasswordInput(attrs={"autocomplete": "off"}),
        validators=[ProhibitNullCharactersValidator()],
    )
    events = forms.MultipleChoiceField(label=gettext_lazy("Tell it when"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = [(event.code, event.label) for event in team_events()]
        self.fields["events"].choices = choices  # type: ignore[attr-defined]
        self.fields["events"].initial = [code for code, _label in choices]

    def clean_url(self) -> str:
        url = str(self.cleaned_data["url"]).strip()
        kind, _colon, rest = url.partition("://")
        if kind.lower() not in KINDS or not re.fullmatch(r"[^\s/][^\s]*", rest):
            raise forms.ValidationError(
                _("That is no address of a channel. It begins with its kind, such as slack:// or matrixs://.")
            )
        return f"{kind.lower()}://{rest}"
