"""Sentences on tags."""

from collections.abc import Sequence

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _

from hubportal.gallery.models import Tag
from hubportal.gallery.tags.tagging import TooManyTags


def tags_changed(tags: Sequence[Tag], *, added: bool) -> str:
    """What is announced when somebody tagged a picture, or took tags off it."""
    names = ", ".join(map(str, tags))
    return (_("Tagged: {names}") if added else _("No longer tagged: {names}")).format(names=names)


def too_many_tags(error: TooManyTags) -> str:
    if error.in_team:
        return _("The team has {number} tags, and can't have more: delete some first, or merge them.").format(
            number=intcomma(error.limit)
        )
    return _("A picture can have {number} tags. Take some off first.").format(number=error.limit)
