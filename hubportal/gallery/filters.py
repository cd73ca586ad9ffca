"""Which of the team's pictures somebody wants to see."""

from django import forms
from django.utils.translation import gettext_lazy

from hubportal.gallery.models.favourite import favourite_label
from hubportal.generations.history import GenerationFilterForm
from hubportal.generations.models import Image
from hubportal.generations.models.search import IMAGES, author_fact, colour_fact, shape_fact, size_fact
from hubportal.listing.search.query import Fact
from hubportal.listing.search.rows import FoundRows

# The gallery's own word in the address, beside the filters: "1" while pictures are chosen, or the id of a selection.
SELECT = "select"


class GalleryFilterForm(GenerationFilterForm):
    """`selecting` is what links to more of the list carry on as SELECT; "" where nothing is chosen."""

    selecting = ""
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
    favourite = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Favourites"),
        choices=[("", gettext_lazy("Any")), ("1", gettext_lazy("Mine only"))],
        error_messages={"invalid_choice": gettext_lazy("Choose any pictures, or your favourites only.")},
    )

    shape = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Shape"),
        choices=[
            ("", gettext_lazy("Any")),
            ("square", gettext_lazy("Square")),
            ("wide", gettext_lazy("Wide")),
            ("tall", gettext_lazy("Tall")),
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose square, wide or tall.")},
    )
    size = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Size"),
        choices=[
            ("", gettext_lazy("Any")),
            ("small", gettext_lazy("Under 1,600 pixels")),
            ("medium", gettext_lazy("1,600 to 3,000 pixels")),
            ("large", gettext_lazy("3,000 pixels and more")),
        ],
        error_messages={"invalid_choice": gettext_lazy("Choose one of the sizes that are offered.")},
    )
    colour = forms.ChoiceField(
        required=False,
        label=gettext_lazy("Colour"),
        choices=[
            ("", gettext_lazy("Any")),
            ("red", gettext_lazy("Red")),
            ("orange", gettext_lazy("Orange")),
            ("yellow", gettext_lazy("Yellow")),
            ("green", gettext_lazy("Green")),
            ("teal", gettext_lazy("Teal")),
            ("blue", gettext_lazy("Blue")),
            ("purple", gettext_lazy("Purple")),
            ("pink", gettext_lazy("Pink")),
            ("brown", gettext_lazy("Brown")),
            ("black", gettext_lazy("Black")),
            ("grey", gettext_lazy("Grey")),
            ("white", gettext_lazy("White")),
        ],
        error_messages={"invalid_choice": gettext_lazy("There is no such colour to look for.")},
    )

    def filters_address(self) -> str:
        """The address of what was asked for, without a place in it and whatever is being chosen."""
        return super().address()

    @property
    def selecting_address(self) -> str:
        """Where what was asked for is shown to be selected from."""
        address = self.filters_address()
        return f"{address}{'&' if address else '?'}{SELECT}=1"

    def address(self, cursor: str | None = None) -> str:
        address = super().address(cursor)
        if not self.selecting:
            return address
        return f"{address}{'&' if address else '?'}{SELECT}={self.selecting}"

    def pictures(self) -> FoundRows[Image]:
        """What is asked for, with all that is shown of a picture but its prompt, which may be long."""
        mine = self.chosen.get("mine")
        reader = self.membership.user_id
        groups = [[Fact(author_fact(reader))]] if mine else []
        if self.chosen.get("favourite"):
            groups.append([Fact(favourite_label(reader))])
        search = self.search(IMAGES, *groups, *self._looks(), own=mine == "private")
        return FoundRows(Image.objects.for_gallery(), search)

    def _looks(self) -> list[list[Fact]]:
        facts = {"shape": shape_fact, "size": size_fact, "colour": colour_fact}
        return [[Fact(fact(self.chosen[name]))] for name, fact in facts.items() if name in self.chosen]
