"""The gallery's sentences."""

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.translation import gettext as _
from django.utils.translation import ngettext


def number_of_pictures(number: int, count_to: int) -> str:
    """How many pictures there are, or that there are more than were counted."""
    if number > count_to:
        return _("More than %(number)s pictures") % {"number": intcomma(count_to)}
    return ngettext("%(number)s picture", "%(number)s pictures", number) % {"number": intcomma(number)}


def number_of_more_pictures(number: int) -> str:
    """What is announced when a page is added below another one."""
    return ngettext("%(number)s more picture", "%(number)s more pictures", number) % {"number": intcomma(number)}
