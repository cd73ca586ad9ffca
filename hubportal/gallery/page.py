"""A page of pictures with all that is shown of each, in two queries however many there are."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Self

from django.db.models.functions import Left

from hubportal.gallery.favourites import is_favourite
from hubportal.gallery.filters import GalleryFilterForm
from hubportal.gallery.wording import heading_of, number_of_more_pictures, number_of_pictures
from hubportal.generations.models import Generation, Image, Visibility
from hubportal.imaging import SMALL_THUMBNAIL_SIDE, THUMBNAIL_SIDE
from hubportal.listing.fragments import find_fragments, fragment_key, reader_key
from hubportal.listing.pagination import time_of
from hubportal.listing.search.rows import Count

PAGE_SIZE = 60
# Counting further would cost more than anybody reads out of the number.
COUNT_TO = 1000
# Characters of a prompt that a picture carries: sixty whole ones could be two megabytes.
MAX_PROMPT_SHOWN = 600
# CSS pixels of a row, between its least height (--tall in gallery.css) and what it usually grows to.
ROW_HEIGHT = 220


@dataclass(slots=True)
class GalleryItem:
    """One picture and what is told of it; `heading` is the day or month that begins with it, "" where none does.

    On a page of many, `key` has all that its part of the page depends on, and `html` is that part as it was rendered
    before; then the prompt is not read.
    """

    image: Image
    model: str
    prompt: str = ""
    shortened: bool = False
    heading: str = ""
    key: str = ""
    html: str = ""

    @classmethod
    def of(cls, image: Image, model_names: Mapping[str, str]) -> Self:
        return cls(image, model_names.get(image.generation.model, image.generation.model))

    def show_prompt(self, prompt: str, limit: int | None = None) -> Self:
        """The same with its prompt, up to `limit` characters of it."""
        self.prompt, self.shortened = prompt[:limit], limit is not None and len(prompt) > limit
        return self

    @property
    def ratio(self) -> str:
        """Width by height, as CSS reads numbers in every language."""
        return f"{self._ratio:.4f}"

    @property
    def colour(self) -> str:
        """What most of it has, as CSS reads colours; "" where its colours were not read yet."""
        return f"#{self.image.palette[:6]}" if self.image.palette else ""

    @property
    def widths(self) -> tuple[int, ...]:
        """How wide its thumbnails are, the small one first, in pixels."""
        return tuple(round(side * min(self._ratio, 1)) for side in (SMALL_THUMBNAIL_SIDE, THUMBNAIL_SIDE))

    @property
    def width_in_row(self) -> int:
        """About how wide it is shown, in CSS pixels, for browsers that don't work it out themselves."""
        return round(self._ratio * ROW_HEIGHT)

    @property
    def _ratio(self) -> float:
        return (self.image.width or 1) / (self.image.height or 1)

    @property
    def private(self) -> bool:
        return self.image.generation.visibility == Visibility.PRIVATE


def prompt_beginnings(items: Sequence[GalleryItem]) -> dict[object, str]:
    """The beginning of each picture's prompt, one character more than is shown, by generation."""
    if not items:
        return {}
    generations = Generation.objects.filter(pk__in={item.image.generation_id for item in items})
    beginning = Left("prompt", MAX_PROMPT_SHOWN + 1)
    return dict(generations.annotate(beginning=beginning).values_list("pk", "beginning"))


class GalleryPage:
    """What the filters ask for, from where the address says; `below_another`: it is added to the page before it."""

    def __init__(self, form: GalleryFilterForm, *, below_another: bool = False) -> None:
        self._model_names, self._membership = form.model_names, form.membership
        self._pictures = form.pictures()
        self._page = form.page_of(self._pictures, PAGE_SIZE)
        # The addresses of the pages before and after, or None.
        self.newer, self.older = self._page.newer, self._page.older
        last = time_of(Image, str(form.data.get("cursor", ""))) if below_another and self.newer else None
        self._heading_above = heading_of(last) if last else ""

    @cached_property
    def items(self) -> list[GalleryItem]:
        items = [GalleryItem.of(image, self._model_names) for image in self._page.items]
        above = self._heading_above
        for item in items:
            heading = heading_of(item.image.created_at)
            item.heading, above = ("" if heading == above else heading), heading
            item.key = self._key(item)
        self._fill(items)
        return items

    def _key(self, item: GalleryItem) -> str:
        image, team = item.image, self._membership.team
        made_by = (image.generation.author, image.generation.author_id == self._membership.user_id)
        is_marked = is_favourite(image, self._membership.user_id)
        row = (image.pk, image.generation.version, *made_by, is_marked, item.model, image.generation.project or "")
        return fragment_key(*row, self._membership.role, team.slug, reader_key())

    def _fill(self, items: list[GalleryItem]) -> None:
        """Give each what was rendered before, or else its prompt."""
        kept = find_fragments("gallery-item", [item.key for item in items])
        missing = [item for item in items if item.key not in kept]
        prompts = prompt_beginnings(missing)
        for item in items:
            item.html = kept.get(item.key, "")
        for item in missing:
            item.show_prompt(prompts[item.image.generation_id], MAX_PROMPT_SHOWN)

    @cached_property
    def _counted(self) -> Count:
        """How many pictures there are, counted up to COUNT_TO + 1.

        A page that holds them all is its own count, which spares a rare word the second search through everything.
        """
        if not self.newer and not self.older:
            return Count(len(self.items), is_whole=True)
        return self._pictures.count(COUNT_TO + 1)

    @property
    def number(self) -> str:
        """How many pictures there are, in words."""
        number = self._counted.number
        least = number if self._counted.is_whole else (number - 1) // 10 * 10
        return number_of_pictures(number, least)

    @property
    def total(self) -> int | None:
        """How many there are; None where nobody counted that far."""
        return self._counted.number if self._counted.is_whole else None

    @property
    def addition(self) -> str:
        """What to say when this page is added below another one."""
        return number_of_more_pictures(len(self.items))
