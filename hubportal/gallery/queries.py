"""Which pictures and references a person may see: what Generation.visible_to lets through, asked in one query.

The rule is written again from the picture's side because both other ways are slow: asking for the visible
generations first reads a whole team's, and asking for the membership first is one more question a thumbnail.
Where a team requires two-factor, whoever has none finds nothing; that alone is one question more.
"""

import uuid
from typing import Final

from django.db.models import Q

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.compiled_query import CompiledQuery, Parameter
from hubportal.gallery.picture_bin import may_delete
from hubportal.generations.models import Image, ImageQuerySet, Reference, Visibility
from hubportal.teams.models import Membership, Team

FILE_COLUMNS: Final = (
    *("original", "thumb", "thumb_small", "content_type", "kept_at", "position", "binned_at"),
    *("generation__prompt", "generation__visibility", "generation__author_id", "team__requires_two_factor"),
)


def _visible_to(user_id: int | Parameter) -> Q:
    return Q(generation__visibility=Visibility.TEAM) | Q(generation__author=user_id)


def visible_pictures(membership: Membership) -> ImageQuerySet:
    """The team's pictures which this person may see or might have seen: also those that are not here any more."""
    return Image.objects.filter(_visible_to(membership.user_id), team=membership.team_id)


def stored_pictures(membership: Membership) -> ImageQuerySet:
    """The team's pictures that can be shown, that nobody deleted and which this person may see."""
    shown = ~Q(thumb="")
    return visible_pictures(membership).present().filter(shown)


_find_files = CompiledQuery(
    lambda: (
        Image.objects.filter(
            _visible_to(Parameter("user", User, "pk")),
            team__memberships__user=Parameter("user", User, "pk"),
            kept_at__isnull=False,
            pk=Parameter("pk", Image),
        )
        .select_related("generation", "team")
        .only(*FILE_COLUMNS)
        .order_by()
    )
)


def find_picture(user: User, pk: uuid.UUID) -> Image | None:
    """The picture with its generation (FILE_COLUMNS), if its bytes are here and the person may see it.

    A page asks for dozens of thumbnails: one question. A deleted one is for whoever may restore it, one question more.
    """
    image = _find_files.first(user=user.pk, pk=pk)
    return image if image and _may_open(user, image.team) and _may_see(user, image) else None


def _may_see(user: User, image: Image) -> bool:
    return image.binned_at is None or may_delete(Membership.objects.get(user=user, team=image.team), image)


def find_reference(user: User, pk: uuid.UUID) -> Reference | None:
    """The reference image, if the person may see the generation it belongs to."""
    seen = Reference.objects.filter(_visible_to(user.pk), generation__team__memberships__user=user)
    reference = seen.select_related("stored__team").filter(pk=pk).first()
    return reference if reference and _may_open(user, reference.stored.team) else None


def _may_open(user: User, team: Team) -> bool:
    return not team.requires_two_factor or has_two_factor(user)
