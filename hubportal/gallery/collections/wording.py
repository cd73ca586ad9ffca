"""Sentences on collections."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from hubportal.gallery.collections.changes import MAX_IN_A_TEAM, TooManyCollections
from hubportal.gallery.collections.order import CollectionGone

PRIVATE_PICTURE = gettext_lazy(
    "This picture is private: only you see it, and a collection is the team's. Share it with the team first."
)


def collection_refused(error: Exception) -> ValidationError | str:
    """Why a collection can't be made, or called so."""
    if isinstance(error, ValidationError):
        return error
    if isinstance(error, TooManyCollections):
        return _("The team has {number} collections, and can't have more: delete one first.").format(
            number=intcomma(MAX_IN_A_TEAM)
        )
    if isinstance(error, CollectionGone):
        return _("Somebody just deleted this collection. Once more, and it is made anew.")
    return _("There is a collection of this name already.")
