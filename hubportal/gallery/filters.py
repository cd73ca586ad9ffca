"""Which of the team's pictures somebody wants to see."""

from django import forms
from django.utils.translation import gettext_lazy

from hubportal.generations.history import GenerationFilterForm
from hubportal.generations.models import Image
from hubportal.generations.models.search import IMAGES, author_fact
from hubportal.listing.search.query import Fact
from hubportal.listing.search.rows import FoundRows, Rows


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

    def pictures(self) -> Rows[Image]:
        """What is asked for, with all that is shown of a picture but its prompt, which may be long."""
        mine = self.chosen.get("mine")
        own = [[Fact(author_fact(self.membership.user_id))]] if mine else []
        search = self.search(IMAGES, *own, own=mine == "private")
        return FoundRows(Image.objects.for_gallery(), search)
