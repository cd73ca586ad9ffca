"""A day in an address, and the moment it begins. Ground floor: it knows no room."""

from datetime import UTC, date, datetime, time, timedelta, tzinfo
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

# Far enough from the ends of the calendar that a day can become a moment in any time zone.
FIRST_DAY, LAST_DAY = date(2000, 1, 1), date(9000, 1, 1)
_WRONG = _("Write the day as 2026-11-21.")


class DayField(forms.DateField):
    """A day that may be left out."""

    def __init__(self, label: Any) -> None:
        super().__init__(
            required=False,
            label=label,
            widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),
            input_formats=["%Y-%m-%d"],  # the one that a date field of a browser sends and shows
            validators=[MinValueValidator(FIRST_DAY, message=_WRONG), MaxValueValidator(LAST_DAY, message=_WRONG)],
            error_messages={"invalid": _WRONG},
        )


def moments(
    first: date | None, last: date | None, zone: tzinfo | None = None
) -> tuple[datetime | None, datetime | None]:
    """When these days of a zone (the site's TIME_ZONE unless one is given) begin and are over; None is no bound."""
    zone = zone or timezone.get_default_timezone()
    return start_of_day(first, zone) if first else None, start_of_day(last + timedelta(days=1), zone) if last else None


def start_of_day(day: date, zone: tzinfo) -> datetime:
    """When a day begins in a zone, in UTC."""
    # Where clocks are put forward at midnight there is none: the day begins at the first moment that there is.
    start = datetime.combine(day, time.min, zone)
    return start.astimezone(UTC)
