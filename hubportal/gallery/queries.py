"""Which pictures and references a person may see: what Generation.visible_to lets through, asked in one query.

The rule is written again from the picture's side because both other ways are slow: asking for the visible
generations first reads a whole team's, and asking for the membership first is one more question a thumbnail.
Where a team requires two-factor, whoever has none finds nothing; that alone is one question more.
"""

import uuid

from django.db.models import Q, QuerySet

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.gallery.picture_bin import may_delete
from hubportal.generations.models import Image, Reference, Visibility
from hubportal.teams.models import Membership, Team


def _visible_to(user_id: int) -> Q:
    return Q(generation__visibility=Visibility.TEAM) | Q(generation__author=user_id)


def stored_pictures(membership: Membership) -> QuerySet[Image]:
    """The team's pictures that can be shown, that nobody deleted and which this person may see."""
    shown = ~Q(thumb="")
    return Image.objects.present().filter(shown, _visible_to(membership.user_id), team=membership.team_id)


def find_picture(user: User, pk: uuid.UUID) -> Image | None:
    """The picture with its generation, if its bytes are here and the person may see it.

    A deleted one is for whoever may restore it, which costs one question more.
    """
    seen = Image.objects.filter(_visible_to(user.pk), team__memberships__user=user, kept_at__isnull=False)
    image = seen.select_related("generation", "team").filter(pk=pk).first()
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
