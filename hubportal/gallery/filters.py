"""Which of the team's pictures somebody wants to see."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.gallery.collections.pages import find_collection, has_collections
from hubportal.gallery.models.collection import MAX_NAME_LENGTH as MAX_COLLECTION_NAME
from hubportal.gallery.models.collection import collection_label
from hubportal.gallery.models.favourite import favourite_label
from hubportal.gallery.tags.forms import completed_by
from hubportal.gallery.tags.tagging import MAX_TYPED, SEPARATORS, find_tags, has_tags, labels_to_find
from hubportal.generations.history import GenerationFilterForm
from hubportal.generations.models import Image
from hubportal.generations.models.search import IMAGES, author_fact, colour_fact, shape_fact, size_fact
from hubportal.hub.image_models import ImageModel
from hubportal.listing.search.query import Fact
from hubportal.listing.search.rows import FoundRows
from hubportal.teams.models import Membership

# The gallery's own word in the address, beside the filters: "1" while pictures are chosen, or the id of a selection.
SELECT = "select"
# Each may double what the index is asked for, while another tag is merged into it.
MAX_TAGS = 6


class TagFilterField(forms.CharField):
    """Names of tags with commas between them; the form made them of what the address says, ids or names."""

    def __init__(self) -> None:
        super().__init__(required=False, label=gettext_lazy("Tags"), max_length=MAX_TYPED)


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

    tag = TagFilterField()
    collection = forms.CharField(required=False, label=gettext_lazy("Collection"), max_length=MAX_COLLECTION_NAME)

    def __init__(self, membership: Membership, models: tuple[ImageModel, ...], data: Mapping[str, Any]) -> None:
        asked = data.getlist("tag") if isinstance(data, QueryDict) else [str(data.get("tag", ""))]
        words = [
            word for text in asked for part in SEPARATORS.split(text[:MAX_TYPED]) if (word := " ".join(part.split()))
        ]
        # All of them, as a picture must have all.
        self.tags = find_tags(membership.team, words[: MAX_TAGS + 1]) if words else []
        named = [str(tag or word) for tag, word in zip(self.tags, words, strict=False)]
        plain = data.dict() if isinstance(data, QueryDict) else dict(data)
        collection = str(data.get("collection", "")).strip()
        self.asked_collection = find_collection(membership.team, collection[:MAX_TYPED]) if collection else None
        plain |= {"tag": ", ".join(named), "collection": str(self.asked_collection or collection)}
        super().__init__(membership, models, plain)
        self._offer_tags()
        self._offer_collections()

    def _offer_tags(self) -> None:
        """Completed while somebody types; where the team has none, there is nothing to ask for."""
        if not self.data.get("tag") and not has_tags(self.membership.team_id):
            del self.fields["tag"]
            return
        attrs = completed_by(self.membership.team, "tag-names", "#tag-names")
        self.fields["tag"].widget.attrs |= attrs

    def _offer_collections(self) -> None:
        """As tags."""
        if not self.data.get("collection") and not has_collections(self.membership.team_id):
            del self.fields["collection"]
            return
        completed = reverse("gallery:collection-suggestions", args=[self.membership.team.slug])
        attrs = completed_by(self.membership.team, "collection-names", "#collection-names") | {"hx-get": completed}
        self.fields["collection"].widget.attrs |= attrs

    def clean_collection(self) -> str:
        if self.cleaned_data["collection"] and self.asked_collection is None:
            raise forms.ValidationError(_("There is no such collection here."))
        return str(self.cleaned_data["collection"])

    def clean_tag(self) -> str:
        if len(self.tags) > MAX_TAGS:
            raise forms.ValidationError(_("Ask for at most %(number)d tags."), params={"number": MAX_TAGS})
        if None in self.tags:
            raise forms.ValidationError(_("There is no such tag here."))
        return str(self.cleaned_data["tag"])

    def in_words(self) -> list[tuple[str, str]]:
        """What is asked for: each filter's label, and what is chosen there."""
        words = []
        for name, value in self.chosen.items():
            field: Any = self.fields[name]
            choices = {str(word): label for word, label in getattr(field, "choices", ())}
            words.append((str(field.label), str(choices.get(str(value), value))))
        return words

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
        if self.chosen.get("tag"):
            groups += [list(map(Fact, labels)) for labels in labels_to_find(filter(None, self.tags))]
        if self.chosen.get("collection") and self.asked_collection:
            groups.append([Fact(collection_label(self.asked_collection.pk))])
        search = self.search(IMAGES, *groups, *self._looks(), own=mine == "private")
        return FoundRows(Image.objects.for_gallery(), search)

    def _looks(self) -> list[list[Fact]]:
        facts = {"shape": shape_fact, "size": size_fact, "colour": colour_fact}
        return [[Fact(fact(self.chosen[name]))] for name, fact in facts.items() if name in self.chosen]
