"""The end of a collection: for people it is over at once, its pictures' labels follow in batches."""

from django.db import transaction

from hubportal.gallery.models import Collection, CollectionImage
from hubportal.gallery.models.collection import collection_label
from hubportal.gallery.tags.ending import BATCH_SIZE, MAX_BATCHES
from hubportal.generations.labels import change_labels


def finish_endings() -> bool:
    """Take pictures out of deleted collections, some at a time. May run twice at once. True while there is more."""
    for _number in range(MAX_BATCHES):
        collection = Collection.objects.ended().order_by("ended_at").first()
        if collection is None:
            return False
        take_off_batch(collection)
    return Collection.objects.ended().exists()


@transaction.atomic
def take_off_batch(collection: Collection) -> bool:
    """Take some pictures out of a deleted collection. False when none is left in it, and its row is gone."""
    # Nobody puts one in meanwhile: that takes a lock of its row, too.
    locked = Collection.objects.select_for_update(of=("self",)).filter(pk=collection.pk).first()
    if locked is None:
        return False
    inside = CollectionImage.objects.filter(collection=locked)
    images = list(inside.values_list("image", flat=True)[:BATCH_SIZE])
    change_labels(images, remove=frozenset({collection_label(locked.pk)}))
    inside.filter(image__in=images).delete()
    if len(images) == BATCH_SIZE:
        return True
    locked.delete()
    return False
