"""Which pictures and references a person may see: what Generation.visible_to lets through, asked in one query.

The rule is written again from the picture's side because both other ways are slow: asking for the visible
generations first reads a whole team's, and asking for the membership first is one more question a thumbnail.
Where a team requires two-factor, whoever has none finds nothing; that alone is one question more.
"""

import uuid
from datetime import datetime
from typing import Final, NamedTuple

from django.db.models import Q, QuerySet
from django.db.models.functions import Left

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.gallery.filenames import MAX_READ
from hubportal.gallery.picture_bin import may_delete
from hubportal.generations.models import Image, Reference, Visibility
from hubportal.teams.models import Membership, Team


def _visible_to(user_id: int) -> Q:
    return Q(generation__visibility=Visibility.TEAM) | Q(generation__author=user_id)


def stored_pictures(membership: Membership) -> QuerySet[Image]:
    """The team's pictures that can be shown, that nobody deleted and which this person may see."""
    shown = ~Q(thumb="")
    return Image.objects.present().filter(shown, _visible_to(membership.user_id), team=membership.team_id)


class PictureFiles(NamedTuple):
    """What is sent of a picture, and by what name: its files, and the beginning of its prompt."""

    pk: uuid.UUID
    original: str
    thumb: str
    thumb_small: str
    content_type: str
    kept_at: datetime
    position: int
    prompt: str


FILE_COLUMNS: Final = (*PictureFiles._fields[:-1], Left("generation__prompt", MAX_READ))


def find_picture_files(user: User, pk: uuid.UUID) -> PictureFiles | None:
    """The picture's files, if they are here and the person may see it.

    A deleted one is for whoever may restore it, which costs one question more. A page asks for dozens of thumbnails,
    so this reads the columns it needs and makes no records of them.
    """
    seen = Image.objects.filter(_visible_to(user.pk), team__memberships__user=user, kept_at__isnull=False, pk=pk)
    row = seen.order_by().values_list("team__requires_two_factor", "binned_at", *FILE_COLUMNS).first()
    if row is None:
        return None
    requires_two_factor, binned_at, *files = row
    may_open = not requires_two_factor or has_two_factor(user)
    return PictureFiles(*files) if may_open and (binned_at is None or _may_restore(user, pk)) else None


def _may_restore(user: User, pk: uuid.UUID) -> bool:
    image = Image.objects.select_related("generation").get(pk=pk)
    return may_delete(Membership.objects.get(user=user, team=image.team_id), image)


def find_reference(user: User, pk: uuid.UUID) -> Reference | None:
    """The reference image, if the person may see the generation it belongs to."""
    seen = Reference.objects.filter(_visible_to(user.pk), generation__team__memberships__user=user)
    reference = seen.select_related("stored__team").filter(pk=pk).first()
    return reference if reference and _may_open(user, reference.stored.team) else None


def _may_open(user: User, team: Team) -> bool:
    return not team.requires_two_factor or has_two_factor(user)
