"""Pictures in templates: `{% load gallery %}`."""

from django import template

from hubportal.accounts.models import User
from hubportal.gallery.favourites import is_favourite
from hubportal.gallery.models import Selection
from hubportal.gallery.picture_bin import may_delete
from hubportal.generations.models import Image
from hubportal.teams.models import Membership

register = template.Library()


@register.filter
def selected_in(image: Image, selection: Selection | str | None) -> bool:
    """Whether the picture, which this selection's filters found, is in it. Nothing is where there is none."""
    if not isinstance(selection, Selection):
        return False
    return image.created_at < selection.made_at and str(image.pk) not in selection.excluded


@register.filter
def deletable_by(image: Image, membership: Membership) -> bool:
    """Whether this person may delete the picture, which they see."""
    return may_delete(membership, image)


@register.filter
def is_favourite_of(image: Image, user: User) -> bool:
    """Whether this person marked the picture."""
    return is_favourite(image, user.pk)
