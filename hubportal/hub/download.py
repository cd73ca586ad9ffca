"""Downloading an image from a URL we don't trust.

The hub's record gives the URL. It is visited as public_hosts.py says; a redirect is checked like a new URL.
"""

import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import BinaryIO, Final

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util.url import Url

from hubportal.hub.public_hosts import Limits, RequestFailed, connect, parse_target
from hubportal.hub.responses import retry_after

MAX_REDIRECTS: Final = 3
_BLOCK_SIZE: Final = 64 * 1024  # bytes
_REASONS: Final = {404: "gone", 410: "gone", 429: "busy", 503: "busy"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """The stated content type (lower case, "" if none; not to be believed), and the size in bytes."""

    content_type: str
    size: int


def fetch_image(
    url: str,
    into: BinaryIO,
    *,
    private_hosts: frozenset[str] = frozenset(),
    max_bytes: int = 64 * 1024 * 1024,
    connect_timeout: float = 10.0,
    deadline: float = 120.0,
    ca_bundle: str | None = None,
) -> Fetched:
    """Write what is at `url` into `into`. Raises RequestFailed; an OSError comes from writing to `into`.

    private_hosts    "host" or "host:port" that may have an address which is not public
    connect_timeout  seconds, for each address
    deadline         seconds for everything together, redirects included (resolving a name has the system's limit)
    ca_bundle        a file of certificate authorities to trust instead of certifi's
    """
    limits = Limits(private_hosts, time.monotonic() + deadline, connect_timeout, ca_bundle or DEFAULT_CA_BUNDLE_PATH)
    base_url = ""
    for _ in range(MAX_REDIRECTS + 1):
        target = parse_target(url, base_url)
        with _open_response(target, limits) as response:
            location = response.headers.get("Location")
            if not (response.status in (301, 302, 303, 307, 308) and location):
                return _save_body(response, into, max_bytes)
        base_url, url = target.url, location
    raise RequestFailed("redirects")


@contextmanager
def _open_response(target: Url, limits: Limits) -> Iterator[BaseHTTPResponse]:
    with closing(connect(target, limits)) as connection:
        headers = {
            "Host": target.netloc or "",
            "User-Agent": "Hubportal",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        try:
            connection.request("GET", target.request_uri, headers=headers, preload_content=False)
            connection.timeout = limits.seconds_left()
            response = connection.getresponse()
        except (OSError, HTTPException, HTTPError) as error:
            raise RequestFailed("timeout" if isinstance(error, TimeoutError) else "interrupted") from error
        with closing(response):
            yield response


def _save_body(response: BaseHTTPResponse, into: BinaryIO, max_bytes: int) -> Fetched:
    if response.status != 200:
        reason = _REASONS.get(response.status, f"http-{response.status}")
        raise RequestFailed(reason, retry_after=retry_after(response.headers.get("Retry-After")))
    size = 0
    while block := _read_block(response):
        size += len(block)
        if size > max_bytes:
            raise RequestFailed("too-large", permanent=True)
        into.write(block)
    if not size:
        raise RequestFailed("truncated")
    return Fetched(response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), size)


def _read_block(response: BaseHTTPResponse) -> bytes:
    try:
        return response.read(_BLOCK_SIZE, decode_content=True)
    except HTTPError as error:
        raise RequestFailed("timeout" if isinstance(error, ReadTimeoutError) else "truncated") from error
