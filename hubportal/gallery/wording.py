"""The gallery's sentences."""

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, ngettext

from hubportal.gallery.bulk_acts import ACTS
from hubportal.gallery.collection_changes import MAX_IN_A_TEAM, TooManyCollections
from hubportal.gallery.collection_order import CollectionGone
from hubportal.gallery.models import BulkChange, BulkState, Tag
from hubportal.gallery.tags import TooManyTags
from hubportal.listing.search.rows import Count


def number_of_pictures(number: int, count_to: int) -> str:
    """How many pictures there are, or that there are more than were counted."""
    if number > count_to:
        return _("More than %(number)s pictures") % {"number": intcomma(count_to)}
    return ngettext("%(number)s picture", "%(number)s pictures", number) % {"number": intcomma(number)}


def number_of_more_pictures(number: int) -> str:
    """What is announced when a page is added below another one."""
    return ngettext("%(number)s more picture", "%(number)s more pictures", number) % {"number": intcomma(number)}


def nothing_to_download() -> str:
    return _("No picture was chosen, so there is nothing to download. Go back and choose some.")


def too_many_to_download(most: int) -> str:
    """That one archive holds `most` pictures."""
    text = _("One archive holds at most %(number)s pictures. Choose fewer, and download the rest in a second one.")
    return text % {"number": intcomma(most)}


def too_many_downloads() -> str:
    text = _("Other archives are being downloaded, as many as there is room for. Try again once one of them is here.")
    return str(text)


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


def heading_of(moment: datetime) -> str:
    """What a picture of then stands under: its day if that is less than a week ago, else its month."""
    day, today = timezone.localdate(moment), timezone.localdate()
    if day >= today:
        return _("Today")
    if day == today - timedelta(days=1):
        return _("Yesterday")
    if day > today - timedelta(days=7):
        return date_format(day, "MONTH_DAY_FORMAT")
    return date_format(day, "YEAR_MONTH_FORMAT")


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
