"""Collections: pictures that a team put together by hand, in an order of its own."""

import uuid
from typing import Final

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.gallery.names import KEY_FACTOR
from hubportal.generations.models import Image
from hubportal.teams.models import Team

MAX_NAME_LENGTH = 80
MAX_DESCRIPTION_LENGTH = 1000
# Between two pictures that were put in one after the other: what is moved between them takes the middle.
GAP: Final = 2**32


def collection_label(collection: uuid.UUID) -> str:
    """The label of a picture that is in this collection."""
    return f"c{collection.hex}"


class CollectionQuerySet(models.QuerySet["Collection"]):
    def live(self) -> "CollectionQuerySet":
        """Collections that nobody deleted."""
        return self.filter(ended_at=None)

    def ended(self) -> "CollectionQuerySet":
        """Deleted ones, of which some pictures still have the label."""
        # By a bound, for which the index of ended ones is made, or PostgreSQL would read all of them.
        return self.filter(ended_at__isnull=False, ended_at__lte=timezone.now())


class Collection(models.Model):
    """Its pictures stand in `CollectionImage`. Deleted, it stays until no picture has its label (ended_labels.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+", db_index=False)
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    key = models.CharField(max_length=MAX_NAME_LENGTH * KEY_FACTOR)
    description = models.TextField(blank=True, max_length=MAX_DESCRIPTION_LENGTH)
    cover = models.ForeignKey(Image, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    made_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+", db_index=False)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)

    objects = CollectionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["team", "key"], condition=models.Q(ended_at=None), name="collection_once_a_team"
            ),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(key=""), name="collection_has_a_name"),
        ]
        indexes = [
            models.Index(
                fields=["team", "-created_at", "-id"], condition=models.Q(ended_at=None), name="collection_newest"
            ),
            models.Index(
                fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="collection_to_take_off"
            ),
        ]

    def __str__(self) -> str:
        return self.name


class CollectionImage(models.Model):
    """A picture in a collection. `position` is changed under the lock of the collection's row alone."""

    collection = models.ForeignKey(Collection, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    position = models.BigIntegerField()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["collection", "image"], name="collection_image_once"),
            models.UniqueConstraint(fields=["collection", "position"], name="collection_one_a_place"),
        ]

    def __str__(self) -> str:
        return f"{self.image_id} in {self.collection_id}"
