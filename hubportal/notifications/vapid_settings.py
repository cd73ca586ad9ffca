"""What VAPID_PRIVATE_KEY may be. settings.py imports it: it knows no models."""

import base64
import binascii

from cryptography.hazmat.primitives.asymmetric import ec
from django.core.exceptions import ImproperlyConfigured


def parse_vapid_key(text: str) -> str:
    """The key as it is set, 32 bytes in base64 for URLs; "" for none. Raises ImproperlyConfigured, quoting nothing."""
    text = text.strip().rstrip("=")
    if not text:
        return ""
    try:
        scalar = base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))
        ec.derive_private_key(int.from_bytes(scalar), ec.SECP256R1())
    except (binascii.Error, ValueError):
        scalar = b""
    if len(scalar) != 32:
        raise ImproperlyConfigured(
            "VAPID_PRIVATE_KEY is not 32 bytes in base64 for URLs. See docs/operations.md, Settings."
        )
    return text
