"""How a key is: what the hub says of it now, how long its credits will last, and what is worth a warning.

Forecasts are estimates only: the hub has the last word.
"""

import math
import uuid
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.utils import timezone

from hubportal.connections import release_connections
from hubportal.encryption import DecryptionError
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.clients import client_for
from hubportal.keys.models import UNUSABLE_CODES, Key

CHECK_INTERVAL = timedelta(minutes=5)
# Longer than a check waits in the queue behind slow ones: one that was lost is tried again after this.
CHECK_LEASE = timedelta(minutes=15)
CHECK_BATCH_SIZE = 500

EXPIRY_WARNING = timedelta(days=7)
SHORTAGE_DAYS = 7.0
# Once warned of, a shortage is over only above this: an estimate that sways around the limit is one warning, not ten.
SHORTAGE_OVER_DAYS = 10.0
# Beyond that, the spending of the last weeks says nothing.
MAX_FORECAST_DAYS = 999

# Kinds of warnings.
UNUSABLE, EMPTY, SHORTAGE, EXPIRY = "dead", "empty", "short", "expires"


def check(key: Key, *, somebody_waits: bool = False) -> str:
    """Ask for the key's balance and save the answer. Returns the problem's code, or "" when all is well.

    No database connection is held while the hub is asked.
    """
    asked_at = timezone.now()
    try:
        client = client_for(key, somebody_waits=somebody_waits)
        release_connections()
        key.record_balance(client.credits(), asked_at=asked_at)
    except DecryptionError:
        key.record_problem("decryptionFailed")
    except HubError as error:
        key.record_problem(problem_of(error))
    return key.problem


def problem_of(error: HubError) -> str:
    """The code to save with a key for this error: a 401 in words we don't know is a refusal of the key too."""
    if isinstance(error, KeyRejected) and error.code not in UNUSABLE_CODES:
        return "invalidApiKey"
    return error.code


def claim_stale_keys() -> list[uuid.UUID]:
    """The keys that are to be checked now, each claimed for one check. The hub is not asked here."""
    return Key.objects.claim_for_check(timezone.now() - CHECK_INTERVAL, CHECK_LEASE, CHECK_BATCH_SIZE)


# What is to come -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Forecast:
    """days_left   whole days until nothing is left, if spending goes on as in the last weeks; None: nobody can tell
    left_over   credits that would be left when the next of them expire; None: nobody can tell
    """

    days_left: int | None
    left_over: int | None


def forecast_for(key: Key) -> Forecast:
    if not key.balance or key.balance < 0 or key.credits_per_day is None:
        return Forecast(None, None)
    days = key.balance / key.credits_per_day if key.credits_per_day > 0 else math.inf
    left_over = None
    if key.next_expiration:
        wait = max((key.next_expiration - timezone.now()) / timedelta(days=1), 0)
        left_over = max(round(key.balance - wait * max(key.credits_per_day, 0)), 0)
    return Forecast(int(days) if days < MAX_FORECAST_DAYS else None, left_over)


def current_warnings(key: Key) -> list[str]:
    """What there is to warn of now, the gravest first: words that stay the same for as long as the reason lasts.

    An expiry is named with its day, so that the next one is a warning of its own.
    """
    if key.problem in UNUSABLE_CODES:
        return [UNUSABLE]
    if key.balance is None:
        return []
    if key.balance <= 0:
        return [EMPTY]
    found = [SHORTAGE] if _runs_short(key) else []
    if expires := _expires_soon(key):
        found.append(f"{EXPIRY} {expires:%Y-%m-%d}")
    return found


def sent_warnings(key: Key) -> list[str]:
    """The warnings that people were sent, and whose reason had not passed when last looked at."""
    return key.warnings_sent.split(",") if key.warnings_sent else []


def _runs_short(key: Key) -> bool:
    if key.paused_at or not key.credits_per_day or key.credits_per_day < 0 or not key.balance:
        return False
    limit = SHORTAGE_OVER_DAYS if SHORTAGE in sent_warnings(key) else SHORTAGE_DAYS
    return key.balance / key.credits_per_day < limit


def _expires_soon(key: Key) -> datetime | None:
    at, now = key.next_expiration, timezone.now()
    if at is None or not now < at < now + EXPIRY_WARNING or forecast_for(key).left_over == 0:
        return None
    return at
