"""Pictures in templates: `{% load gallery %}`."""

from django import template

from hubportal.gallery.picture_bin import may_delete
from hubportal.generations.models import Image
from hubportal.teams.models import Membership

register = template.Library()


@register.filter
def deletable_by(image: Image, membership: Membership) -> bool:
    """Whether this person may delete the picture, which they see."""
    return may_delete(membership, image)
