"""The gallery's sentences."""

from datetime import datetime, timedelta

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils import timezone
from django.utils.formats import date_format
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
