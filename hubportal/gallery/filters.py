"""Which of the team's pictures somebody wants to see."""

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy

from hubportal.gallery.queries import stored_pictures
from hubportal.generations.history import GenerationFilterForm
from hubportal.generations.models import ImageQuerySet, Visibility


class GalleryFilterForm(GenerationFilterForm):
    mine = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Show"),
        choices=[
            ("", gettext_lazy("Everything")),
            ("1", gettext_lazy("Mine")),
            ("private", gettext_lazy("Mine, private")),
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose everything, mine, or mine and private.")},
    )

    def pictures(self) -> ImageQuerySet:
        """What is asked for, in no order yet."""
        mine = self.chosen.get("mine")
        own: dict[str, Any] = {"generation__author": self.membership.user_id} if mine else {}
        if mine == "private":
            own["generation__visibility"] = Visibility.PRIVATE
        asked = self.asked_of_generation("generation__") & self.asked_days()
        return stored_pictures(self.membership).filter(asked, **own)
