"""How long a team's credits last at the pace of the last weeks."""

from datetime import date, timedelta

from hubportal.usage.periods import Period

WINDOW_DAYS = 28
# What was added yesterday says little: its credits are spread over a week at least.
MIN_DAYS = 7
# Further ahead a forecast says nothing.
MAX_DAYS = 365


def recent(today: date) -> Period:
    """The days that the pace is taken from."""
    return Period(today - timedelta(days=WINDOW_DAYS - 1), today)


def window_days(since: date, today: date) -> int:
    """Over how many days what was spent since then is spread."""
    return min(max((today - since).days + 1, MIN_DAYS), WINDOW_DAYS)


def last_day(credits: int, spent: int, *, since: date, today: date) -> date | None:
    """About when `credits` are used up, if `spent` in the recent days goes on; None where that can't be told.

    since  when the team began
    """
    per_day = spent / window_days(since, today)
    if per_day <= 0 or credits <= 0 or credits / per_day > MAX_DAYS:
        return None
    return today + timedelta(days=int(credits / per_day))
