"""Favourites: everybody's own, of pictures that they see. Nobody else is told, the audit log neither."""

from django.db import transaction

from hubportal.accounts.models import User
from hubportal.gallery.models import Favourite
from hubportal.gallery.models.favourite import favourite_label
from hubportal.generations.labels import change_labels
from hubportal.generations.models import Image


@transaction.atomic
def mark_favourite(image: Image, user: User) -> bool:
    """Make a picture this person's favourite. False when it is already."""
    _, is_new = Favourite.objects.get_or_create(image=image, user=user)
    if is_new:
        change_labels([image.pk], add=frozenset({favourite_label(user.pk)}))
    return is_new


@transaction.atomic
def unmark_favourite(image: Image, user: User) -> bool:
    """Make it a favourite no longer. False when it was none."""
    deleted, _ = Favourite.objects.filter(image=image, user=user).delete()
    if deleted:
        change_labels([image.pk], remove=frozenset({favourite_label(user.pk)}))
    return bool(deleted)


def is_favourite(image: Image, user_id: int) -> bool:
    """Whether this person marked it, by the label: no further table is asked."""
    return favourite_label(user_id) in image.label_set
