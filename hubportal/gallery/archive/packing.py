"""Many pictures as one ZIP file: which may be in it, what each is called there, and that it was downloaded.

All of it is known before the first byte is sent, so that the archive's length is: which files there are, how long each
is, and the manifest, of which only the hashes are filled in while the files pass by (archive/stream.py).
"""

import uuid
from collections.abc import Iterable, Iterator, Sequence
from itertools import batched
from pathlib import PurePath

import structlog
from django.conf import settings
from django.core.files.storage import default_storage
from django.db.models import Count, OuterRef, Subquery
from django.db.models.functions import Coalesce

from hubportal.audit.actor import Actor
from hubportal.audit.models import AuditEntry
from hubportal.gallery.archive.manifest import Manifest, Missing
from hubportal.gallery.archive.stream import Member, PictureArchive
from hubportal.gallery.audit_actions import PictureAction
from hubportal.gallery.filenames import UniqueNames
from hubportal.gallery.media import SUFFIXES
from hubportal.gallery.queries import visible_pictures
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership

log = structlog.get_logger(__name__)

# Pictures a query, so that their prompts, which may be long, are never all in memory.
BATCH_SIZE = 200
COLUMNS = (
    *(
        "original",
        "content_type",
        "size",
        "sha256",
        "width",
        "height",
        "kept_at",
        "binned_at",
        "purged_at",
        "created_at",
    ),
    *(f"generation__{name}" for name in ("prompt", "model", "size", "tier", "effort", "charged", "returned")),
    *("generation__visibility", "generation__project__name"),
    *("generation__author__name", "generation__author__email"),
)


class NothingChosen(Exception):
    """No picture was named."""


class TooManyPictures(Exception):
    """More than settings.MAX_ARCHIVE_PICTURES."""


class PicturesNotFound(Exception):
    """At least one is not there, or not for this person to see."""


def pack_pictures(membership: Membership, pks: Iterable[uuid.UUID], actor: Actor) -> PictureArchive:
    """An archive of the originals of these pictures, in this order, to be streamed and closed by the caller.

    What was deleted, or whose file is not in the storage any more, is named in the manifest and left out. Raises
    NothingChosen, TooManyPictures, and PicturesNotFound without saying which.
    """
    chosen = list(dict.fromkeys(pks))
    if not chosen:
        raise NothingChosen
    if len(chosen) > settings.MAX_ARCHIVE_PICTURES:
        raise TooManyPictures
    packing, manifest = _Packing(), Manifest()
    try:
        manifest.write(packing.pack(image) for image in _pictures(membership, chosen))
        # What is private is nobody else's business, as in the bin.
        if packing.shared:
            shared = packing.shared
            AuditEntry.objects.record(membership.team, PictureAction.DOWNLOADED, actor=actor, pictures=shared)
        return PictureArchive(packing.members, manifest)
    except BaseException:
        manifest.close()
        raise


class _Packing:
    """The files of an archive as they are found, one picture after the other; `shared` of them the team sees."""

    def __init__(self) -> None:
        self._names = UniqueNames()
        self.members: list[Member] = []
        self.shared = 0

    def pack(self, image: Image) -> tuple[Image, str | Missing]:
        """The picture, and its name in the archive or why it is not there."""
        found = _find_file(image)
        if isinstance(found, Missing):
            return image, found
        file, size = found
        # What can't be shown is kept under the suffix it came with.
        suffix = SUFFIXES.get(image.content_type) or PurePath(file).suffix.lstrip(".") or "bin"
        name = self._names.name(image.generation.prompt, suffix)
        self.members.append(Member(name, file, size, image.sha256))
        self.shared += image.generation.visibility == Visibility.TEAM
        return image, name


def _pictures(membership: Membership, pks: Sequence[uuid.UUID]) -> Iterator[Image]:
    """In this order. Raises PicturesNotFound."""
    siblings = Image.objects.filter(generation=OuterRef("generation")).order_by().values("generation")
    made = Coalesce(Subquery(siblings.annotate(number=Count("pk")).values("number")), 1)
    rows = visible_pictures(membership).select_related("generation__author", "generation__project")
    for batch in batched(pks, BATCH_SIZE, strict=False):
        found = {image.pk: image for image in rows.only(*COLUMNS).annotate(made=made).filter(pk__in=batch)}
        if len(found) < len(batch):
            raise PicturesNotFound
        yield from (found[pk] for pk in batch)


def _find_file(image: Image) -> tuple[str, int] | Missing:
    """Its original's name in the storage and its bytes, or why it can't be had."""
    if image.binned_at or image.purged_at:
        return Missing.DELETED
    if image.kept_at is None:
        return Missing.NOT_DOWNLOADED
    file = str(image.original)
    try:
        size = default_storage.size(file)
    except FileNotFoundError:
        size = None
    if size is None or size != image.size:
        log.error("stored_file_missing", file=file, size=size)
        return Missing.LOST
    return file, size
