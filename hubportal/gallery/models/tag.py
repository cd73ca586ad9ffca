"""Tags: words that a team puts on its pictures."""

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from hubportal.gallery.names import KEY_FACTOR
from hubportal.generations.models import Image
from hubportal.teams.models import Team

MAX_NAME_LENGTH = 60


class TagColour(models.TextChoices):
    """By name alone: what each looks like by day and by night is in gallery_tags.css."""

    GREY = "grey", _("Grey")
    RED = "red", _("Red")
    ORANGE = "orange", _("Orange")
    YELLOW = "yellow", _("Yellow")
    GREEN = "green", _("Green")
    BLUE = "blue", _("Blue")
    PURPLE = "purple", _("Purple")
    PINK = "pink", _("Pink")


def tag_label(tag: uuid.UUID) -> str:
    """The label of a picture that has this tag."""
    return f"t{tag.hex}"


class TagQuerySet(models.QuerySet["Tag"]):
    def live(self) -> "TagQuerySet":
        """Tags that are there for people: neither deleted nor merged into another."""
        return self.filter(ended_at=None)

    def ended(self) -> "TagQuerySet":
        """Deleted or merged ones, which are still to be taken off some pictures."""
        # By a bound, for which the index of ended ones is made, or PostgreSQL would read all of them.
        return self.filter(ended_at__isnull=False, ended_at__lte=timezone.now())


class Tag(models.Model):
    """A word of a team's. Deleted or merged (`ended_at`), it stays until it is off all pictures (tags/ending.py)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    name = models.CharField(max_length=MAX_NAME_LENGTH)
    key = models.CharField(max_length=MAX_NAME_LENGTH * KEY_FACTOR)
    colour = models.CharField(max_length=10, choices=TagColour, default=TagColour.GREY)
    created_at = models.DateTimeField(default=timezone.now)
    ended_at = models.DateTimeField(null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.SET_NULL, related_name="merging")

    objects = TagQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["team", "key"], condition=models.Q(ended_at=None), name="tag_once_a_team"),
            models.CheckConstraint(condition=~models.Q(name="") & ~models.Q(key=""), name="tag_has_a_name"),
            models.CheckConstraint(
                condition=models.Q(merged_into=None) | models.Q(ended_at__isnull=False), name="tag_merged_has_ended"
            ),
        ]
        indexes = [
            models.Index(fields=["ended_at"], condition=models.Q(ended_at__isnull=False), name="tag_to_take_off"),
        ]

    def __str__(self) -> str:
        return self.name


class ImageTag(models.Model):
    """A picture has a tag."""

    tag = models.ForeignKey(Tag, on_delete=models.CASCADE, related_name="+", db_index=False)
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+")

    class Meta:
        constraints = [models.UniqueConstraint(fields=["tag", "image"], name="image_tag_once")]

    def __str__(self) -> str:
        return f"{self.tag_id} of {self.image_id}"
