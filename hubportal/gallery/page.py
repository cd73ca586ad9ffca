"""A page of pictures with all that is shown of each, in two queries however many there are."""

from dataclasses import dataclass
from functools import cached_property

from django.db.models.functions import Left

from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.wording import number_of_more_pictures, number_of_pictures
from hubportal.generations.models import Generation, Image, Visibility

PAGE_SIZE = 60
# Counting further would cost more than anybody reads out of the number.
COUNT_TO = 1000
# Characters of a prompt that a picture carries: sixty whole ones could be two megabytes.
MAX_PROMPT_SHOWN = 600


@dataclass(frozen=True, slots=True)
class GalleryItem:
    """One picture and what is told of it."""

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
    """What the filters ask for, from where the address says."""

    def __init__(self, form: GalleryFilterForm) -> None:
        self._model_names = form.model_names
        self._pictures = form.pictures()
        whole = self._pictures.select_related("generation__author")
        self._page = form.page_of(whole.defer("generation__prompt", "generation__error_message"), PAGE_SIZE)
        # The addresses of the pages before and after, or None.
        self.newer, self.older = self._page.newer, self._page.older

    @cached_property
    def items(self) -> list[GalleryItem]:
        generations = {image.generation_id for image in self._page.items}
        beginnings = Generation.objects.filter(pk__in=generations).annotate(
            beginning=Left("prompt", MAX_PROMPT_SHOWN + 1)
        )
        prompts = dict(beginnings.values_list("pk", "beginning"))
        return [
            GalleryItem(
                image,
                model=self._model_names.get(image.generation.model, image.generation.model),
                prompt=prompts[image.generation_id][:MAX_PROMPT_SHOWN],
                shortened=len(prompts[image.generation_id]) > MAX_PROMPT_SHOWN,
            )
            for image in self._page.items
        ]

    @cached_property
    def number(self) -> str:
        """How many pictures there are, in words.

        A page that holds them all is its own count, which spares a rare word the second search through everything.
        """
        number = len(self.items)
        if self.newer or self.older:
            # In the order of the index, or PostgreSQL may walk all teams' generations until it has counted enough.
            number = self._pictures.order_by("-created_at", "-pk")[: COUNT_TO + 1].count()
        return number_of_pictures(number, COUNT_TO)

    @property
    def addition(self) -> str:
        """What to say when this page is added below another one."""
        return number_of_more_pictures(len(self.items))
