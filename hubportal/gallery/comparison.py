"""Two to four pictures beside each other: what was asked for each, and where that differs."""

import re
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.gallery.page import MAX_PROMPT_SHOWN, GalleryItem, prompt_beginnings
from hubportal.gallery.queries import stored_pictures
from hubportal.generations.cards import read_uuid
from hubportal.generations.models import Image
from hubportal.generations.models.search import IMAGES
from hubportal.generations.templatetags.generations import cost, effort_words, option_words, size_words
from hubportal.hub.image_models import ImageModel
from hubportal.listing.search.query import Search
from hubportal.listing.search.rows import FoundRows
from hubportal.teams.models import Membership

MAX_PICTURES: Final = 4
MAX_OFFERED: Final = 24
# Of longer prompts it is said only that they differ.
MAX_WORDS_COMPARED: Final = 1500
# A word or a sign, with the blanks behind it. Japanese and Chinese are written without: there each sign is one.
_WORD: Final = re.compile(r"(?:[\u3040-\u30ff\u3400-\u9fff]|[^\W\u3040-\u30ff\u3400-\u9fff]+|\S|^)\s*")


@dataclass(frozen=True, slots=True)
class Piece:
    """A part of a prompt; `differs`: the prompt it is compared with hasn't got it."""

    text: str
    differs: bool


@dataclass(frozen=True, slots=True)
class ComparedFact:
    """One row below the pictures: a cell for each of them, in their order."""

    label: str
    cells: tuple[str, ...]

    @property
    def differs(self) -> bool:
        return len(set(self.cells)) > 1


@dataclass(frozen=True, slots=True)
class ComparedPicture:
    """A picture and its prompt; `others` are the ids of those that stay when it is taken away."""

    item: GalleryItem
    prompt: tuple[Piece, ...]
    others: tuple[uuid.UUID, ...]

    @property
    def image(self) -> Image:
        return self.item.image


class Comparison:
    """What an address asks to be compared: ids as they were written, and those of them that this person may see.

    `problems` are sentences on what of it could not be shown.
    """

    def __init__(self, membership: Membership, models: tuple[ImageModel, ...], asked: Sequence[str]) -> None:
        self._membership, self._models = membership, models
        ids = list(dict.fromkeys(filter(None, map(read_uuid, asked))))
        seen = stored_pictures(membership).select_related(
            "generation__author", "generation__project", "generation__key"
        )
        found = {image.pk: image for image in seen.filter(pk__in=ids[:MAX_PICTURES])}
        self.images = [found[pk] for pk in ids[:MAX_PICTURES] if pk in found]
        self.problems = self._find_problems(len(set(asked)), len(ids))

    def _find_problems(self, asked: int, known: int) -> list[str]:
        gone = asked - known + min(known, MAX_PICTURES) - len(self.images)
        problems = []
        if gone:
            problems.append(
                ngettext(
                    "One of the pictures isn't here: it was deleted, or is not for you to see.",
                    "%(number)d of the pictures aren't here: they were deleted, or are not for you to see.",
                    gone,
                )
                % {"number": gone}
            )
        if known > MAX_PICTURES:
            problems.append(_("At most four pictures can be compared. These are the first four you chose."))
        return problems

    @property
    def ids(self) -> tuple[uuid.UUID, ...]:
        return tuple(image.pk for image in self.images)

    @property
    def is_full(self) -> bool:
        return len(self.images) == MAX_PICTURES

    def pictures(self) -> list[ComparedPicture]:
        names = {model.id: model.name for model in self._models}
        prompts = compared_prompts([image.generation.prompt for image in self.images])
        return [
            ComparedPicture(
                GalleryItem.of(image, names).show_prompt(image.generation.prompt),
                prompt,
                tuple(pk for pk in self.ids if pk != image.pk),
            )
            for image, prompt in zip(self.images, prompts, strict=True)
        ]

    def facts(self) -> list[ComparedFact]:
        """What was asked for and what came of it, of all pictures; a row that nobody has anything in is left out."""
        names = {model.id: model.name for model in self._models}
        columns = [_facts(image, names) for image in self.images]
        labels = dict.fromkeys(label for column in columns for label in column)
        return [ComparedFact(label, tuple(column.get(label, "–") for column in columns)) for label in labels]

    def offered(self) -> list[GalleryItem]:
        """What else could be compared: first the other pictures of the same orders, then the newest of the gallery."""
        if self.is_full:
            return []
        orders = {image.generation_id for image in self.images}
        beside = stored_pictures(self._membership).filter(generation__in=orders).for_gallery().order_by("position")
        gallery = Search(IMAGES, self._membership.team_id, self._membership.user_id)
        newest = FoundRows(Image.objects.for_gallery(), gallery).older(None, MAX_OFFERED + MAX_PICTURES)
        offered = {image.pk: image for image in (*beside, *newest) if image.pk not in self.ids}
        items = [GalleryItem.of(image, {}) for image in list(offered.values())[:MAX_OFFERED]]
        prompts = prompt_beginnings(items)
        return [item.show_prompt(prompts[item.image.generation_id], MAX_PROMPT_SHOWN) for item in items]


def compared_prompts(prompts: Sequence[str]) -> list[tuple[Piece, ...]]:
    """Each prompt in pieces: what the first one hasn't got is marked, and of two what the second hasn't got as well."""
    if not prompts:
        return []
    first, *others = prompts
    marked = [_marked(other, first) for other in others]
    whole = (Piece(first, differs=False),)
    return [_marked(first, others[0]) if len(others) == 1 else whole, *marked]


def _marked(prompt: str, against: str) -> tuple[Piece, ...]:
    words, others = _WORD.findall(prompt), _WORD.findall(against)
    if max(len(words), len(others)) > MAX_WORDS_COMPARED:
        return (Piece(prompt, differs=prompt != against),)
    # With its rule against frequent words, without which a word said a thousand times takes half a minute.
    matcher = SequenceMatcher(
        None, [word.rstrip() for word in others], [word.rstrip() for word in words], autojunk=True
    )
    pieces: list[Piece] = []
    for way, _begin, _end, begin, end in matcher.get_opcodes():
        text = "".join(words[begin:end])
        # What is marked ends with its last word, not with the blanks behind it.
        blanks = text[len(text.rstrip()) :] if way != "equal" else ""
        pieces += (Piece(text.removesuffix(blanks), way != "equal"), Piece(blanks, differs=False))
    return tuple(piece for piece in pieces if piece.text)


def _facts(image: Image, model_names: Mapping[str, str]) -> dict[str, str]:
    generation = image.generation
    return {
        _("Model"): model_names.get(generation.model, generation.model),
        _("Size asked for"): size_words(generation),
        _("Size"): f"{image.width} × {image.height}",
        _("Effort"): effort_words(generation),
        **dict(option_words(generation)),
        _("Credits"): cost(generation) or "–",
        _("Made by"): str(generation.author),
        **({_("Project"): str(generation.project)} if generation.project else {}),
    }
