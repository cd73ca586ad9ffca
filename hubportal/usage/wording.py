"""What the usage pages say: names of days, months, people, models and keys, and numbers in words."""

from datetime import date
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.accounts.models import User
from hubportal.usage.months import Month
from hubportal.usage.periods import Period
from hubportal.usage.report import Line


def name_of(subject: Any) -> str:
    """What a line is about; nothing (None) is a key that nobody knows."""
    if subject is None:
        return _("Not known")
    if isinstance(subject, User):
        return subject.display_name
    if isinstance(subject, Month):
        return subject.name
    if isinstance(subject, date):
        return date_format(subject, "MONTH_DAY_FORMAT")
    return str(getattr(subject, "name", subject))


def credits_in_words(credits: int) -> str:
    """1 credit; 1,024 credits."""
    return ngettext("%(number)s credit", "%(number)s credits", credits) % {"number": intcomma(credits)}


def most_in_words(line: Line) -> str:
    """Which day or month has the most credits."""
    words = {"credits": intcomma(line.sums.credits), "when": name_of(line.subject)}
    if isinstance(line.subject, Month):
        return _("Most: %(credits)s in %(when)s") % words
    return _("Most: %(credits)s on %(when)s") % words


def pictures_in_words(pictures: int) -> str:
    """1 picture; 1,024 pictures."""
    return ngettext("%(number)s picture", "%(number)s pictures", pictures) % {"number": intcomma(pictures)}


def spent_heading(period: Period, today: date) -> str:
    """Above the number of credits that were spent."""
    if period.is_month and Month.of(today) == Month.of(period.first):
        return _("Spent this month")
    if period.is_month or period.is_year:
        return _("Spent in %(period)s") % {"period": period.name}
    return _("Spent, %(period)s") % {"period": period.name}
