"""Favourites: pictures that one person marked for themselves."""

from django.conf import settings
from django.db import models
from django.utils import timezone

from hubportal.generations.models import Image


def favourite_label(user_id: int) -> str:
    """The label of a picture that this person marked."""
    return f"f{user_id}"


class Favourite(models.Model):
    """A person marked a picture. Who leaves the team finds theirs again on coming back; nobody else sees them."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")
    marked_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user", "image"], name="favourite_once")]

    def __str__(self) -> str:
        return f"{self.image_id} of {self.user_id}"
