"""Encryption of secrets at rest: AES-GCM, bound to the row they belong to. Knows no room and no model.

An encrypted secret reads `v1.<keyring id>.<base64(nonce + ciphertext)>`. The row's identity is its associated data,
so one that was copied to another row or team can't be decrypted. The keyring comes from the environment
(the setting KEYRING) and is independent of SECRET_KEY.
"""

import base64
import binascii
import hashlib
import hmac
import os
import re
from dataclasses import dataclass, field

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.views.decorators.debug import sensitive_variables

NONCE_BYTES = 12  # NIST SP 800-38D, 8.2.1


class Secret(str):
    """A string whose repr hides it, for error reports that print every variable."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret()"


@dataclass
class ReencryptionResult:
    """What re-encrypting all stored secrets with the newest keyring entry did.

    reencrypted  how many were encrypted anew
    unchanged    how many had the newest entry already
    failed       a line for each that could not be decrypted, saying which and why
    """

    reencrypted: int = 0
    unchanged: int = 0
    failed: list[str] = field(default_factory=list)


class DecryptionError(Exception):
    """The encrypted secret was altered, moved to another row, or was never made by `encrypt`."""


class KeyringEntryMissing(DecryptionError):
    """The secret was encrypted with an entry (`entry`, its id) that KEYRING no longer has."""

    def __init__(self, entry: str) -> None:
        super().__init__(f"KEYRING has no entry {entry!r}")
        self.entry = entry


@sensitive_variables()
def keyring() -> dict[str, bytes]:
    """The entries of KEYRING by id, newest first.

    Raises ImproperlyConfigured, without quoting any of it, when KEYRING can't be read.
    """
    entries: dict[str, bytes] = {}
    for number, part in enumerate(settings.KEYRING.split(","), start=1):
        name, _, encoded = part.strip().partition(":")
        try:
            key = base64.b64decode(encoded, altchars=b"-_" if re.search("[-_]", encoded) else None, validate=True)
        except (binascii.Error, ValueError):
            key = b""
        if not re.fullmatch(r"[A-Za-z0-9_-]{1,32}", name) or len(key) not in {16, 24, 32} or name in entries:
            raise ImproperlyConfigured(
                f"KEYRING: entry {number} is not id:base64key with 16, 24 or 32 bytes and an id of its own."
            )
        entries[name] = key
    return entries


@sensitive_variables()
def encrypt(secret: str, identity: str) -> str:
    """Encrypt `secret` for the row named by `identity`, with the newest keyring entry.

    Raises ImproperlyConfigured when KEYRING can't be read.
    """
    name, key = next(iter(keyring().items()))
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + AESGCM(key).encrypt(nonce, secret.encode(), identity.encode())
    return f"v1.{name}.{base64.b64encode(body).decode()}"


@sensitive_variables()
def decrypt(encrypted: str, identity: str) -> Secret:
    """Decrypt what `encrypt` made for the same identity.

    Raises DecryptionError, or KeyringEntryMissing when KEYRING lacks the entry it was encrypted with.
    """
    version, _, rest = encrypted.partition(".")
    name, _, encoded = rest.partition(".")
    if version != "v1":
        raise DecryptionError("unknown format")
    key = keyring().get(name)
    if key is None:
        raise KeyringEntryMissing(name)
    try:
        body = base64.b64decode(encoded, validate=True)
        return Secret(AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], identity.encode()).decode())
    except (binascii.Error, InvalidTag, ValueError):
        raise DecryptionError("can't be decrypted for this row") from None


def encrypted_with(encrypted: str) -> str:
    """The id of the keyring entry this was encrypted with; "" for what `encrypt` didn't make."""
    version, _, rest = encrypted.partition(".")
    return rest.partition(".")[0] if version == "v1" else ""


@sensitive_variables()
def fingerprints(secret: str, team_id: int) -> list[str]:
    """HMAC-SHA256 of a secret, in hex, by which the same secret is found again within a team.

    One for each keyring entry, newest first: store the first; look up all, as an older entry may have made the
    stored one. Without KEYRING nothing can be told from them.
    """
    message = f"fingerprint:{team_id}:{secret}".encode()
    return [hmac.new(key, message, hashlib.sha256).hexdigest() for key in keyring().values()]
