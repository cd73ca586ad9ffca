"""Checking keys: what the hub says of one, now. Which of them are to be checked, and when."""

import uuid
from datetime import timedelta

from django.utils import timezone

from hubportal.encryption import DecryptionError
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.clients import client_for, release_connection
from hubportal.keys.models import UNUSABLE_CODES, Key

CHECK_INTERVAL = timedelta(minutes=5)
# Longer than a check waits in the queue behind slow ones: one that was lost is tried again after this.
CHECK_LEASE = timedelta(minutes=15)
CHECK_BATCH_SIZE = 500


def check(key: Key, *, somebody_waits: bool = False) -> str:
    """Ask for the key's balance and save the answer. Returns the problem's code, or "" when all is well.

    No database connection is held while the hub is asked.
    """
    asked_at = timezone.now()
    try:
        client = client_for(key, somebody_waits=somebody_waits)
        release_connection()
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
