"""Reference images: the bytes, stored once in a team, and which generation used them under what name."""

import uuid
from contextlib import suppress
from datetime import datetime, timedelta

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models
from django.utils import timezone

from hubportal.teams.models import Team

# A form that came back with an error shows its files again; a day is plenty to send it once more.
UNUSED_FOR = timedelta(days=1)


THUMB = "thumb.webp"


def reference_path(instance: "ReferenceFile", name: str) -> str:
    suffix = ".thumb.webp" if name == THUMB else ""
    return f"references/{instance.team_id}/{instance.sha256[:2]}/{instance.sha256}{suffix}"


class ReferenceFileQuerySet(models.QuerySet["ReferenceFile"]):
    def without_thumb(self) -> "ReferenceFileQuerySet":
        """Files whose thumbnail nobody has tried to make."""
        return self.filter(thumb="", thumb_tried_at=None)

    def drop_unused(self, now: datetime) -> int:
        """Remove files that no generation refers to a day after they came. Returns how many."""
        unused = self.filter(added_at__lt=now - UNUSED_FOR, uses=None)
        dropped = 0
        for stored in unused[:100]:
            with suppress(models.ProtectedError):
                stored.delete()
                stored.file.delete(save=False)
                stored.thumb.delete(save=False)
                dropped += 1
        return dropped


class ReferenceFile(models.Model):
    """A picture somebody uploaded, byte for byte, found again by its content within the team."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    added_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    sha256 = models.CharField(max_length=64)
    file = models.FileField(upload_to=reference_path, max_length=200)
    # Made by the worker; a picture that is too large to decode has none.
    thumb = models.FileField(upload_to=reference_path, max_length=200, blank=True)
    thumb_tried_at = models.DateTimeField(null=True)
    content_type = models.CharField(max_length=20)
    size = models.PositiveIntegerField(help_text="bytes")
    width = models.PositiveIntegerField()
    height = models.PositiveIntegerField()
    added_at = models.DateTimeField(default=timezone.now)

    objects = ReferenceFileQuerySet.as_manager()

    class Meta:
        constraints = [models.UniqueConstraint(fields=["team", "sha256"], name="reference_file_once_a_team")]

    def __str__(self) -> str:
        return f"{self.content_type}, {self.size} bytes"

    def record_thumb(self, content: bytes | None) -> None:
        """Keep the thumbnail (WebP), or that none could be made."""
        if content is not None:
            self.thumb.save(THUMB, ContentFile(content), save=False)
        self.thumb_tried_at = timezone.now()
        self.save(update_fields=["thumb", "thumb_tried_at"])


class Reference(models.Model):
    """One reference image of one generation, in its place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="references")
    stored = models.ForeignKey(ReferenceFile, on_delete=models.PROTECT, related_name="uses")
    position = models.PositiveSmallIntegerField()
    name = models.CharField(max_length=200)

    class Meta:
        ordering = ["position"]
        constraints = [models.UniqueConstraint(fields=["generation", "position"], name="reference_one_a_place")]

    def __str__(self) -> str:
        return self.name
