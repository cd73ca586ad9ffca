"""A picture the hub made: first an address, soon bytes of our own."""

import uuid
from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from django.conf import settings
from django.core.files.base import ContentFile, File
from django.db import models, transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations import timing
from hubportal.generations.models.leases import Leased, is_free, new_lease
from hubportal.hub.records import ImageRecord
from hubportal.listing.search.documents import Searched, SearchedQuerySet
from hubportal.listing.search.registry import index_of
from hubportal.teams.models import Team

# The columns that say what was stored (ImageFiles).
STORED: Final = ("content_type", "size", "width", "height", "palette", "sha256")


def picture_path(instance: "Image", name: str) -> str:
    return f"pictures/{instance.team_id}/{instance.created_at:%Y/%m}/{instance.pk}/{name}"


@dataclass(frozen=True, slots=True)
class ImageFiles:
    """What was downloaded: the bytes as they came and thumbnails (WebP); `size` in bytes, sides in pixels, as shown.

    Without a thumbnail it is a file that can't be shown here; of its sides nothing may be known either. `palette` is
    imaging.read_palette's, `sha256` that of the original in hexadecimal digits.
    """

    original: "File[bytes]"
    thumb: "File[bytes] | None"
    suffix: str
    content_type: str
    size: int
    width: int | None
    height: int | None
    thumb_small: "File[bytes] | None" = None
    palette: str = ""
    sha256: str = ""


class ImageQuerySet(SearchedQuerySet["Image"]):
    def due_to_download(self, now: datetime) -> "ImageQuerySet":
        """Pictures whose bytes should be fetched now, and that nobody is fetching."""
        return self.filter(is_free(now), thumb="", due_at__lte=now)

    def create_due(self, generation: Any, records: Sequence[ImageRecord]) -> "list[Image]":
        """Note the pictures that the hub made for a generation; they are to be downloaded now."""
        now = timezone.now()
        return self.bulk_create(
            Image(
                generation=generation,
                team_id=generation.team_id,
                position=at,
                hub_id=one.id[:128],
                url=one.url,
                due_at=now,
            )
            for at, one in enumerate(records)
        )

    def to_fetch(self, team: Any) -> "ImageQuerySet":
        """Pictures of the team (or a Parameter for it) that the hub made and that are still tried to be downloaded."""
        return self.filter(team=team, kept_at=None, purged_at=None, due_at__isnull=False)

    def present(self) -> "ImageQuerySet":
        """Pictures whose bytes are here and that nobody deleted."""
        return self.filter(kept_at__isnull=False, binned_at=None)

    def for_gallery(self) -> "ImageQuerySet":
        """With what a page of many shows of each, but its prompt, which may be long."""
        columns = ("team", "created_at", "width", "height", "size", "palette")
        # What decides whether it is shown (search.py), or each would be read by itself.
        state = ("kept_at", "thumb", "binned_at", "labels")
        of_generation = ("version", "model", "visibility", "author__name", "author__email", "project__name")
        related = self.select_related("generation__author", "generation__project")
        return related.only(*columns, *state, *(f"generation__{name}" for name in of_generation))

    def in_bin(self) -> "ImageQuerySet":
        """Deleted pictures that can still be restored."""
        return self.filter(kept_at__isnull=False, binned_at__isnull=False, purged_at=None)

    def due_to_purge(self, now: datetime) -> "ImageQuerySet":
        """Deleted pictures whose time in the bin is over and whose files are still there."""
        return self.filter(binned_at__lte=now - timing.BIN_RETENTION, purged_at=None)

    def without_small_thumb(self) -> "ImageQuerySet":
        """Pictures that were kept before there were thumbnails of two sizes."""
        return self.filter(kept_at__isnull=False, thumb_small="").exclude(thumb="")

    def without_palette(self) -> "ImageQuerySet":
        """Pictures that were kept before their colours were read."""
        return self.filter(kept_at__isnull=False, palette="").exclude(thumb="")

    def without_hash(self) -> "ImageQuerySet":
        """Pictures that were kept before the hashes of their files were."""
        return self.filter(kept_at__isnull=False, sha256="")

    def with_hashes(self, hashes: Collection[str]) -> "ImageQuerySet":
        """Pictures whose files have these bytes."""
        # As the index is told: SQLite doesn't see that no hash is empty.
        return self.filter(sha256__in=hashes).exclude(sha256="")

    def not_purged(self) -> "ImageQuerySet":
        """All but those whose bytes were deleted for good, of which the row alone is left."""
        return self.filter(purged_at=None)

    def claim_for_download(self, pk: uuid.UUID) -> "Image | None":
        """Claim the picture; None when it is here, not due, or another worker's."""
        now = timezone.now()
        if not self.due_to_download(now).filter(pk=pk).update(**new_lease(now, timing.DOWNLOAD_LEASE)):
            return None
        return self.select_related("generation__key").get(pk=pk)


class Image(Searched, Leased):
    """One picture of a generation, in its place."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    generation = models.ForeignKey("Generation", on_delete=models.CASCADE, related_name="images")
    # The gallery walks a team's pictures by time without asking their generations.
    team = models.ForeignKey(Team, on_delete=models.PROTECT, related_name="+")
    position = models.PositiveSmallIntegerField()
    created_at = models.DateTimeField(default=timezone.now)
    hub_id = models.CharField(max_length=128, blank=True)
    url = models.TextField()
    # Downloaded. What has no thumbnail can't be shown, and is kept as a file; for a while a better one is looked for.
    kept_at = models.DateTimeField(null=True, blank=True)
    original = models.FileField(upload_to=picture_path, max_length=200, blank=True)
    thumb = models.FileField(upload_to=picture_path, max_length=200, blank=True)
    # Half as wide. Pictures kept by earlier versions get theirs in the worker; until then `thumb` stands in.
    thumb_small = models.FileField(upload_to=picture_path, max_length=200, blank=True, db_default="")
    content_type = models.CharField(max_length=20, blank=True)
    size = models.PositiveIntegerField(null=True, help_text="bytes")
    width = models.PositiveIntegerField(null=True)
    height = models.PositiveIntegerField(null=True)
    # Its main colours (imaging.read_palette). Pictures kept by earlier versions get theirs in the worker.
    palette = models.CharField(max_length=40, blank=True, default="", db_default="")
    # Of the original: it is the same picture as a reference with these bytes, and as a file that was downloaded here.
    sha256 = models.CharField(max_length=64, blank=True, default="", db_default="")
    # What rooms above put on it, so that it is found by that: short words, sorted, a blank between them (labels.py).
    labels = models.TextField(blank=True, default="", db_default="")
    # Still to be downloaded.
    tries = models.PositiveSmallIntegerField(default=0)
    problem = models.CharField(max_length=60, blank=True)
    # Deleted: in the bin, and after that its files are gone; the row stays, so that one can tell what was paid for.
    binned_at = models.DateTimeField(null=True, blank=True)
    binned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, null=True, blank=True, on_delete=models.PROTECT, related_name="+", db_index=False
    )
    purged_at = models.DateTimeField(null=True, blank=True)

    objects = ImageQuerySet.as_manager()

    class Meta:
        ordering = ["position"]
        constraints = [
            models.UniqueConstraint(fields=["generation", "position"], name="image_one_a_place"),
            # A comparison with NULL is no refusal to a database: that there is a number is said by itself.
            models.CheckConstraint(
                condition=models.Q(kept_at=None)
                | ~models.Q(original="")
                & models.Q(size__isnull=False, size__gt=0)
                & (
                    models.Q(thumb="")
                    | models.Q(width__isnull=False, width__gt=0, height__isnull=False, height__gt=0, due_at=None)
                ),
                name="image_kept_has_bytes",
            ),
            models.CheckConstraint(
                condition=models.Q(binned_at=None, binned_by=None, purged_at=None)
                | models.Q(binned_at__isnull=False, binned_by__isnull=False, due_at=None),
                name="image_binned_by_somebody",
            ),
            models.CheckConstraint(
                condition=models.Q(purged_at=None) | models.Q(kept_at=None, original="", thumb=""),
                name="image_purged_has_no_bytes",
            ),
            models.CheckConstraint(
                condition=models.Q(thumb_small="") | ~models.Q(thumb=""), name="image_small_thumb_beside_thumb"
            ),
        ]
        indexes = [
            # What the gallery walks: nobody waits for pictures that were deleted to be passed over.
            models.Index(
                fields=["team", "-created_at", "-id"], condition=models.Q(binned_at=None), name="image_newest_present"
            ),
            models.Index(
                fields=["team", "-binned_at", "-id"],
                condition=models.Q(binned_at__isnull=False, purged_at=None),
                name="image_in_bin",
            ),
            models.Index(
                fields=["binned_at"],
                condition=models.Q(binned_at__isnull=False, purged_at=None),
                name="image_to_purge",
            ),
            # By equality: without statistics PostgreSQL takes "due_at is not null" for nearly every row.
            models.Index(fields=["due_at"], condition=models.Q(thumb=""), name="image_to_keep"),
            models.Index(fields=["team"], condition=models.Q(kept_at=None, purged_at=None), name="image_not_kept"),
            # Empty, once every picture of an earlier version has its small thumbnail.
            models.Index(
                fields=["id"],
                condition=models.Q(kept_at__isnull=False, thumb_small="") & ~models.Q(thumb=""),
                name="image_without_small_thumb",
            ),
            models.Index(
                fields=["id"],
                condition=models.Q(kept_at__isnull=False, palette="") & ~models.Q(thumb=""),
                name="image_without_palette",
            ),
            models.Index(
                fields=["id"], condition=models.Q(kept_at__isnull=False, sha256=""), name="image_without_hash"
            ),
            models.Index(fields=["team", "sha256"], condition=~models.Q(sha256=""), name="image_by_hash"),
        ]

    def __str__(self) -> str:
        return f"Picture {self.position + 1} of {self.generation_id}"

    @property
    def label_set(self) -> frozenset[str]:
        return frozenset(self.labels.split())

    @property
    def given_up(self) -> bool:
        """Whether nobody tries to download it any more."""
        return self.kept_at is None and self.due_at is None and self.binned_at is None

    @property
    def binned_until(self) -> datetime | None:
        """Until when it can be restored; None when it was not deleted, or its files are gone."""
        return self.binned_at + timing.BIN_RETENTION if self.binned_at and self.kept_at else None

    def record_binned(self, by: User) -> bool:
        """It is deleted, for now. False, and nothing changed, when it is already or its bytes are not here."""
        changes = {"binned_at": timezone.now(), "binned_by": by, "due_at": None, "lease_until": None}
        return self._change(Image.objects.present(), changes)

    def record_restored(self) -> bool:
        """It is back. False, and nothing changed, when it is not in the bin (any more)."""
        return self._change(Image.objects.in_bin(), {"binned_at": None, "binned_by": None})

    def _change(self, rows: ImageQuerySet, changes: dict[str, Any]) -> bool:
        """Change the row if it is still among these; a lost race is False, not an error."""
        if not rows.filter(pk=self.pk).update(**changes):
            return False
        self.refresh_from_db(fields=list(changes))
        return True

    @property
    def is_shown(self) -> bool:
        """Whether it is here, can be shown and was not deleted."""
        return self.kept_at is not None and bool(self.thumb) and self.binned_at is None

    @property
    def is_file(self) -> bool:
        """Whether what came can't be shown, and is kept as a file."""
        return self.kept_at is not None and not self.thumb

    def record_moved(self, url: str) -> None:
        """The hub's record tells another address now."""
        self.url = url
        self.save(update_fields=["url"])

    def store(self, files: ImageFiles) -> None:
        """Put the files into the storage, under names of their own; `record_downloaded` makes them the picture's.

        Of two workers that store the same picture each knows its own files, and can delete them without harm.
        """
        unique = uuid.uuid4().hex[:8]
        # What is kept already is no file of this attempt: `delete_stored` must not find it here.
        self.original = self.thumb = self.thumb_small = ""
        self.original.save(f"picture-{unique}.{files.suffix}", files.original, save=False)
        if files.thumb is not None:
            self.thumb.save(f"thumb-{unique}.webp", files.thumb, save=False)
        if files.thumb_small is not None:
            self.thumb_small.save(f"small-{unique}.webp", files.thumb_small, save=False)
        self.content_type, self.size, self.width, self.height = (
            *(files.content_type, files.size),
            *(files.width, files.height),
        )
        self.palette, self.sha256 = files.palette, files.sha256

    def delete_stored(self) -> None:
        """Delete its files from the storage: those that `store` put there and no row knows, or that the row forgets."""
        for file in (self.original, self.thumb, self.thumb_small):
            if file:
                file.delete(save=False)

    def record_small_thumb(self, content: bytes) -> bool:
        """Keep the small thumbnail (WebP). False, and nothing is left behind, when there is one or the picture went."""
        self.thumb_small.save(f"small-{uuid.uuid4().hex[:8]}.webp", ContentFile(content), save=False)
        missing = Image.objects.without_small_thumb().filter(pk=self.pk, thumb=self.thumb.name)
        if missing.update(thumb_small=self.thumb_small.name):
            return True
        self.thumb_small.delete(save=False)
        return False

    @transaction.atomic
    def record_palette(self, palette: str) -> bool:
        """Keep its colours, by which it is found from now on. False when it has them, or went."""
        if not Image.objects.without_palette().filter(pk=self.pk).update(palette=palette):
            return False
        index_of(Image).update([self.pk])
        return True

    def record_hash(self, sha256: str) -> bool:
        """Keep the hash of its file. False when it has one, or went."""
        return bool(Image.objects.without_hash().filter(pk=self.pk, original=self.original.name).update(sha256=sha256))

    def record_downloaded(self) -> bool:
        """The stored files are the picture's. False, and nothing changed, when the lease is lost."""
        return self._record(due_at=None, problem="", **self._stored())

    def record_kept_as_file(self, reason: str, *, final: bool = False) -> bool:
        """The stored file is the picture's, though it can't be shown, and why; unless `final`, it is fetched again.

        False, and nothing changed, when the lease is lost.
        """
        return self._record(**self._stored(), **self._attempt(reason, final=final))

    def record_not_downloaded(self, reason: str, *, retry_after: float | None = None, final: bool = False) -> bool:
        """Note why the bytes could not be had, and when to try again (`retry_after` in seconds)."""
        return self._record(**self._attempt(reason, retry_after=retry_after, final=final))

    def _stored(self) -> dict[str, Any]:
        stored = {name: getattr(self, name) for name in STORED}
        thumbs = {name: getattr(self, name).name or "" for name in ("thumb", "thumb_small")}
        return {"kept_at": timezone.now(), "original": self.original.name, **thumbs, **stored}

    def _attempt(self, reason: str, *, retry_after: float | None = None, final: bool) -> dict[str, Any]:
        """One more attempt that brought nothing to be shown, and when the next one is."""
        now = timezone.now()
        tries = self.tries + 1
        pause = min(timing.MIN_DOWNLOAD_INTERVAL * 2 ** min(tries - 1, 20), timing.MAX_DOWNLOAD_INTERVAL)
        pause = max(pause, timing.retry_after(retry_after))
        in_vain = now - self.created_at > timing.DOWNLOAD_DEADLINE and tries >= timing.MIN_DOWNLOAD_ATTEMPTS
        return {"tries": tries, "problem": reason[:60], "due_at": None if final or in_vain else now + pause}

    @transaction.atomic
    def _record(self, **changes: Any) -> bool:
        """Change the row while the lease is ours, and its generation with it.

        In one transaction: nobody would find a generation whose last picture is here but that wasn't told.
        """
        if not self.mine().update(lease_until=None, **changes):
            return False
        self.refresh_from_db(fields=["lease_until", *changes])
        self.generation.record_downloads_tried()
        return True
