"""Taking in reference images: told by content, kept byte for byte, stored once a team."""

import uuid
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.core.files.uploadedfile import TemporaryUploadedFile
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from hubportal.accounts.models import User
from hubportal.generations.models import Reference, ReferenceFile
from hubportal.generations.upload_handlers import MAX_BYTES, MAX_FILES
from hubportal.imaging import ImageInfo, InvalidImage, check_complete, read_image_info
from hubportal.teams.models import Team

SALT = "reference-kept-in-a-form"
KEPT_FOR = 86_400  # seconds; as long as ReferenceFile keeps what nothing refers to
# A form may come back with more than fit, so that the person decides which to leave out.
MAX_KEPT = 2 * MAX_FILES


@dataclass(frozen=True, slots=True)
class ReferenceUpload:
    """A reference that may be used: the stored file, and the name it came with."""

    stored: ReferenceFile
    name: str
    user_id: int

    @property
    def token(self) -> str:
        """What a form that came back carries, instead of the file once more. Bound to whoever uploaded it."""
        return signing.dumps([str(self.stored.pk), self.name, self.user_id], salt=SALT)


def take(team: Team, user: User, file: TemporaryUploadedFile) -> ReferenceUpload:
    """Keep an upload, or find the same bytes kept before. Raises InvalidImage, also with the reason "empty"."""
    if not file.size:
        raise InvalidImage("empty")
    found = read_image_info(file)
    check_complete(file, found)
    return ReferenceUpload(_stored(team, user, file, found), file.name or "", user.pk)


def _stored(team: Team, user: User, file: Any, found: ImageInfo) -> ReferenceFile:
    same = ReferenceFile.objects.filter(team=team, sha256=file.sha256)
    if same.update(added_at=timezone.now()):
        return same.get()
    new = ReferenceFile(
        team=team,
        added_by=user,
        sha256=file.sha256,
        content_type=found.content_type,
        size=file.size,
        width=found.width,
        height=found.height,
    )
    # The upload lies on the same disk: this is a rename, not a copy.
    new.file.save(file.sha256, file, save=False)
    return _only_one(new)


def _only_one(new: ReferenceFile) -> ReferenceFile:
    names = ("added_by", "file", "content_type", "size", "width", "height")
    with transaction.atomic():
        stored, made = ReferenceFile.objects.get_or_create(
            team=new.team, sha256=new.sha256, defaults={name: getattr(new, name) for name in names}
        )
    if not made and stored.file.name != new.file.name:
        new.file.delete(save=False)
    return stored


def kept(tokens: Sequence[str], team: Team, user: User) -> list[ReferenceUpload]:
    """The references that a form carried by token, in its order; those that don't hold are left out."""
    read = [pair for token in tokens[:MAX_KEPT] if (pair := _read(token, user))]
    files = ReferenceFile.objects.filter(team=team, pk__in={pk for pk, _name in read})
    if read:
        # Counted anew from now: what is in somebody's form is not dropped as unused.
        files.update(added_at=timezone.now())
    by_pk = files.in_bulk()
    return [ReferenceUpload(by_pk[pk], name, user.pk) for pk, name in read if pk in by_pk]


def used_before(references: Iterable[Reference], user: User) -> list[ReferenceUpload]:
    """The references of an earlier generation, for use once more."""
    return [ReferenceUpload(reference.stored, reference.name, user.pk) for reference in references]


def _read(token: str, user: User) -> tuple[uuid.UUID, str] | None:
    try:
        pk, name, user_id = signing.loads(token, salt=SALT, max_age=KEPT_FOR)
    except signing.BadSignature:
        return None
    return (uuid.UUID(pk), name) if user_id == user.pk else None


def sentence(name: str, reason: str) -> str:
    """What to tell somebody about a file that was not taken."""
    words = {
        "unreadable": _("{name} isn't a picture we can send. Use a PNG, JPEG or WebP file."),
        "empty": _("{name} is empty. Choose the file again."),
        "animated": _("{name} is animated. Use a still picture."),
        "truncated": _("{name} is incomplete: the end of the file is missing. Export or download it again."),
        "too-many-pixels": _("{name} has too many pixels. Use a smaller picture."),
        "too-large": _("{name} is larger than {limit} MB. Use a smaller file."),
        "too-many": _("{name} is one too many and was left out."),
    }
    return words.get(reason, words["unreadable"]).format(name=name, limit=MAX_BYTES // 2**20)
