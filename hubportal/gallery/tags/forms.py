"""The forms of tags: those of a picture, and a tag itself. They parse; what may be done is decided by the acts."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.gallery.models import Tag, TagColour
from hubportal.gallery.models.tag import MAX_NAME_LENGTH
from hubportal.gallery.tags.tagging import MAX_TYPED, find_tags, read_names
from hubportal.teams.models import Team

COMPLETED_ON = ", ".join(("focus once", " ".join(("input", "changed", "delay:200ms"))))


def completed_by(team: Team, datalist: str, target: str) -> dict[str, str]:
    """Attributes of a field for names of tags, which the server completes while somebody types."""
    return {
        "list": datalist,
        "autocomplete": "off",
        "dir": "auto",
        "maxlength": str(MAX_TYPED),
        "hx-get": reverse("gallery:tag-suggestions", args=[team.slug]),
        "hx-trigger": COMPLETED_ON,
        "hx-target": target,
        "hx-swap": "innerHTML",
        "hx-sync": "this:replace",
        "hx-push-url": "false",
    }


class TagsField(forms.CharField):
    """Names with commas between them. Valid, a list of them, cleaned."""

    def clean(self, value: Any) -> list[str]:
        names = read_names(super().clean(value))
        if not names:
            raise forms.ValidationError(self.error_messages["required"], code="required")
        return names


class AddTagsForm(forms.Form):
    tags = TagsField(
        label=gettext_lazy("Add tags"),
        error_messages={"required": gettext_lazy("Write at least one tag, or several with commas between them.")},
    )

    def __init__(self, team: Team, image: Any, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        # The page may show several pictures: each has a field and a list of its own.
        self.fields["tags"].widget.attrs |= {
            "id": f"tags-{image}",
            "placeholder": self.fields["tags"].label,
            **completed_by(team, f"tags-{image}-list", "next datalist"),
        }


class TagForm(forms.Form):
    name = forms.CharField(
        label=gettext_lazy("Name"),
        max_length=MAX_NAME_LENGTH,
        error_messages={
            "required": gettext_lazy("Give the tag a name."),
            "max_length": gettext_lazy("A name has at most %(limit_value)d characters."),
        },
        widget=forms.TextInput(attrs={"autocomplete": "off", "dir": "auto"}),
    )
    colour = forms.ChoiceField(
        label=gettext_lazy("Colour"),
        choices=TagColour.choices,
        error_messages=dict.fromkeys(("required", "invalid_choice"), gettext_lazy("Choose one of these colours.")),
    )


class MergeTagForm(forms.Form):
    """Into which tag, by its name or id. Valid, `into` is one of the team's."""

    into = forms.CharField(
        label=gettext_lazy("Merge it into"),
        max_length=MAX_NAME_LENGTH,
        error_messages={"required": gettext_lazy("Say which tag the pictures get in its place.")},
    )

    def __init__(self, team: Team, data: Mapping[str, Any] | None = None) -> None:
        super().__init__(data)
        self.team = team
        self.fields["into"].widget.attrs |= completed_by(team, "tags-into", "next datalist")

    def clean_into(self) -> Tag:
        (found,) = find_tags(self.team, [" ".join(str(self.cleaned_data["into"]).split())])
        if found is None:
            raise forms.ValidationError(_("There is no such tag here."))
        return found
