"""Reference images on their way into an order: told by content, stored once a team, without where they were taken."""

import hashlib
import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import PurePath
from typing import Any

from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone

from hubportal.accounts.models import User
from hubportal.generations.models import Image, Reference, ReferenceFile
from hubportal.generations.upload_handlers import MAX_BYTES, MAX_FILES
from hubportal.imaging import ImageInfo, InvalidImage, check_complete, read_image_info, remove_location
from hubportal.teams.models import Team

FORM_SALT = "reference-in-a-form"
# A form may come back with more than fit, so that the person decides which to leave out.
MAX_TOKENS = 2 * MAX_FILES


@dataclass(frozen=True, slots=True)
class ReferenceUpload:
    """A reference that may be used: the stored file, the name it came with, and who uploaded it."""

    stored: ReferenceFile
    name: str
    user_id: int

    @property
    def token(self) -> str:
        """What a form that came back carries, instead of the file once more. Bound to whoever uploaded it."""
        return signing.dumps([str(self.stored.pk), self.name, self.user_id], salt=FORM_SALT)


def store_upload(team: Team, user: User, file: TemporaryUploadedFile) -> ReferenceUpload:
    """Store an upload, or find the same bytes stored before. Raises InvalidImage, also with the reason "empty".

    Where it was taken is removed first, so nobody gets to know it: neither the hub nor who downloads the reference.
    """
    if not file.size:
        raise InvalidImage("empty")
    info = read_image_info(file)
    if info.animated:
        raise InvalidImage("animated")
    check_complete(file, info)
    if not settings.KEEP_REFERENCE_LOCATION and remove_location(file, info):
        file.sha256 = hashlib.file_digest(file, "sha256").hexdigest()  # type: ignore[attr-defined]
        file.seek(0)
    return ReferenceUpload(_store(team, user, file, info), file.name or "", user.pk)


def use_picture(image: Image, user: User) -> ReferenceUpload:
    """One of the team's pictures as a reference: its bytes are copied, unless the team has them as a reference already.

    The copy stays when the picture is deleted later. Raises InvalidImage("too-large") for more than a reference may
    have, and FileNotFoundError where the storage has lost it.
    """
    if (image.size or 0) > MAX_BYTES:
        raise InvalidImage("too-large")
    suffix = PurePath(image.original.name or "").suffix.lstrip(".")
    opened: Any = image.original.open("rb")
    with opened as file:
        file.sha256 = hashlib.file_digest(file, "sha256").hexdigest()
        info = ImageInfo(image.content_type, suffix, image.width or 0, image.height or 0)
        return ReferenceUpload(_store(image.team, user, file, info), f"picture-{str(image.pk)[:8]}.{suffix}", user.pk)


def _store(team: Team, user: User, file: Any, info: ImageInfo) -> ReferenceFile:
    same = ReferenceFile.objects.filter(team=team, sha256=file.sha256)
    if same.update(added_at=timezone.now()):
        return same.get()
    new = ReferenceFile(
        team=team,
        added_by=user,
        sha256=file.sha256,
        content_type=info.content_type,
        size=file.size,
        width=info.width,
        height=info.height,
    )
    # The upload lies on the same disk: this is a rename, not a copy.
    new.file.save(file.sha256, file, save=False)
    names = ("id", "added_by", "file", "content_type", "size", "width", "height")
    with transaction.atomic():
        stored, is_new = ReferenceFile.objects.get_or_create(
            team=new.team, sha256=new.sha256, defaults={name: getattr(new, name) for name in names}
        )
    if not is_new:
        # Somebody else uploaded the same at the same moment.
        new.file.delete(save=False)
    return stored


def read_tokens(tokens: Sequence[str], team: Team, user: User) -> tuple[list[ReferenceUpload], list[str]]:
    """The references that a form carried by token, in its order, and the names of those that can't be had any more.

    A name is "" where the token itself can't be read. More tokens than any form carries are not read at all.
    """
    read = [_read_token(token, user) for token in tokens[:MAX_TOKENS]]
    files = ReferenceFile.objects.filter(team=team, pk__in={pk for pk, _name in read if pk})
    if read:
        # Counted anew from now: what is in somebody's form is not deleted as unused.
        files.update(added_at=timezone.now())
    by_pk: dict[uuid.UUID | None, ReferenceFile] = {stored.pk: stored for stored in files}
    lost = [name for pk, name in read if pk not in by_pk] + [""] * len(tokens[MAX_TOKENS:])
    return [ReferenceUpload(by_pk[pk], name, user.pk) for pk, name in read if pk in by_pk], lost


def _read_token(token: str, user: User) -> tuple[uuid.UUID | None, str]:
    """The file's id and its name. Without an age: what counts is whether the file is still here."""
    try:
        pk, name, user_id = signing.loads(token, salt=FORM_SALT)
    except signing.BadSignature:
        return None, ""
    return (uuid.UUID(pk), name) if user_id == user.pk else (None, "")


def uploads_of(references: Iterable[Reference], user: User) -> list[ReferenceUpload]:
    """The references of an earlier generation, for use once more."""
    return [ReferenceUpload(reference.stored, reference.name, user.pk) for reference in references]
