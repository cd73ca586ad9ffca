"""The end of a tag that was deleted, or merged into another: for people it is over at once, the pictures follow.

Until they have, what is found by the other tag is found by this one's label too (`tags.labels_to_find`).
"""

import uuid
from typing import Final

from django.db import transaction

from hubportal.gallery.models import ImageTag, Tag
from hubportal.gallery.models.tag import tag_label
from hubportal.generations.labels import NONE, change_labels

# Pictures whose place in the index is written anew in one transaction: on SQLite others wait for it.
BATCH_SIZE: Final = 100
# Batches a run: other tasks want the worker's threads, too.
MAX_BATCHES: Final = 20


def anything_ending() -> bool:
    """Whether a tag that ended is still to be taken off pictures."""
    return Tag.objects.ended().exists()


def finish_endings() -> bool:
    """Take ended tags off pictures, some at a time. May run twice at once. True while there is more to do."""
    for _number in range(MAX_BATCHES):
        tag = Tag.objects.ended().order_by("ended_at").first()
        if tag is None:
            return False
        take_off_batch(tag)
    return anything_ending()


@transaction.atomic
def take_off_batch(tag: Tag) -> bool:
    """Let some pictures follow a tag that ended. False when none has it any more, and its row is gone."""
    # Nobody puts it on a picture meanwhile: that takes a lock of its row, too.
    locked = Tag.objects.select_for_update().filter(pk=tag.pk).first()
    if locked is None:
        return False
    images = list(ImageTag.objects.filter(tag=locked).values_list("image", flat=True)[:BATCH_SIZE])
    _replace(locked, images)
    if len(images) == BATCH_SIZE:
        return True
    locked.delete()
    return False


def _replace(tag: Tag, images: list[uuid.UUID]) -> None:
    into = tag.merged_into_id
    if into:
        ImageTag.objects.bulk_create([ImageTag(tag_id=into, image_id=pk) for pk in images], ignore_conflicts=True)
    change_labels(images, add=frozenset({tag_label(into)}) if into else NONE, remove=frozenset({tag_label(tag.pk)}))
    ImageTag.objects.filter(tag=tag, image__in=images).delete()
