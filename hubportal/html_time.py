"""Moments in HTML. Ground floor: it knows no room. A built-in library of every template (settings.TEMPLATES).

A page shows the reader's time: the zone that the person chose (then it is the current one), else the browser's, which
static/js/times.js knows. Without scripts it is the site's, and named.
"""

from datetime import UTC, datetime

from django import template
from django.contrib.humanize.templatetags.humanize import naturaltime
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

register = template.Library()


@register.filter
def html_datetime(moment: datetime | None) -> str:
    """A moment as `<time datetime>` takes it, in UTC: a fraction of a second has three digits at most (HTML, 2.3.5).

    Nothing for None.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else ""


@register.simple_tag
def html_now() -> str:
    """This moment, by the site's clock: what a page's script goes by instead of its computer's."""
    return html_datetime(timezone.now())


@register.filter
def local_time(moment: datetime | None) -> SafeString:
    """A `<time>` with day and time; an en dash for None."""
    return _time(moment, "time", zoned_words(moment)) if moment else SafeString("–")


@register.filter
def local_day(moment: datetime | None) -> SafeString:
    """A `<time>` with the day alone; an en dash for None."""
    if not moment:
        return SafeString("–")
    return _time(moment, "day", date_format(timezone.localtime(moment), "DATE_FORMAT"))


@register.filter
def ago(moment: datetime | None) -> SafeString:
    """A `<time>` with how long ago it is, in words; an en dash for None."""
    if not moment:
        return SafeString("–")
    return format_html(
        '<time datetime="{}" title="{}" data-ago>{}</time>',
        html_datetime(moment),
        zoned_words(moment),
        naturaltime(moment),
    )


def zoned_words(moment: datetime) -> str:
    """Day and time as text, with the zone's name unless the reader chose the zone."""
    words = date_format(timezone.localtime(moment), "DATETIME_FORMAT")
    zone = timezone.get_current_timezone()
    return words if zone != timezone.get_default_timezone() else _("{moment} ({zone})").format(moment=words, zone=zone)


def _time(moment: datetime, kind: str, words: str) -> SafeString:
    return format_html('<time datetime="{}" data-local="{}">{}</time>', html_datetime(moment), kind, words)
