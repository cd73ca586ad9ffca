"""A picture in another format and size, made when somebody asks for it, and kept for a day."""

import uuid
from datetime import datetime, timedelta
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile
from django.core.files.storage import default_storage
from django.db import models
from django.utils import timezone

from hubportal.generations.models import Image
from hubportal.generations.models.leases import Leased, is_free, new_lease
from hubportal.teams.models import Team

RETENTION: Final = timedelta(days=1)
LEASE: Final = timedelta(minutes=2)
MAX_TRIES: Final = 3
FOLDER: Final = "conversions"


class ConversionState(models.TextChoices):
    PENDING = "pending", "pending"
    READY = "ready", "ready"
    FAILED = "failed", "failed"


def conversion_path(instance: "Conversion", name: str) -> str:
    """By the day it was asked for: what no row knows of goes with the day's folder."""
    return f"{FOLDER}/{instance.asked_at:%Y-%m-%d}/{instance.pk}-{name}"


class ConversionQuerySet(models.QuerySet["Conversion"]):
    def fresh(self) -> "ConversionQuerySet":
        """Those that are kept."""
        return self.filter(asked_at__gt=timezone.now() - RETENTION)

    def waiting(self) -> "ConversionQuerySet":
        return self.fresh().filter(state=ConversionState.PENDING)

    def claim(self, pk: uuid.UUID) -> "Conversion | None":
        """Claim it; None when it is made, given up, or another worker's."""
        now = timezone.now()
        rows = self.waiting().filter(is_free(now), pk=pk)
        if not rows.update(**new_lease(now, LEASE), tries=models.F("tries") + 1):
            return None
        return self.select_related("image__generation__author").get(pk=pk)

    def delete_expired(self, now: datetime) -> None:
        """Delete those that were asked for more than a day ago, and the files of days that are over."""
        self.filter(asked_at__lte=now - RETENTION).delete()
        try:
            days, _files = default_storage.listdir(FOLDER)
        except FileNotFoundError:
            return
        for day in days:
            # Of the last hour of a day files are kept for another whole day.
            if day < f"{now - RETENTION:%Y-%m-%d}":
                _delete_day(f"{FOLDER}/{day}")


def _delete_day(folder: str) -> None:
    _folders, files = default_storage.listdir(folder)
    for name in files:
        default_storage.delete(f"{folder}/{name}")
    default_storage.delete(folder)


class Conversion(Leased):
    """`format` is one of imaging.CONVERSIONS, `side` the longest in pixels (0: the picture's own)."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    team = models.ForeignKey(Team, on_delete=models.CASCADE, related_name="+")
    image = models.ForeignKey(Image, on_delete=models.CASCADE, related_name="+", db_index=False)
    asked_by = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    format = models.CharField(max_length=8)
    side = models.PositiveIntegerField()
    state = models.CharField(max_length=8, default=ConversionState.PENDING)
    tries = models.PositiveSmallIntegerField(default=0)
    asked_at = models.DateTimeField(default=timezone.now, db_index=True)
    file = models.FileField(upload_to=conversion_path, max_length=200, blank=True)
    size = models.PositiveIntegerField(null=True, help_text="bytes")

    objects = ConversionQuerySet.as_manager()

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["image", "format", "side"], name="conversion_once_a_picture"),
            models.CheckConstraint(
                condition=models.Q(state=ConversionState.READY, size__isnull=False) & ~models.Q(file="")
                | models.Q(state__in=[ConversionState.PENDING, ConversionState.FAILED], file="", size=None),
                name="conversion_ready_has_a_file",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.format} {self.side} of {self.image_id} ({self.state})"

    def record_made(self, content: bytes, suffix: str) -> bool:
        """Keep the file. False, and it is deleted, when the lease was lost or the picture went meanwhile."""
        self.file.save(f"{uuid.uuid4().hex[:8]}.{suffix}", ContentFile(content), save=False)
        made: dict[str, Any] = {"state": ConversionState.READY, "file": self.file.name, "size": len(content)}
        if self.mine().filter(state=ConversionState.PENDING).update(lease_until=None, **made):
            return True
        self.file.delete(save=False)
        return False

    def record_failed(self) -> None:
        """It can't be made."""
        self.mine().update(state=ConversionState.FAILED, lease_until=None)

    def record_interrupted(self) -> None:
        """It was not made this time; after MAX_TRIES nobody tries any more."""
        over = {"state": ConversionState.FAILED} if self.tries >= MAX_TRIES else {}
        self.mine().update(lease_until=None, **over)
