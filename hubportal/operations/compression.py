"""Pages compressed on their way out: brotli where the browser reads it (over https), gzip otherwise.

A compressed page that repeats what an attacker makes the browser send, and holds a secret, tells by its length how much
of the secret was guessed (BREACH). The one secret of our pages, the CSRF token, is masked anew in each (Django does);
and as in Django's own GZipMiddleware a random number of bytes is added, which needs no other library than static files.
"""

import secrets
from collections.abc import Callable
from typing import Final

import brotli
from django.http import HttpRequest, HttpResponse
from django.utils.cache import patch_vary_headers
from django.utils.text import compress_string

# A shorter one fits into one packet anyway; Django's GZipMiddleware has the same.
MIN_BYTES: Final = 200
MAX_RANDOM_BYTES: Final = 100
# Measured on the gallery (docs/decisions/compression.md): 5 takes less time than gzip and leaves a fifth less.
BROTLI_QUALITY: Final = 5
COMPRESSIBLE: Final = ("text/", "application/json", "application/javascript", "image/svg+xml")


class CompressionMiddleware:
    """Compress what is text and known as a whole: never a stream, which would be held back, nor a picture."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if _is_compressible(response):
            patch_vary_headers(response, ("Accept-Encoding",))
            encoding = preferred_encoding(request.headers.get("Accept-Encoding", ""))
            if encoding:
                _compress(response, encoding)
        return response


def _is_compressible(response: HttpResponse) -> bool:
    return (
        not response.streaming
        and response.headers.get("Content-Type", "").startswith(COMPRESSIBLE)
        and not response.has_header("Content-Encoding")
        and len(response.content) >= MIN_BYTES
    )


def _compress(response: HttpResponse, encoding: str) -> None:
    content = response.content
    compressed = compress_brotli(content) if encoding == "br" else compress_gzip(content)
    if len(compressed) >= len(content):
        return
    response.content = compressed
    response.headers["Content-Encoding"] = encoding
    response.headers["Content-Length"] = str(len(compressed))
    # RFC 9110, 8.8.1: other bytes may not have the same strong tag.
    etag = response.headers.get("ETag", "")
    if etag.startswith('"'):
        response.headers["ETag"] = f"W/{etag}"


def preferred_encoding(accepted: str) -> str:
    """Which encoding an Accept-Encoding header (RFC 9110, 12.5.3) prefers: `br`, `gzip`, or "" for none."""
    weights = dict(_weight(part) for part in accepted.lower().split(",") if part.strip())
    anything = weights.get("*", 0.0)
    weight, _, encoding = max((weights.get(name, anything), name == "br", name) for name in ("br", "gzip"))
    return encoding if weight > 0 and weight >= weights.get("identity", 0.0) else ""


def _weight(part: str) -> tuple[str, float]:
    """One of its parts, `gzip;q=0.5`: what it names and how much it is wanted; 0 where that can't be read."""
    name, _, parameter = part.partition(";")
    key, _, number = parameter.strip().partition("=")
    try:
        return name.strip(), float(number) if key.strip() == "q" else 1.0
    except ValueError:
        return name.strip(), 0.0


def compress_gzip(content: bytes) -> bytes:
    return bytes(compress_string(content, max_random_bytes=MAX_RANDOM_BYTES))


def compress_brotli(content: bytes) -> bytes:
    """Compressed, and behind it a metadata block of random length, which readers skip (RFC 7932, 9.2)."""
    compressor = brotli.Compressor(mode=brotli.MODE_TEXT, quality=BROTLI_QUALITY)
    # Flushed, it ends with a whole byte, and a block may follow.
    parts = (
        compressor.process(content),
        compressor.flush(),
        _metadata_block(1 + secrets.randbelow(MAX_RANDOM_BYTES)),
        compressor.finish(),
    )
    return b"".join(parts)


def _metadata_block(length: int) -> bytes:
    """From the lowest bit: not the last block (0), metadata (11), reserved (0), one byte of length (10), length - 1."""
    return (0b010110 | (length - 1) << 6).to_bytes(2, "little") + bytes(length)
