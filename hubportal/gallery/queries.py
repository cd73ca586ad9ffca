"""Which pictures and references a person may see: what Generation.visible_to lets through, asked in one query.

The rule is written again from the picture's side because both other ways are slow: asking for the visible
generations first reads a whole team's, and asking for the membership first is one more question a thumbnail.
Where a team requires two-factor, whoever has none finds nothing; that alone is one question more.
"""

import uuid
from typing import Final, NamedTuple

from django.db import connection
from django.db.models import Q, QuerySet

from hubportal.accounts.models import User
from hubportal.accounts.two_factor import has_two_factor
from hubportal.gallery.filenames import MAX_READ
from hubportal.gallery.picture_bin import may_delete
from hubportal.generations.models import Generation, Image, Reference, Visibility
from hubportal.teams.models import Membership, Team


def _visible_to(user_id: int) -> Q:
    return Q(generation__visibility=Visibility.TEAM) | Q(generation__author=user_id)


def stored_pictures(membership: Membership) -> QuerySet[Image]:
    """The team's pictures that can be shown, that nobody deleted and which this person may see."""
    shown = ~Q(thumb="")
    return Image.objects.present().filter(shown, _visible_to(membership.user_id), team=membership.team_id)


class PictureFiles(NamedTuple):
    """What is sent of a picture, and by what name: its files, and the beginning of its prompt.

    `kept_at` is as the database gives it, and serves to tell one from another.
    """

    original: str
    thumb: str
    thumb_small: str
    content_type: str
    kept_at: object
    position: int
    prompt: str


# Written out, for a page asks for dozens of thumbnails: Django took longer to put it together than the database to
# answer it. `_visible_to` and a membership, as everywhere (tests/gallery/test_media.py compares the two).
FILES_OF_PICTURE: Final = f"""
    SELECT team.requires_two_factor, image.binned_at, image.original, image.thumb, image.thumb_small,
        image.content_type, image.kept_at, image.position, SUBSTR(generation.prompt, 1, {MAX_READ})
    FROM {Image._meta.db_table} image
    JOIN {Generation._meta.db_table} generation ON generation.id = image.generation_id
    JOIN {Team._meta.db_table} team ON team.id = image.team_id
    JOIN {Membership._meta.db_table} membership ON membership.team_id = image.team_id
    WHERE image.id = %s AND image.kept_at IS NOT NULL AND membership.user_id = %s
        AND (generation.visibility = %s OR generation.author_id = %s)
"""  # noqa: S608 - the names of tables, and a number


def find_picture_files(user: User, pk: uuid.UUID) -> PictureFiles | None:
    """The picture's files, if they are here and the person may see it.

    A deleted one is for whoever may restore it, which costs one question more.
    """
    with connection.cursor() as cursor:
        key = Image._meta.pk.get_db_prep_value(pk, connection)
        cursor.execute(FILES_OF_PICTURE, [key, user.pk, Visibility.TEAM.value, user.pk])
        row = cursor.fetchone()
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
