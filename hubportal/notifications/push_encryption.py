"""What a browser's push service is sent: a message that the browser alone can read, and who sends it.

RFC 8291 (encryption for web push, on RFC 8188) and RFC 8292 (VAPID), on `cryptography`. docs/decisions/notifications.md
says why no package does it.
"""

import base64
import json
import os
import time
from functools import cache
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

MAX_PLAINTEXT = 3993  # bytes that every push service must take (RFC 8291, 4)
RECORD_SIZE = 4096
TOKEN_LIFETIME = 12 * 3600  # seconds; 24 hours at most (RFC 8292, 2)


def encode(data: bytes) -> str:
    """Base64 for URLs, without padding."""
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def decode(text: str) -> bytes:
    """Raises ValueError for what is no base64."""
    return base64.b64decode(text.rstrip("=") + "=" * (-len(text.rstrip("=")) % 4), altchars=b"-_", validate=True)


def public_bytes(key: ec.EllipticCurvePublicKey) -> bytes:
    return key.public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)


def read_point(text: str) -> ec.EllipticCurvePublicKey:
    """A browser's key `p256dh`. Raises ValueError for what is no point of the curve."""
    return ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), decode(text))


def encrypt(
    message: bytes, p256dh: str, auth: str, *, key: ec.EllipticCurvePrivateKey | None = None, salt: bytes = b""
) -> bytes:
    """The body of a push message in one record (RFC 8291, 3.4). `key` and `salt` are new for each, but for a test.

    Raises ValueError for keys that are none, or for a message above MAX_PLAINTEXT.
    """
    if len(message) > MAX_PLAINTEXT:
        raise ValueError("too long for a push message")
    browser, secret = read_point(p256dh), decode(auth)
    key, salt = key or ec.generate_private_key(ec.SECP256R1()), salt or os.urandom(16)
    own = public_bytes(key.public_key())
    info = b"WebPush: info\0" + public_bytes(browser) + own
    shared = HKDF(SHA256(), 32, salt=secret, info=info).derive(key.exchange(ec.ECDH(), browser))
    content_key = HKDF(SHA256(), 16, salt=salt, info=b"Content-Encoding: aes128gcm\0").derive(shared)
    nonce = HKDF(SHA256(), 12, salt=salt, info=b"Content-Encoding: nonce\0").derive(shared)
    # 0x02 ends the last record (RFC 8188, 2).
    sealed = AESGCM(content_key).encrypt(nonce, message + b"\x02", None)
    return salt + RECORD_SIZE.to_bytes(4) + bytes([len(own)]) + own + sealed


@cache
def _private_key(vapid_key: str) -> ec.EllipticCurvePrivateKey:
    return ec.derive_private_key(int.from_bytes(decode(vapid_key)), ec.SECP256R1())


def public_key(vapid_key: str) -> str:
    """What browsers are given, for which alone a subscription of theirs takes messages."""
    return encode(public_bytes(_private_key(vapid_key).public_key()))


def authorization(vapid_key: str, endpoint: str, contact: str) -> str:
    """The Authorization header for a push service (RFC 8292, 3). `contact` is a mailto: or https: address of ours."""
    parts = urlsplit(endpoint)
    claims = {"aud": f"{parts.scheme}://{parts.netloc}", "exp": int(time.time()) + TOKEN_LIFETIME, "sub": contact}
    signed = ".".join(encode(json.dumps(part).encode()) for part in ({"typ": "JWT", "alg": "ES256"}, claims))
    r, s = decode_dss_signature(_private_key(vapid_key).sign(signed.encode(), ec.ECDSA(SHA256())))
    signature = encode(r.to_bytes(32) + s.to_bytes(32))  # RFC 7518, 3.4
    return f"vapid t={signed}.{signature}, k={public_key(vapid_key)}"
