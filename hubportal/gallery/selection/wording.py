"""Sentences on what is selected, and what was done to it."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.gallery.models import BulkChange, BulkState
from hubportal.gallery.selection.acts import ACTS
from hubportal.listing.search.rows import Count


def nothing_selected() -> str:
    return _("No picture was selected, so nothing was changed. Go back and select some.")


def selection_void() -> str:
    return _("What you selected is no longer known, so nothing was changed. Go back to the gallery and select again.")


def too_many_excluded(most: int) -> str:
    """That `most` pictures can be taken out of a selection of all."""
    text = _("At most %(number)s pictures can be taken out. Narrow the gallery by a filter instead.")
    return text % {"number": intcomma(most)}


def number_selected(count: Count) -> str:
    """How many pictures are selected, or that they are more than were counted."""
    number = count.number
    if not count.is_whole:
        return _("More than %(number)s selected") % {"number": intcomma((number - 1) // 10 * 10)}
    return ngettext("%(number)s selected", "%(number)s selected", number) % {"number": intcomma(number)}


def change_in_words(change: BulkChange) -> str:
    """What a change of many pictures did, or has done so far."""
    if change.state == BulkState.UNDONE:
        text = ngettext(
            "%(number)s picture is back as it was.", "%(number)s pictures are back as they were.", change.undone
        )
        return text % {"number": intcomma(change.undone)}
    return ACTS[change.act].happened(change.done)


def refused_in_words(change: BulkChange) -> str:
    """How many pictures were left as they are; "" where none was."""
    if not change.refused:
        return ""
    text = ngettext(
        "%(number)s picture was left as it is: you may not change it, or it can't be changed so any more.",
        "%(number)s pictures were left as they are: you may not change them, or they can't be changed so any more.",
        change.refused,
    )
    return text % {"number": intcomma(change.refused)}
