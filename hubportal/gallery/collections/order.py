"""The pictures of a collection: putting them in and taking them out, and their order.

All of it under the lock of the collection's row, so that two who sort at once lose nothing: each moves one picture
beside another one, wherever that is by then, and of two who move the same one the last has it their way.
"""

import uuid
from collections.abc import Iterator

from django.db import transaction
from django.db.models import QuerySet

from hubportal.gallery.models import Collection, CollectionImage
from hubportal.gallery.models.collection import GAP, collection_label
from hubportal.generations.labels import change_labels
from hubportal.generations.models import Image, Visibility

# Where there is no room between two pictures, those behind it move up by this, as far as it takes.
PUSH = 2**16


class CollectionGone(Exception):
    """Somebody just deleted it."""


class PrivatePictureError(Exception):
    """Only its author sees the picture, and the collection is the team's."""


class NotInCollection(Exception):
    """One of the two pictures is not in it, or not any more."""


def lock_collection(collection: Collection) -> Collection:
    """The collection as it is now: nobody else changes it or its order meanwhile. Raises CollectionGone."""
    live = Collection.objects.live().select_for_update(of=("self",), no_key=True).select_related("team")
    if (found := live.filter(pk=collection.pk).first()) is None:
        raise CollectionGone
    return found


@transaction.atomic
def add_to_collection(collection: Collection, image: Image) -> bool:
    """Put a picture in, behind the others. False when it is in it already.

    Raises PrivatePictureError and CollectionGone. `image` comes with its generation.
    """
    if image.generation.visibility != Visibility.TEAM:
        raise PrivatePictureError
    collection = lock_collection(collection)
    inside = _inside(collection)
    if inside.filter(image=image).exists():
        return False
    last = inside.order_by("-position").values_list("position", flat=True).first()
    CollectionImage.objects.create(collection=collection, image=image, position=0 if last is None else last + GAP)
    change_labels([image.pk], add=frozenset({collection_label(collection.pk)}))
    if collection.cover_id is None:
        _set_cover(collection, image.pk)
    return True


@transaction.atomic
def take_from_collection(collection: Collection, image: Image) -> bool:
    """Take a picture out; it stays in the gallery. False when it isn't in it. Raises CollectionGone."""
    collection = lock_collection(collection)
    deleted, _rows = _inside(collection).filter(image=image).delete()
    if not deleted:
        return False
    change_labels([image.pk], remove=frozenset({collection_label(collection.pk)}))
    if collection.cover_id == image.pk:
        first = _inside(collection).order_by("position").values_list("image", flat=True).first()
        _set_cover(collection, first)
    return True


@transaction.atomic
def move_in_collection(collection: Collection, image: uuid.UUID, beside: uuid.UUID, *, after: bool) -> None:
    """Put a picture just before another one, or just `after` it. Raises NotInCollection and CollectionGone."""
    collection = lock_collection(collection)
    places = dict(_inside(collection).filter(image__in=[image, beside]).values_list("image", "position"))
    if image not in places or beside not in places:
        raise NotInCollection
    if image != beside:
        _place(collection, image, places[beside], after=after)


def _place(collection: Collection, image: uuid.UUID, beside: int, *, after: bool) -> None:
    """Give a picture a position just before or after this one."""
    others = _inside(collection).exclude(image=image)
    bound = (
        others.filter(position__gt=beside).order_by("position")
        if after
        else others.filter(position__lt=beside).order_by("-position")
    )
    other_side = bound.values_list("position", flat=True).first()
    if other_side is None:
        _set_position(collection, image, beside + (GAP if after else -GAP))
        return
    low, high = sorted((beside, other_side))
    if high - low < 2:
        # Out of the way of those that move up.
        _set_position(collection, image, _first_position(collection) - GAP)
        _push(collection, image, high)
        high += PUSH
    _set_position(collection, image, (low + high) // 2)


def _push(collection: Collection, image: uuid.UUID, start: int) -> None:
    """Move the pictures from this position on up by PUSH, until there is one that needn't move; all but this one."""
    moves: list[tuple[uuid.UUID, int]] = []
    least = start + PUSH
    for pk, position in _from(collection, image, start):
        if position >= least:
            break
        moves.append((pk, least))
        least += PUSH
    # The last one first: no two of them ever have one position.
    for pk, position in reversed(moves):
        _set_position(collection, pk, position)


def _from(collection: Collection, image: uuid.UUID, start: int) -> Iterator[tuple[uuid.UUID, int]]:
    rows = _inside(collection).exclude(image=image).filter(position__gte=start).order_by("position")
    yield from rows.values_list("image", "position").iterator(chunk_size=100)


def _first_position(collection: Collection) -> int:
    return int(_inside(collection).order_by("position").values_list("position", flat=True)[0])


def _set_position(collection: Collection, image: uuid.UUID, position: int) -> None:
    _inside(collection).filter(image=image).update(position=position)


def _set_cover(collection: Collection, image: uuid.UUID | None) -> None:
    collection.cover_id = image
    collection.save(update_fields=["cover"])


def _inside(collection: Collection) -> QuerySet[CollectionImage]:
    return CollectionImage.objects.filter(collection=collection)
