"""The hub's client for a key: its secret is decrypted here, at the moment a client is built, and nowhere else."""

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

# Seconds, while a person is waiting for the answer; work in the background has more time.
INTERACTIVE_TIMEOUT = 8.0


def client_for(key: Key, *, somebody_waits: bool = False) -> HubClient:
    """A client that speaks for this key. Raises DecryptionError when its secret can't be decrypted."""
    secret = decrypt(key.encrypted_secret, key.identity)
    return client_to_check(secret) if somebody_waits else HubClient(settings.HUB_BASE_URL, secret)


def client_to_check(secret: str) -> HubClient:
    """A client for a secret somebody just typed, before it is stored."""
    return HubClient(
        settings.HUB_BASE_URL, secret, connect_timeout=INTERACTIVE_TIMEOUT, get_timeout=INTERACTIVE_TIMEOUT
    )


def client_without_key() -> HubClient:
    """A client for what the hub tells everybody: its models."""
    return HubClient(settings.HUB_BASE_URL)


def check_decrypts(key: Key) -> None:
    """Raises DecryptionError when the key's secret can't be decrypted."""
    decrypt(key.encrypted_secret, key.identity)


def reencrypt_key(key: Key) -> bool:
    """Encrypt a key's secret anew with the newest keyring entry; its fingerprint goes with it.

    False when somebody removed or reencrypted it meanwhile. Raises DecryptionError when its secret can't be decrypted.
    """
    secret = decrypt(key.encrypted_secret, key.identity)
    unchanged = Key.objects.filter(pk=key.pk, encrypted_secret=key.encrypted_secret)
    renewed = encrypt(secret, key.identity)
    return bool(unchanged.update(encrypted_secret=renewed, fingerprint=fingerprints(secret, key.team_id)[0]))


def reencrypt_keys() -> ReencryptionResult:
    """Encrypt every stored key with the newest keyring entry. Raises ImproperlyConfigured for a bad KEYRING.

    One row at a time, each in one statement that changes nothing if the row did: the site may run meanwhile.
    """
    newest, result = next(iter(keyring())), ReencryptionResult()
    for key in Key.objects.exclude(encrypted_secret="").order_by("pk"):
        if encrypted_with(key.encrypted_secret) == newest:
            result.unchanged += 1
            continue
        try:
            result.reencrypted += reencrypt_key(key)
        except DecryptionError as error:
            result.failed.append(f"{key}, team {key.team_id}: {error}")
    return result


def missing_keyring_entry(key: Key) -> str:
    """The keyring entry that the key needs and KEYRING lacks; "*" when KEYRING can't be read; "" when it is there."""
    try:
        entries = keyring()
    except ImproperlyConfigured:
        return "*"
    entry = encrypted_with(key.encrypted_secret)
    return "" if entry in entries else entry
