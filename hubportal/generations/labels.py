"""Labels: short words that rooms above put on pictures, which are then found by them as by any other fact.

This room doesn't know what they mean. A picture's row has all of its labels, so that a search reads no other table for
them (models/search.py); what they stand for is kept by whoever puts them there, and is the truth.
"""

import re
import uuid
from collections.abc import Collection, Mapping

from django.db import transaction
from django.db.models import F

from hubportal.generations.models import Generation, Image
from hubportal.listing.search.registry import index_of

# A letter that says whose label it is, then what the index can hold. The letters of search.py's own facts are taken.
LABEL = re.compile(r"[bcdefgijnqrtuvwxy][0-9a-z]{1,40}")
NONE: frozenset[str] = frozenset()


@transaction.atomic
def change_labels(pictures: Collection[uuid.UUID], *, add: frozenset[str] = NONE, remove: frozenset[str] = NONE) -> int:
    """Put labels on these pictures and take others off; from then on they are found by what they have.

    Returns how many were changed. Some hundred at once: all of them stay locked until the caller's transaction ends.
    Raises ValueError for a word that can't be a label.
    """
    _check(add | remove)
    return _write({image: (image.label_set | add) - remove for image in _lock(pictures)})


@transaction.atomic
def set_labels(labels: Mapping[uuid.UUID, frozenset[str]]) -> int:
    """Give these pictures exactly these labels. Returns how many had others; for the rest as `change_labels`."""
    _check(NONE.union(*labels.values()))
    return _write({image: labels[image.pk] for image in _lock(labels)})


def _check(words: frozenset[str]) -> None:
    if wrong := [word for word in words if not LABEL.fullmatch(word)]:
        raise ValueError(f"no labels: {wrong}")


def _lock(pictures: Collection[uuid.UUID]) -> list[Image]:
    """A picture before its generation, as everywhere, and several in one order: nobody waits in a circle."""
    return list(Image.objects.select_for_update(no_key=True).filter(pk__in=pictures).order_by("pk"))


def _write(labels: Mapping[Image, frozenset[str]]) -> int:
    changed = []
    for image, words in labels.items():
        if words != image.label_set:
            image.labels = " ".join(sorted(words))
            changed.append(image)
    if changed:
        Image.objects.bulk_update(changed, ["labels"])
        # What was rendered of them before is not what they show now.
        generations = {image.generation_id for image in changed}
        locked = Generation.objects.select_for_update(no_key=True).filter(pk__in=generations).order_by("pk")
        Generation.objects.filter(pk__in=list(locked.values_list("pk", flat=True))).update(version=F("version") + 1)
        index_of(Image).update([image.pk for image in changed])
    return len(changed)
