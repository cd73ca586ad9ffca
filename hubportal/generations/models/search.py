"""What can be found of generations and of their pictures: their words, and the facts that the filters ask for."""

import hashlib
import uuid

from django.db import models

from hubportal.generations.models.generation import Generation
from hubportal.generations.models.image import Image
from hubportal.generations.states import Visibility
from hubportal.listing.search.documents import SearchDocument
from hubportal.listing.search.index import Description, SearchIndex
from hubportal.listing.search.registry import register

# Of one that has not ended: its state and key change too often to be written into the index each time.
UNFINISHED = "o"


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


def _private_to(generation: Generation) -> int | None:
    return generation.author_id if generation.visibility == Visibility.PRIVATE else None


def _order_facts(generation: Generation) -> frozenset[str]:
    return frozenset(
        {author_fact(generation.author_id), model_fact(generation.model), project_fact(generation.project_id)}
    )


def describe_generation(generation: Generation) -> Description:
    order, private_to = _order_facts(generation), _private_to(generation)
    now = {state_fact(generation.state), *([key_fact(generation.key_id)] if generation.key_id else [])}
    if generation.finished_at is None:
        return Description(generation.team_id, order | {UNFINISHED}, private_to, exact=frozenset(now))
    return Description(generation.team_id, order | now, private_to)


def describe_image(image: Image) -> Description | None:
    if not image.is_shown:
        return None
    return Description(image.team_id, _order_facts(image.generation), _private_to(image.generation))


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
