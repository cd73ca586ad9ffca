"""Fetching a picture from an address we don't trust.

The hub's record names the address, so whoever can write into a record could point us at our own network: a
metadata service, a database, a router. Therefore the name is resolved here, once, every address it has must
be a public one, and the connection goes to those very addresses (a second look-up could answer otherwise). A
redirect is a new address and judged like one. Nothing is read from the environment; no secret is ever sent.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from typing import BinaryIO, Final
from urllib.parse import urljoin

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util.url import Url, parse_url

from hubportal.hub.errors import HubUnreachable
from hubportal.hub.ip_addresses import is_public
from hubportal.hub.json_values import web_address
from hubportal.hub.responses import retry_after
from hubportal.hub.transport import HubConnection, HubTLSConnection

REDIRECTS: Final = 3
_PIECE: Final = 64 * 1024
_REASONS: Final = {404: "gone", 410: "gone", 429: "busy", 503: "busy"}


@dataclass(frozen=True, slots=True)
class Fetched:
    """What came: the stated content type (lower case, "" if none; not to be believed), and bytes written."""

    content_type: str
    size: int


class DownloadFailed(Exception):
    """The picture did not come. What was written until then is worthless.

    reason       refused-address, unreachable, tls, timeout, gone, busy, http-<status>, redirects, too-large,
                 truncated or interrupted
    permanent    True: the same address will fail the same way
    retry_after  seconds the server asked us to wait, or None
    """

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Guard:
    """What one download may do: which hosts may be private, when it must be over, whom it trusts over TLS."""

    private_hosts: frozenset[str]
    deadline: float
    connect_timeout: float
    ca_bundle: str

    def left(self) -> float:
        """Seconds until the deadline. Raises DownloadFailed when it has passed."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise DownloadFailed("timeout")
        return seconds


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
    """Write what is at `url` into `into`. Raises DownloadFailed; an OSError is `into`'s own.

    private_hosts    "host" or "host:port" that may have an address which is not public
    connect_timeout  seconds, for each address
    deadline         seconds for everything together, redirects included (resolving the name has the system's limit)
    ca_bundle        a file of certificate authorities to trust instead of certifi's
    """
    guard = _Guard(private_hosts, time.monotonic() + deadline, connect_timeout, ca_bundle or DEFAULT_CA_BUNDLE_PATH)
    base = ""
    for _ in range(REDIRECTS + 1):
        target = _target(url, base)
        with _answered(target, guard) as response:
            location = response.headers.get("Location")
            if not (response.status in (301, 302, 303, 307, 308) and location):
                return _kept(response, into, max_bytes)
        base, url = target.url, location
    raise DownloadFailed("redirects")


def _target(url: str, base: str) -> Url:
    try:
        target = parse_url(web_address(urljoin(base, url)))
    except ValueError:
        target = Url()
    if target.scheme not in ("http", "https") or not target.host or target.auth is not None:
        raise DownloadFailed("refused-address", permanent=True)
    return target


def _addresses(target: Url, guard: _Guard) -> list[str]:
    """The addresses of the target's host. Raises DownloadFailed for none, or one that we must not visit."""
    host, port = (target.host or "").strip("[]"), _port(target)
    try:
        found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DownloadFailed("unreachable") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in found))
    allowed = guard.private_hosts & {host, f"[{host}]", f"{host}:{port}", f"[{host}]:{port}"}
    if not allowed and not all(is_public(address) for address in addresses):
        raise DownloadFailed("refused-address", permanent=True)
    return addresses


def _port(target: Url) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


@contextmanager
def _answered(target: Url, guard: _Guard) -> Iterator[BaseHTTPResponse]:
    with closing(_connected(target, guard)) as connection:
        headers = {
            "Host": target.netloc or "",
            "User-Agent": "Hubportal",
            "Accept": "image/*",
            "Accept-Encoding": "identity",
            "Connection": "close",
        }
        try:
            connection.request("GET", target.request_uri, headers=headers, preload_content=False)
            connection.timeout = guard.left()
            response = connection.getresponse()
        except (OSError, HTTPException, HTTPError) as error:
            raise DownloadFailed("timeout" if isinstance(error, TimeoutError) else "interrupted") from error
        with closing(response):
            yield response


def _connected(target: Url, guard: _Guard) -> HubConnection:
    problem = DownloadFailed("unreachable")
    for address in _addresses(target, guard):
        connection = _connection(target, address, guard)
        try:
            connection.connect()
        except HubUnreachable as error:
            problem = DownloadFailed(error.code)
        else:
            return connection
    raise problem


def _connection(target: Url, address: str, guard: _Guard) -> HubConnection:
    """A connection to this very address that speaks, and checks the certificate, under the host's name."""
    timeout = min(guard.connect_timeout, guard.left())
    if target.scheme == "http":
        return HubConnection(address, _port(target), timeout=timeout)
    name = (target.host or "").strip("[]")
    return HubTLSConnection(
        address,
        _port(target),
        timeout=timeout,
        server_hostname=name,
        assert_hostname=name,
        cert_reqs="CERT_REQUIRED",
        ca_certs=guard.ca_bundle,
    )


def _kept(response: BaseHTTPResponse, into: BinaryIO, max_bytes: int) -> Fetched:
    if response.status != 200:
        reason = _REASONS.get(response.status, f"http-{response.status}")
        raise DownloadFailed(reason, retry_after=retry_after(response.headers.get("Retry-After")))
    size = 0
    while piece := _read(response):
        size += len(piece)
        if size > max_bytes:
            raise DownloadFailed("too-large", permanent=True)
        into.write(piece)
    if not size:
        raise DownloadFailed("truncated")
    return Fetched(response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), size)


def _read(response: BaseHTTPResponse) -> bytes:
    try:
        return response.read(_PIECE, decode_content=True)
    except HTTPError as error:
        raise DownloadFailed("timeout" if isinstance(error, ReadTimeoutError) else "truncated") from error
