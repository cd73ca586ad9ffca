"""What the usage pages say: names of days, months, people, models and keys, and numbers in words."""

from datetime import date, tzinfo
from typing import Any

from django.contrib.humanize.templatetags.humanize import intcomma
from django.utils.formats import date_format, number_format
from django.utils.timezone import localdate
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from hubportal.accounts.models import User
from hubportal.usage.credits import Credits
from hubportal.usage.months import Month
from hubportal.usage.periods import Period
from hubportal.usage.report import Line, Sums


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


def compared_in_words(spent: int, before: int, whole: Period | None, compared: Period | None) -> str:
    """How much more or less it was than what was `compared`: the `whole` period before, or its first days.

    "" with nothing before.
    """
    if before <= 0 or whole is None:
        return ""
    percent = round((spent - before) * 100 / before)
    words = {"percent": intcomma(abs(percent)), "period": whole.name}
    if compared == whole:
        if percent == 0:
            return _("as much as %(period)s") % words
        more, less = _("%(percent)s %% more than %(period)s"), _("%(percent)s %% less than %(period)s")
    else:
        if percent == 0:
            return _("as much as the same days of %(period)s") % words
        more = _("%(percent)s %% more than the same days of %(period)s")
        less = _("%(percent)s %% less than the same days of %(period)s")
    return (more if percent > 0 else less) % words


def lasts_in_words(credits: Credits, day: date | None, zone: tzinfo | None) -> str:
    """Until about when the credits last, and what expires before that; "" where nobody can tell."""
    if day is None:
        return ""
    words = {"day": date_format(day, "MONTH_DAY_FORMAT")}
    if credits.expires_at is None or (expires := localdate(credits.expires_at, zone)) > day:
        return _("at this pace they last until about %(day)s") % words
    words["expires"] = date_format(expires, "MONTH_DAY_FORMAT")
    return _("at this pace they last until about %(day)s, but some expire on %(expires)s") % words


def price_of_a_picture(sums: Sums) -> str:
    """Credits for each picture that was kept; "–" where there is none."""
    if sums.pictures <= 0:
        return "–"
    return number_format(round(sums.credits / sums.pictures, 1), force_grouping=True)


def came_back_in_words(sums: Sums) -> str:
    """For how many generations credits came back."""
    if not sums.refunds:
        return _("nothing failed")
    words = {"number": intcomma(sums.refunds)}
    return (
        ngettext(
            "for %(number)s generation that failed or made fewer pictures",
            "for %(number)s generations that failed or made fewer pictures",
            sums.refunds,
        )
        % words
    )


def spent_heading(period: Period, today: date) -> str:
    """Above the number of credits that were spent."""
    if (period.first, period.last) == (today, today):
        return _("Spent today")
    if period.is_month and Month.of(today) == Month.of(period.first):
        return _("Spent this month")
    if period.is_month or period.is_year:
        return _("Spent in %(period)s") % {"period": period.name}
    return _("Spent, %(period)s") % {"period": period.name}
