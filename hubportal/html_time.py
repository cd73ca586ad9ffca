"""Moments in HTML. Ground floor: it knows no room. A built-in library of every template (settings.TEMPLATES)."""

from datetime import UTC, datetime

from django import template

register = template.Library()


@register.filter
def html_datetime(moment: datetime | None) -> str:
    """A moment as `<time datetime>` takes it, in UTC: a fraction of a second has three digits at most (HTML, 2.3.5).

    Nothing for None.
    """
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z") if moment else ""
