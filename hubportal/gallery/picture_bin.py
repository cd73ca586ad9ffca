"""The bin: deleted pictures, which can be restored for seven days (timing.BIN_RETENTION); then their files go.

The row stays: the ledger says what was paid for it, and its generation says that it was deleted.
"""

import uuid
from datetime import datetime

from django.db import transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from hubportal.audit.actor import Actor, AuditSubject
from hubportal.audit.models import AuditEntry
from hubportal.gallery.audit_actions import PictureAction
from hubportal.gallery.models import Collection, CollectionImage, Favourite, ImageTag
from hubportal.generations.models import Image, Visibility
from hubportal.teams.models import Membership
from hubportal.teams.permissions import Permission

PURGE_BATCH_SIZE = 100


class NotInBin(Exception):
    """It was restored already, or its files are gone."""


def may_delete(membership: Membership, image: Image) -> bool:
    """Whether this person may delete and restore it: whoever made it, and admins whatever the team shares."""
    is_author = image.generation.author_id == membership.user_id
    if is_author and membership.has_permission(Permission.DELETE):
        return True
    return image.generation.visibility == Visibility.TEAM and membership.has_permission(Permission.DELETE_ANY)


def pictures_in_bin(membership: Membership) -> QuerySet[Image]:
    """The team's deleted pictures that this person may restore (`may_delete`)."""
    theirs = Q(generation__author=membership.user_id)
    if membership.has_permission(Permission.DELETE_ANY):
        theirs |= Q(generation__visibility=Visibility.TEAM)
    return Image.objects.in_bin().filter(theirs, team=membership.team_id)


@transaction.atomic
def bin_image(image: Image, actor: Actor) -> bool:
    """Move a picture to the bin, from where it can be restored. False where somebody else just did.

    Nobody sees it any more but those who may restore it. Copies of it that serve as references stay with their orders.
    """
    if not image.record_binned(actor.person):
        return False
    image.generation.record_pictures_changed()
    _record(image, PictureAction.DELETED, actor)
    return True


@transaction.atomic
def restore_image(image: Image, actor: Actor) -> None:
    """Take a picture out of the bin: it is where it was. Raises NotInBin."""
    if not image.record_restored():
        raise NotInBin
    image.generation.record_pictures_changed()
    _record(image, PictureAction.RESTORED, actor)


def _record(image: Image, action: PictureAction, actor: Actor) -> None:
    """Write it down for the team, unless the picture is its author's alone: then it is nobody else's business."""
    if image.generation.visibility == Visibility.TEAM:
        AuditEntry.objects.record(image.team, action, AuditSubject(image.pk, str(image.pk)[:8]), actor=actor)


def purge_bin() -> None:
    """Delete the files of what has been in the bin for seven days. May run twice at once.

    A picture is marked first (`kept_at`), so that nobody restores it while its files go, and the row forgets the files
    last: what a crash leaves is found again. Raises what the storage raises; the rest stays marked.
    """
    now = timezone.now()
    due = Image.objects.due_to_purge(now)
    due.filter(kept_at__isnull=False).update(kept_at=None)
    while batch := list(due.filter(kept_at=None).order_by()[:PURGE_BATCH_SIZE]):
        for image in batch:
            image.delete_stored()
        _forget([image.pk for image in batch], now)


@transaction.atomic
def _forget(pictures: list[uuid.UUID], now: datetime) -> None:
    """Their files are gone: nobody can find them any more by what was put on them."""
    Collection.objects.filter(cover__in=pictures).update(cover=None)
    for rows in (Favourite.objects, ImageTag.objects, CollectionImage.objects):
        rows.filter(image__in=pictures).delete()
    forgotten = {"original": "", "thumb": "", "thumb_small": "", "labels": ""}
    Image.objects.filter(pk__in=pictures).update(purged_at=now, **forgotten)
