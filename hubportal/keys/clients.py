"""The one door of a stored secret: it is unsealed here, at the moment a client is built, and nowhere else."""

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

from hubportal.encryption import (
    DecryptionError,
    ReencryptionResult,
    decrypt,
    encrypt,
    encrypted_with,
    fingerprints,
    keyring,
)
from hubportal.hub.client import HubClient
from hubportal.keys.models import Key

# A person is waiting for the answer of a check; work in the background has more time.
CHECK_SECONDS = 8.0


def client_for(key: Key, *, somebody_waits: bool = False) -> HubClient:
    """A client that speaks for this key. Raises DecryptionError when its secret can't be opened."""
    secret = decrypt(key.sealed, key.identity)
    return client_to_check(secret) if somebody_waits else HubClient(settings.HUB_BASE_URL, secret)


def client_to_check(secret: str) -> HubClient:
    """A client for a secret somebody just typed, before it is kept."""
    return HubClient(settings.HUB_BASE_URL, secret, connect_timeout=CHECK_SECONDS, get_timeout=CHECK_SECONDS)


def client_without_key() -> HubClient:
    """A client for what the hub tells everybody: its models."""
    return HubClient(settings.HUB_BASE_URL)


def try_to_open(key: Key) -> None:
    """Raises DecryptionError when the key's secret can't be opened."""
    decrypt(key.sealed, key.identity)


def reseal(key: Key) -> bool:
    """Seal a key anew with the newest keyring entry; its fingerprint goes with it.

    False when somebody removed or re-sealed it meanwhile. Raises DecryptionError when its secret can't be opened.
    """
    secret = decrypt(key.sealed, key.identity)
    unchanged = Key.objects.filter(pk=key.pk, sealed=key.sealed)
    renewed = encrypt(secret, key.identity)
    return bool(unchanged.update(sealed=renewed, fingerprint=fingerprints(secret, key.team_id)[0]))


def reseal_all() -> ReencryptionResult:
    """Seal every stored key with the newest keyring entry. Raises ImproperlyConfigured for a bad KEYRING.

    One row at a time, each in one statement that changes nothing if the row did: the site may run meanwhile.
    """
    newest, result = next(iter(keyring())), ReencryptionResult()
    for key in Key.objects.exclude(sealed="").order_by("pk"):
        if encrypted_with(key.sealed) == newest:
            result.unchanged += 1
            continue
        try:
            result.reencrypted += reseal(key)
        except DecryptionError as error:
            result.failed.append(f"{key}, team {key.team_id}: {error}")
    return result


def why_closed(key: Key) -> str:
    """The keyring entry that the key needs and KEYRING lacks; "*" when KEYRING can't be read; "" when it is there."""
    try:
        entries = keyring()
    except ImproperlyConfigured:
        return "*"
    entry = encrypted_with(key.sealed)
    return "" if entry in entries else entry
