"""Sealing secrets at rest: AES-GCM, bound to the row they belong to. For every room; knows none of them.

A sealed text reads `v1.<keyring id>.<base64(nonce + ciphertext)>`. The row's identity is authenticated with it,
so a sealed text copied to another row or team does not open. The keyring comes from the environment
(interface.md, KEYRING) and is independent of SECRET_KEY.
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

NONCE_BYTES = 12


class Secret(str):
    """A text that doesn't show itself where variables are printed, as in the report of a crash."""

    __slots__ = ()

    def __repr__(self) -> str:
        return "Secret()"


@dataclass
class Resealed:
    """How many were sealed anew, how many were already, and in words those that could not be opened."""

    done: int = 0
    already: int = 0
    broken: list[str] = field(default_factory=list)


class DecryptionError(Exception):
    """The sealed text was altered, moved to another row, or is not ours."""


class KeyringEntryMissing(DecryptionError):
    """The text was sealed with a keyring entry that is no longer in KEYRING."""

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
    """Seal `secret` for the row named by `identity`, with the newest keyring entry."""
    name, key = next(iter(keyring().items()))
    nonce = os.urandom(NONCE_BYTES)
    body = nonce + AESGCM(key).encrypt(nonce, secret.encode(), identity.encode())
    return f"v1.{name}.{base64.b64encode(body).decode()}"


@sensitive_variables()
def decrypt(sealed: str, identity: str) -> Secret:
    """Open what `seal` closed for the same identity.

    Raises DecryptionError, or KeyringEntryMissing when KEYRING lacks the entry it was sealed with.
    """
    version, _, rest = sealed.partition(".")
    name, _, encoded = rest.partition(".")
    if version != "v1":
        raise DecryptionError("unknown form")
    key = keyring().get(name)
    if key is None:
        raise KeyringEntryMissing(name)
    try:
        body = base64.b64decode(encoded, validate=True)
        return Secret(AESGCM(key).decrypt(body[:NONCE_BYTES], body[NONCE_BYTES:], identity.encode()).decode())
    except (binascii.Error, InvalidTag, ValueError):
        raise DecryptionError("does not open for this row") from None


def encrypted_with(sealed: str) -> str:
    """The id of the keyring entry that sealed this; "" for what `seal` didn't make."""
    version, _, rest = sealed.partition(".")
    return rest.partition(".")[0] if version == "v1" else ""


@sensitive_variables()
def fingerprints(secret: str, team_id: int) -> list[str]:
    """Keyed hashes that find the same secret again within a team, and tell nothing to who lacks KEYRING.

    One for each keyring entry, newest first: the first is the one to keep, any may have been kept before.
    """
    said = f"fingerprint:{team_id}:{secret}".encode()
    return [hmac.new(key, said, hashlib.sha256).hexdigest() for key in keyring().values()]
