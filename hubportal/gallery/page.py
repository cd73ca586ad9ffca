"""The wall: a page of pictures with all that a tile shows, in two queries however many there are."""

from dataclasses import dataclass
from functools import cached_property

from django.contrib.humanize.templatetags.humanize import intcomma
from django.db.models.functions import Left
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.gallery.filters import GalleryFilterForm
from hubportal.generations.models import Generation, Image, Visibility
from hubportal.listing.pagination import page_of

SIZE = 60
# Counting further would cost more than anybody reads out of the number.
COUNT_TO = 1000
# Characters of a prompt that a tile carries: sixty whole ones could be two megabytes.
SHOWN = 600


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """One picture on the wall."""

    image: Image
    model: str
    prompt: str
    shortened: bool

    @property
    def ratio(self) -> str:
        """Width by height, as CSS reads numbers in every language."""
        return f"{(self.image.width or 1) / (self.image.height or 1):.4f}"

    @property
    def private(self) -> bool:
        return self.image.generation.visibility == Visibility.PRIVATE


class GalleryPage:
    """What a valid form asks for, from where the cursor says."""

    def __init__(self, form: GalleryFilterForm, cursor: str) -> None:
        self.form = form
        self._pictures = form.pictures()
        whole = self._pictures.select_related("generation__author")
        self._page = page_of(whole.defer("generation__prompt", "generation__error_message"), cursor, SIZE)

    @cached_property
    def tiles(self) -> list[GalleryItem]:
        asked = {image.generation_id for image in self._page.items}
        words = Generation.objects.filter(pk__in=asked).annotate(words=Left("prompt", SHOWN + 1))
        prompts = dict(words.values_list("pk", "words"))
        names = self.form.model_names
        return [
            GalleryItem(
                image,
                model=names.get(image.generation.model, image.generation.model),
                prompt=prompts[image.generation_id][:SHOWN],
                shortened=len(prompts[image.generation_id]) > SHOWN,
            )
            for image in self._page.items
        ]

    @property
    def newer(self) -> str | None:
        """The address of the page before, or None."""
        return self._page.newer and self.form.address(self._page.newer)

    @property
    def older(self) -> str | None:
        """The address of the page after, or None."""
        return self._page.older and self.form.address(self._page.older)

    @cached_property
    def number(self) -> str:
        """How many pictures there are in words, or that there are more than COUNT_TO.

        A page that holds them all is its own count, which spares a rare word the second search through everything.
        """
        number = len(self.tiles)
        if self._page.newer or self._page.older:
            number = self._pictures.order_by()[: COUNT_TO + 1].count()
        if number > COUNT_TO:
            return _("More than %(number)s pictures") % {"number": intcomma(COUNT_TO)}
        return ngettext("%(number)s picture", "%(number)s pictures", number) % {"number": intcomma(number)}

    @property
    def addition(self) -> str:
        """What to say when this page is added below another one."""
        number = len(self.tiles)
        return ngettext("%(number)s more picture", "%(number)s more pictures", number) % {"number": number}
