"""Reference images: the bytes, stored once in a team, and which generation used them under what name."""

import uuid
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.conf import settings
from django.core.files.base import ContentFile
from django.db import models, transaction
from django.utils import timezone

from hubportal.generations import timing
from hubportal.teams.models import Team

THUMB = "thumb.webp"


def reference_path(instance: "ReferenceFile", name: str) -> str:
    """By the row, not by the content: a file that is deleted is never another row's."""
    suffix = ".thumb.webp" if name == THUMB else ""
    return f"references/{instance.team_id}/{instance.sha256[:2]}/{instance.pk}{suffix}"


class ReferenceFileQuerySet(models.QuerySet["ReferenceFile"]):
    def without_thumb(self) -> "ReferenceFileQuerySet":
        """Files whose thumbnail nobody has tried to make."""
        return self.filter(thumb_tried_at=None)

    def delete_unused(self, now: datetime) -> int:
        """Delete files that no generation refers to a day after they were last in a form. Returns how many.

        Each row goes by a condition of its own, not by what was read before: a form may take one up meanwhile.
        """
        unused = self.filter(added_at__lt=now - timing.UNUSED_REFERENCE_RETENTION, uses=None)
        return sum(
            stored._delete_if_unused(stored.added_at) for stored in unused[: timing.UNUSED_REFERENCES_BATCH_SIZE]
        )


class ReferenceFile(models.Model):
    """A picture somebody uploaded, found again by its content within the team.

    Byte for byte, but for where it was taken (references.store_upload).
    """

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
        indexes = [
            models.Index(fields=["added_at"], condition=models.Q(thumb_tried_at=None), name="reference_without_thumb")
        ]

    def __str__(self) -> str:
        return f"{self.content_type}, {self.size} bytes"

    def _delete_if_unused(self, added_at: datetime) -> bool:
        """Under lock: a form that takes it up at this moment counts `added_at` anew, or finds it gone."""
        with transaction.atomic():
            locked = ReferenceFile.objects.select_for_update().filter(pk=self.pk, added_at=added_at).first()
            if locked is None or locked.uses.exists():
                return False
            locked.delete()
        for file in (self.file, self.thumb):
            if file:
                file.delete(save=False)
        return True

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

    @staticmethod
    def save_all(generation: Any, references: Sequence[tuple[ReferenceFile, str]]) -> None:
        """Write the references of a new generation: files with their names, in this order."""
        Reference.objects.bulk_create(
            Reference(generation=generation, stored=stored, position=at, name=name[:200])
            for at, (stored, name) in enumerate(references)
        )
