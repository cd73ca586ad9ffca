"""What of the wall somebody wants to see: words and filters, all of them in the address."""

import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.db import connection
from django.db.models import Exists, OuterRef, Q, QuerySet
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.accounts.models import User
from hubportal.gallery.queries import kept_pictures
from hubportal.generations.models import Generation, Image, Visibility
from hubportal.hub.image_models import ImageModel
from hubportal.teams.models import Membership

MAX_WORDS = 8


class WordsField(forms.CharField):
    """Text to look for; NUL, which no database takes, parts words."""

    def to_python(self, value: Any) -> Any:
        return super().to_python(str(value or "").replace("\0", " "))


class GalleryFilterForm(forms.Form):
    """Bound to an address; `models` are those on offer, so that they can be named."""

    q = WordsField(
        required=False,
        max_length=200,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": gettext_lazy("Search prompts")}),
        error_messages={"max_length": gettext_lazy("Search for at most %(limit_value)d characters.")},
    )
    person = forms.TypedChoiceField(
        required=False,
        coerce=int,
        empty_value=None,
        error_messages={"invalid_choice": gettext_lazy("There is no such person here. Choose another one.")},
    )
    model = WordsField(required=False, max_length=100, widget=forms.Select)
    mine = forms.ChoiceField(
        required=False,
        choices=[
            ("", gettext_lazy("Everything")),
            ("1", gettext_lazy("Mine")),
            ("private", gettext_lazy("Mine, private")),
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose everything, mine, or mine and private.")},
    )

    def __init__(self, membership: Membership, models: tuple[ImageModel, ...], data: Mapping[str, Any]) -> None:
        super().__init__(data)
        self.membership = membership
        self.model_names = {model.id: model.name for model in models}
        self.fields["person"].choices = self._people(str(data.get("person", "")))  # type: ignore[attr-defined]
        self.fields["model"].widget.choices = self._models(str(data.get("model", "")))

    def _people(self, asked: str) -> list[tuple[str, str]]:
        """The team's people, and the one in the address although they may have left it."""
        team, own = self.membership.team_id, _("%(name)s (you)")
        here = Q(pk__in=Membership.objects.filter(team=team).values("user"))
        if asked.isdecimal() and len(asked) < 19:
            here |= Q(Exists(Generation.objects.filter(team=team, author=OuterRef("pk"))), pk=int(asked))
        people = [
            (str(one.pk), own % {"name": one} if one.pk == self.membership.user_id else str(one))
            for one in User.objects.filter(here).order_by("name", "email")
        ]
        return [("", _("Anybody")), *people]

    def _models(self, asked: str) -> list[tuple[str, str]]:
        """Those on offer, and the one in the address although the hub may have retired it."""
        named = {"": _("Any model"), **self.model_names}
        return list((named | ({} if asked in named else {asked: asked})).items())

    def pictures(self) -> QuerySet[Image]:
        """What the valid form asks for, in no order yet."""
        asked = self.cleaned_data
        found = kept_pictures(self.membership).filter(*map(says, asked["q"].split()[:MAX_WORDS]))
        if asked["person"]:
            found = found.filter(generation__author=asked["person"])
        if asked["model"]:
            found = found.filter(generation__model=asked["model"])
        if asked["mine"]:
            found = found.filter(generation__author=self.membership.user_id)
        if asked["mine"] == "private":
            found = found.filter(generation__visibility=Visibility.PRIVATE)
        return found

    @property
    def narrowed(self) -> bool:
        return any(self.cleaned_data.values())

    def address(self, cursor: str | None = None) -> str:
        """This wall's query, and where to read on; filters that are not set stay out of it."""
        asked = {name: value for name, value in [*self.cleaned_data.items(), ("cursor", cursor)] if value}
        return f"?{urlencode(asked)}" if asked else ""


def says(word: str) -> Q:
    """A prompt that holds this word, whatever its case."""
    if connection.vendor == "sqlite" and not word.isascii():
        # SQLite's LIKE folds the case of ASCII alone; Django's REGEXP for it is Python's.
        return Q(generation__prompt__iregex=re.escape(word))
    return Q(generation__prompt__icontains=word)
