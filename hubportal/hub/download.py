"""Downloading an image from a URL we don't trust.

The hub's record gives the URL, so whoever can write into a record could point us at our own network: a metadata
service, a database, a router. Therefore the host is resolved here, once; every address it has must be a public one,
and the connection goes to one of those very addresses, since a second look-up could answer otherwise. A redirect is
checked like a new URL. Nothing is read from the environment, and no secret is ever sent.
"""

import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPException
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import BinaryIO, Final
from urllib.parse import urljoin

from requests.utils import DEFAULT_CA_BUNDLE_PATH
from urllib3.exceptions import HTTPError, ReadTimeoutError
from urllib3.response import BaseHTTPResponse
from urllib3.util.url import Url, parse_url

from hubportal.hub.errors import HubUnreachable
from hubportal.hub.json_values import read_url
from hubportal.hub.responses import retry_after
from hubportal.hub.transport import HubConnection, HubTLSConnection

MAX_REDIRECTS: Final = 3
_BLOCK_SIZE: Final = 64 * 1024  # bytes
_REASONS: Final = {404: "gone", 410: "gone", 429: "busy", 503: "busy"}
# RFC 6052: an IPv4 address behind this prefix is reached through the network's own translator.
_NAT64_NETWORK: Final = IPv6Network("64:ff9b::/96")


@dataclass(frozen=True, slots=True)
class Fetched:
    """The stated content type (lower case, "" if none; not to be believed), and the size in bytes."""

    content_type: str
    size: int


class DownloadFailed(Exception):
    """The image could not be downloaded. What was written until then is incomplete.

    reason       refused-address, unreachable, tls, timeout, gone, busy, http-<status>, redirects, too-large,
                 truncated or interrupted
    permanent    True: the same URL will fail the same way
    retry_after  seconds the server asked us to wait, or None
    """

    def __init__(self, reason: str, *, permanent: bool = False, retry_after: float | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.permanent = permanent
        self.retry_after = retry_after


@dataclass(frozen=True, slots=True)
class _Limits:
    """What one download may do. `deadline` is a time of time.monotonic(), `connect_timeout` is in seconds."""

    private_hosts: frozenset[str]
    deadline: float
    connect_timeout: float
    ca_bundle: str

    def seconds_left(self) -> float:
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
    """Write what is at `url` into `into`. Raises DownloadFailed; an OSError comes from writing to `into`.

    private_hosts    "host" or "host:port" that may have an address which is not public
    connect_timeout  seconds, for each address
    deadline         seconds for everything together, redirects included (resolving a name has the system's limit)
    ca_bundle        a file of certificate authorities to trust instead of certifi's
    """
    limits = _Limits(private_hosts, time.monotonic() + deadline, connect_timeout, ca_bundle or DEFAULT_CA_BUNDLE_PATH)
    base_url = ""
    for _ in range(MAX_REDIRECTS + 1):
        target = _parse_target(url, base_url)
        with _open_response(target, limits) as response:
            location = response.headers.get("Location")
            if not (response.status in (301, 302, 303, 307, 308) and location):
                return _save_body(response, into, max_bytes)
        base_url, url = target.url, location
    raise DownloadFailed("redirects")


def is_public(address: str) -> bool:
    """Whether an IP address may be connected to on a stranger's word: global, unicast, and no embedded private IPv4."""
    try:
        ip = _unwrap_ipv4(ip_address(address))
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not (ip.version == 6 and (ip.is_site_local or ip.is_reserved))


def _unwrap_ipv4(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address that an IPv6 address leads to, if it does."""
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _NAT64_NETWORK:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip


def _parse_target(url: str, base_url: str) -> Url:
    try:
        target = parse_url(read_url(urljoin(base_url, url)))
    except ValueError:
        target = Url()
    if target.scheme not in ("http", "https") or not target.host or target.auth is not None:
        raise DownloadFailed("refused-address", permanent=True)
    return target


def _resolve(target: Url, limits: _Limits) -> list[str]:
    """The IP addresses of the target's host. Raises DownloadFailed for none, or when one of them is not allowed."""
    host, port = (target.host or "").strip("[]"), _port(target)
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise DownloadFailed("unreachable") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    is_allowed = limits.private_hosts & {host, f"[{host}]", f"{host}:{port}", f"[{host}]:{port}"}
    if not is_allowed and not all(is_public(address) for address in addresses):
        raise DownloadFailed("refused-address", permanent=True)
    return addresses


def _port(target: Url) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


@contextmanager
def _open_response(target: Url, limits: _Limits) -> Iterator[BaseHTTPResponse]:
    with closing(_connect(target, limits)) as connection:
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
            raise DownloadFailed("timeout" if isinstance(error, TimeoutError) else "interrupted") from error
        with closing(response):
            yield response


def _connect(target: Url, limits: _Limits) -> HubConnection:
    """Connect to the first address of the host that answers. Raises DownloadFailed when none does."""
    failure = DownloadFailed("unreachable")
    for address in _resolve(target, limits):
        connection = _make_connection(target, address, limits)
        try:
            connection.connect()
        except HubUnreachable as error:
            failure = DownloadFailed(error.code)
        else:
            return connection
    raise failure


def _make_connection(target: Url, address: str, limits: _Limits) -> HubConnection:
    """A connection to this very address that checks the certificate for the host's name."""
    timeout = min(limits.connect_timeout, limits.seconds_left())
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
        ca_certs=limits.ca_bundle,
    )


def _save_body(response: BaseHTTPResponse, into: BinaryIO, max_bytes: int) -> Fetched:
    if response.status != 200:
        reason = _REASONS.get(response.status, f"http-{response.status}")
        raise DownloadFailed(reason, retry_after=retry_after(response.headers.get("Retry-After")))
    size = 0
    while block := _read_block(response):
        size += len(block)
        if size > max_bytes:
            raise DownloadFailed("too-large", permanent=True)
        into.write(block)
    if not size:
        raise DownloadFailed("truncated")
    return Fetched(response.headers.get("Content-Type", "").partition(";")[0].strip().lower(), size)


def _read_block(response: BaseHTTPResponse) -> bytes:
    try:
        return response.read(_BLOCK_SIZE, decode_content=True)
    except HTTPError as error:
        raise DownloadFailed("timeout" if isinstance(error, ReadTimeoutError) else "truncated") from error
