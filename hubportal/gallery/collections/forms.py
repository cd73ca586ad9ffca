"""The forms of collections. They parse; what may be done is decided by the acts."""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from django import forms
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from hubportal.gallery.models.collection import MAX_DESCRIPTION_LENGTH, MAX_NAME_LENGTH
from hubportal.gallery.tags.forms import completed_by
from hubportal.teams.models import Team


class CollectionForm(forms.Form):
    name = forms.CharField(
        label=_("Name"),
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "required": _("Give the collection a name."),
            "max_length": _("A name has at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    description = forms.CharField(
        required=False,
        label=_("Description"),
        max_length=MAX_DESCRIPTION_LENGTH,
        error_messages={"max_length": _("Write at most %(limit_value)d characters.")},
        widget=forms.Textarea(attrs={"rows": 2, "dir": "auto"}),
    )


class PutInForm(forms.Form):
    """Into which collection a picture is put, by its name or id."""

    collection = forms.CharField(
        label=_("Put into a collection"),
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "required": _("Write the name of a collection; one that there isn't yet is made."),
            "max_length": _("A name has at most %(limit_value)d characters."),
        },
    )

    def __init__(self, team: Team, image: Any, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        field = self.fields["collection"]
        field.widget.attrs |= {
            "id": f"collection-{image}",
            "placeholder": field.label,
            **completed_by(team, f"collection-{image}-list", "next datalist"),
            "hx-get": reverse("gallery:collection-suggestions", args=[team.slug]),
        }


class MoveForm(forms.Form):
    """Which picture goes where, as a button says it: its id, `before` or `after`, the id of another one."""

    move = forms.RegexField(r"^[0-9a-f-]{36} (before|after) [0-9a-f-]{36}$")

    def clean_move(self) -> tuple[UUID, bool, UUID]:
        """The picture, whether it goes after the other one, and that one."""
        image, where, other = str(self.cleaned_data["move"]).split(" ")
        try:
            return UUID(image), where == "after", UUID(other)
        except ValueError:
            raise forms.ValidationError(_("There is no such picture here.")) from None
