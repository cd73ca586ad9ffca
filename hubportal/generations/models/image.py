"""A picture the hub made: first an address, soon bytes of our own."""

import uuid
from datetime import datetime, timedelta

from django.core.files.base import File
from django.db import models, transaction
from django.utils import timezone

from hubportal.teams.models import Team

# A picture is tried for a day, at growing intervals: an address is mortal, and it was paid for.
TRY_FOR = timedelta(hours=24)
# And so often at least, over more than an hour: the worker may have been off for that day.
TRIES_AT_LEAST = 10
FIRST_PAUSE = timedelta(seconds=5)
LONGEST_PAUSE = timedelta(hours=1)
# Renewed while the bytes are fetched (steps/lease.py).
KEEP_LEASE = timedelta(seconds=40)
KEPT_FIELDS = (
    *("original", "thumb", "content_type", "size", "width", "height"),
    *("kept_at", "due_at", "lease_until", "problem"),
)


def picture_path(instance: "Image", name: str) -> str:
    return f"pictures/{instance.team_id}/{instance.created_at:%Y/%m}/{instance.pk}/{name}"


class ImageQuerySet(models.QuerySet["Image"]):
    def to_keep(self, now: datetime) -> "ImageQuerySet":
        """Pictures whose bytes should be fetched now, and that nobody is fetching."""
        free = models.Q(lease_until=None) | models.Q(lease_until__lt=now)
        return self.filter(free, kept_at=None, due_at__lte=now)

    def claim(self, pk: uuid.UUID) -> "Image | None":
        """Take the picture for fetching; None when it is kept, not due, or somebody else's."""
        now = timezone.now()
        if not self.to_keep(now).filter(pk=pk).update(lease_until=now + KEEP_LEASE):
            return None
        return self.select_related("generation__key").get(pk=pk)


class Image(models.Model):
    """One picture of a generation, in its place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="images")
    # The gallery walks a team's pictures by time without asking their generations.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    hub_id = models.CharField(max_length=128, blank=True)
    url = models.TextField()
    # Kept.
    kept_at = models.DateTimeField(null=True, blank=True)
    original = models.FileField(upload_to=picture_path, max_length=200, blank=True)
    thumb = models.FileField(upload_to=picture_path, max_length=200, blank=True)
    content_type = models.CharField(max_length=20, blank=True)
    size = models.PositiveIntegerField(null=True, help_text="bytes")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Still to be fetched.
    due_at = models.DateTimeField(null=True, blank=True)
    lease_until = models.DateTimeField(null=True, blank=True)
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=60, blank=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "position"], name="image_one_a_place"),
            models.CheckConstraint(
                condition=models.Q(kept_at=None)
                | models.Q(width__gt=0, height__gt=0, size__gt=0, due_at=None) & ~models.Q(original=""),
                name="image_kept_has_bytes",
            ),
        ]
        indexes = [
            models.Index(fields=["team", "-created_at", "-id"], name="image_newest"),
            models.Index(fields=["due_at"], condition=models.Q(kept_at=None), name="image_to_keep"),
        ]

    def __str__(self) -> str:
        return f"Picture {self.position + 1} of {self.generation_id}"

    @property
    def given_up(self) -> bool:
        """Whether nobody tries to fetch it any more."""
        return self.kept_at is None and self.due_at is None

    def renew_lease(self) -> None:
        """Say that the bytes are still being fetched."""
        Image.objects.filter(pk=self.pk, kept_at=None).update(lease_until=timezone.now() + KEEP_LEASE)

    def record_moved(self, url: str) -> None:
        """The hub's record tells another address now."""
        self.url = url
        self.save(update_fields=["url"])

    def record_kept(
        self,
        *,
        original: "File[bytes]",
        thumb: "File[bytes]",
        suffix: str,
        content_type: str,
        size: int,
        width: int,
        height: int,
    ) -> None:
        """Store the bytes and the thumbnail; `size` in bytes, sides in pixels."""
        self.original.save(f"picture.{suffix}", original, save=False)
        self.thumb.save("thumb.webp", thumb, save=False)
        self.content_type, self.size, self.width, self.height = content_type, size, width, height
        self.kept_at, self.due_at, self.lease_until, self.problem = timezone.now(), None, None, ""
        self._save_and_tell(*KEPT_FIELDS)

    def record_not_kept(self, reason: str, *, retry_after: float | None = None, final: bool = False) -> None:
        """Note why the bytes could not be had, and when to try again (`retry_after` in seconds)."""
        now = timezone.now()
        self.tries += 1
        self.problem, self.lease_until = reason[:60], None
        pause = min(FIRST_PAUSE * 2 ** min(self.tries - 1, 20), LONGEST_PAUSE)
        pause = max(pause, timedelta(seconds=min(retry_after or 0, 3600)))
        in_vain = now - self.created_at > TRY_FOR and self.tries >= TRIES_AT_LEAST
        self.due_at = None if final or in_vain else now + pause
        self._save_and_tell("tries", "problem", "lease_until", "due_at")

    @transaction.atomic
    def _save_and_tell(self, *fields: str) -> None:
        """In one transaction: nobody would find a generation whose last picture is here but that wasn't told."""
        self.save(update_fields=fields)
        self.generation.record_pictures_tried()
