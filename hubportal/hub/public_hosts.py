"""Connecting to a URL that we don't trust: a picture's, or that of somebody's push service.

Whoever gives such a URL could point us at our own network: a metadata service, a database, a router. Therefore the host
is resolved here, once; every address it has must be a public one, and the connection goes to one of those very
addresses, since a second look-up could answer otherwise. Nothing is read from the environment.
"""

import socket
import time
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address
from typing import Final
from urllib.parse import urljoin

from urllib3.util.url import Url, parse_url

from hubportal.hub.errors import HubUnreachable
from hubportal.hub.json_values import read_url
from hubportal.hub.transport import HubConnection, HubTLSConnection

# RFC 6052: an IPv4 address behind this prefix is reached through the network's own translator.
_NAT64_NETWORK: Final = IPv6Network("64:ff9b::/96")


class RequestFailed(Exception):
    """The request was not made, or not answered to its end. What was written of a download until then is incomplete.

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
class Limits:
    """What one request may do. `deadline` is a time of time.monotonic(), `connect_timeout` is in seconds."""

    private_hosts: frozenset[str]
    deadline: float
    connect_timeout: float
    ca_bundle: str

    def seconds_left(self) -> float:
        """Seconds until the deadline. Raises RequestFailed when it has passed."""
        seconds = self.deadline - time.monotonic()
        if seconds <= 0:
            raise RequestFailed("timeout")
        return seconds


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


def parse_target(url: str, base_url: str) -> Url:
    try:
        target = parse_url(read_url(urljoin(base_url, url)))
    except ValueError:
        target = Url()
    if target.scheme not in ("http", "https") or not target.host or target.auth is not None:
        raise RequestFailed("refused-address", permanent=True)
    return target


def _resolve(target: Url, limits: Limits) -> list[str]:
    """The IP addresses of the target's host. Raises RequestFailed for none, or when one of them is not allowed."""
    host, port = (target.host or "").strip("[]"), _port(target)
    try:
        entries = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise RequestFailed("unreachable") from error
    addresses = list(dict.fromkeys(str(entry[4][0]) for entry in entries))
    is_allowed = limits.private_hosts & {host, f"[{host}]", f"{host}:{port}", f"[{host}]:{port}"}
    if not is_allowed and not all(is_public(address) for address in addresses):
        raise RequestFailed("refused-address", permanent=True)
    return addresses


def _port(target: Url) -> int:
    return target.port or (443 if target.scheme == "https" else 80)


def connect(target: Url, limits: Limits) -> HubConnection:
    """Connect to the first address of the host that answers. Raises RequestFailed when none does."""
    failure = RequestFailed("unreachable")
    for address in _resolve(target, limits):
        connection = _make_connection(target, address, limits)
        try:
            connection.connect()
        except HubUnreachable as error:
            failure = RequestFailed(error.code)
        else:
            return connection
    raise failure


def _make_connection(target: Url, address: str, limits: Limits) -> HubConnection:
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
