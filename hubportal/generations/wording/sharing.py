"""What it means that somebody else sees a generation from now on."""

from django.utils.translation import gettext as _

from hubportal.generations.models import Generation, Visibility


def seen_by_words(generation: Generation) -> str:
    """What it means that this person or the team sees it from now on."""
    if generation.visibility == Visibility.TEAM:
        return _("Shared: everybody in the team now sees its pictures, its prompt and its reference images.")
    return _(
        "Private: nobody but you sees its pictures, its prompt and its reference images any more. What others "
        "downloaded or took as a reference until now stays with them."
    )
