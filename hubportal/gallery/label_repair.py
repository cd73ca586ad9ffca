"""What pictures are labelled with, compared with the rows that say what people put on them, and set right."""

import uuid
from collections import defaultdict
from collections.abc import Collection, Iterator

from django.db import transaction

from hubportal.gallery.models import CollectionImage, Favourite, ImageTag
from hubportal.gallery.models.collection import collection_label
from hubportal.gallery.models.favourite import favourite_label
from hubportal.gallery.models.tag import tag_label
from hubportal.generations.labels import set_labels
from hubportal.generations.models import Image

BATCH_SIZE = 500


def repair_labels(*, batch_size: int = BATCH_SIZE) -> Iterator[tuple[int, int]]:
    """Set right the labels of every picture, while the site runs. Yields pictures looked at and changed, by batches."""
    last: uuid.UUID | None = None
    while True:
        pictures = Image.objects.order_by("pk") if last is None else Image.objects.order_by("pk").filter(pk__gt=last)
        batch = list(pictures.values_list("pk", flat=True)[:batch_size])
        if not batch:
            return
        yield len(batch), _repair(batch)
        last = batch[-1]


@transaction.atomic
def _repair(pictures: list[uuid.UUID]) -> int:
    # Whoever marks one meanwhile waits for its row, and puts the label on after this.
    list(Image.objects.select_for_update(no_key=True).filter(pk__in=pictures).order_by("pk").values_list("pk"))
    return set_labels(labels_of(pictures))


def labels_of(pictures: Collection[uuid.UUID]) -> dict[uuid.UUID, frozenset[str]]:
    """The labels that each of these pictures should have."""
    found: defaultdict[uuid.UUID, set[str]] = defaultdict(set)
    for image, user in Favourite.objects.filter(image__in=pictures).values_list("image", "user"):
        found[image].add(favourite_label(user))
    for image, tag in ImageTag.objects.filter(image__in=pictures).values_list("image", "tag"):
        found[image].add(tag_label(tag))
    rows = CollectionImage.objects.filter(image__in=pictures)
    for image, collection in rows.values_list("image", "collection"):
        found[image].add(collection_label(collection))
    return {image: frozenset(found[image]) for image in pictures}
