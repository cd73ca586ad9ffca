"""Checking keys: what the hub says of one, now."""

from datetime import timedelta

from django.db.models import Q
from django.utils import timezone

from hubportal.encryption import DecryptionError
from hubportal.hub.errors import HubError, KeyRejected
from hubportal.keys.clients import client_for
from hubportal.keys.models import DEAD_CODES, Key

STALE_AFTER = timedelta(minutes=5)


def check(key: Key, *, somebody_waits: bool = False) -> str:
    """Ask for the key's balance and keep the answer. Returns the problem's code, or "" when all is well."""
    try:
        key.record_balance(client_for(key, somebody_waits=somebody_waits).credits())
    except DecryptionError:
        key.record_problem("decryptionFailed")
    except HubError as error:
        key.record_problem(problem_of(error))
    return key.problem


def problem_of(error: HubError) -> str:
    """The code to keep with a key for this error: a 401 in words we don't know is a refusal of the key too."""
    if isinstance(error, KeyRejected) and error.code not in DEAD_CODES:
        return "invalidApiKey"
    return error.code


def check_stale_keys() -> None:
    """Check the keys nobody has heard of for five minutes."""
    stale = Q(checked_at=None) | Q(checked_at__lt=timezone.now() - STALE_AFTER)
    for key in Key.objects.serving().filter(stale):
        check(key)
