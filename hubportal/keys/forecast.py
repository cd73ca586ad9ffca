"""How long a key's credits will last, and when that is worth a warning. Estimates only: the hub has the last word."""

import math
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from hubportal.keys.models import DEAD_CODES, Key

EXPIRES_SOON = timedelta(days=7)
SHORT = 7.0  # days
# Once told of, it is over only above this: an estimate that sways around the limit is one occasion, not ten.
SHORT_NO_MORE = 10.0
LONGEST = 999  # days: beyond that a pace of the last weeks says nothing

DEAD, EMPTY, SHORTAGE, EXPIRY = "dead", "empty", "short", "expires"


@dataclass(frozen=True, slots=True)
class Outlook:
    """days_left  whole days until nothing is left at the pace of the last weeks; None where nobody can tell
    left_over  credits that would be left when the next of them expire; None where nobody can tell
    """

    days_left: int | None
    left_over: int | None


def outlook_of(key: Key) -> Outlook:
    if not key.balance or key.balance < 0 or key.pace is None:
        return Outlook(None, None)
    days = key.balance / key.pace if key.pace > 0 else math.inf
    left_over = None
    if key.next_expiration:
        wait = max((key.next_expiration - timezone.now()) / timedelta(days=1), 0)
        left_over = max(round(key.balance - wait * max(key.pace, 0)), 0)
    return Outlook(int(days) if days < LONGEST else None, left_over)


def occasions(key: Key) -> list[str]:
    """What there is to warn of now, the gravest first: words that stay the same for as long as it lasts.

    An expiry is named with its day, so that the next one is an occasion of its own.
    """
    if key.problem in DEAD_CODES:
        return [DEAD]
    if key.balance is None:
        return []
    if key.balance <= 0:
        return [EMPTY]
    found = [SHORTAGE] if _runs_short(key) else []
    if expires := _expires_soon(key):
        found.append(f"{EXPIRY} {expires:%Y-%m-%d}")
    return found


def _runs_short(key: Key) -> bool:
    if key.paused_at or not key.pace or key.pace < 0 or not key.balance:
        return False
    return key.balance / key.pace < (SHORT_NO_MORE if SHORTAGE in told_of(key) else SHORT)


def _expires_soon(key: Key) -> datetime | None:
    at, now = key.next_expiration, timezone.now()
    if at is None or not now < at < now + EXPIRES_SOON or outlook_of(key).left_over == 0:
        return None
    return at


def told_of(key: Key) -> list[str]:
    """The occasions that people were told of and that had not passed when last looked at."""
    return key.warned_of.split(",") if key.warned_of else []
