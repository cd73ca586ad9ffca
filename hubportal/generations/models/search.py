"""What can be found of generations and of their pictures: their words, and the facts that the filters ask for."""

import hashlib
import uuid
from typing import Final

from django.db import models

from hubportal.generations.models.generation import Generation
from hubportal.generations.models.image import Image
from hubportal.generations.states import Visibility
from hubportal.imaging import colour_names
from hubportal.listing.search.documents import SearchDocument
from hubportal.listing.search.index import Description, SearchIndex
from hubportal.listing.search.registry import register

# Of one that has not ended: its state and key change too often to be written into the index each time.
UNFINISHED = "o"
# What is nearly square is taken for it: width by height, the least and the most.
SQUARE: Final = (0.95, 1.05)
SHAPES: Final = ("square", "wide", "tall")
# By the longer side: the least pixels of each, the largest first.
SIZES: Final = {"large": 3000, "medium": 1600, "small": 0}


# Of one for which the hub gave credits back: it failed, or made fewer pictures.
RETURNED = "r"


class GenerationDocument(SearchDocument):
    row = models.OneToOneField(Generation, on_delete=models.CASCADE, related_name="+")


class ImageDocument(SearchDocument):
    row = models.OneToOneField(Image, on_delete=models.CASCADE, related_name="+")


def author_fact(user_id: int) -> str:
    return f"a{user_id}"


def model_fact(model: str) -> str:
    """A model may have any characters in its name."""
    return f"m{hashlib.blake2b(model.encode(), digest_size=6).hexdigest()}"


def state_fact(state: str) -> str:
    return f"s{state}"


def key_fact(key: uuid.UUID) -> str:
    return f"k{key.hex}"


def project_fact(project: uuid.UUID | None) -> str:
    """None is no project."""
    return f"p{project.hex if project else 0}"


def shape_fact(shape: str) -> str:
    """Of SHAPES."""
    return f"h{shape}"


def size_fact(size: str) -> str:
    """Of SIZES."""
    return f"z{size}"


def colour_fact(colour: str) -> str:
    """Of imaging.COLOURS."""
    return f"l{colour}"


def _looks(image: Image) -> frozenset[str]:
    """How a picture looks: its shape, how large it is, its colours."""
    width, height = image.width or 1, image.height or 1
    shape = "square" if SQUARE[0] <= width / height <= SQUARE[1] else "wide" if width > height else "tall"
    size = next(name for name, least in SIZES.items() if max(width, height) >= least)
    return frozenset({shape_fact(shape), size_fact(size), *map(colour_fact, colour_names(image.palette))})


def _private_to(generation: Generation) -> int | None:
    return generation.author_id if generation.visibility == Visibility.PRIVATE else None


def _order_facts(generation: Generation) -> frozenset[str]:
    return frozenset(
        {author_fact(generation.author_id), model_fact(generation.model), project_fact(generation.project_id)}
    )


def describe_generation(generation: Generation) -> Description:
    order, private_to = _order_facts(generation), _private_to(generation)
    now = {state_fact(generation.state), *([key_fact(generation.key_id)] if generation.key_id else [])}
    if generation.returned:
        now.add(RETURNED)
    if generation.finished_at is None:
        return Description(generation.team_id, order | {UNFINISHED}, private_to, exact=frozenset(now))
    return Description(generation.team_id, order | now, private_to)


def describe_image(image: Image) -> Description | None:
    if not image.is_shown:
        return None
    facts = _order_facts(image.generation) | _looks(image) | image.label_set
    return Description(image.team_id, facts, _private_to(image.generation))


GENERATIONS = register(
    SearchIndex(
        Generation,
        GenerationDocument,
        describe=describe_generation,
        words=lambda generation: generation.prompt,
        rows=Generation.objects.all,
    )
)
IMAGES = register(
    SearchIndex(
        Image,
        ImageDocument,
        describe=describe_image,
        words=lambda image: image.generation.prompt,
        rows=lambda: Image.objects.select_related("generation"),
    )
)
