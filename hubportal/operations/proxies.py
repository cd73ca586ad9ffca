"""Proxies in front: TRUSTED_PROXIES names those whose headers are believed, MEDIA_SENDFILE what may send files for us.

Knows no models, since settings.py reads its entries.
"""

from collections.abc import Callable, Iterable
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Any

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse

type Address = IPv4Address | IPv6Address
type Network = IPv4Network | IPv6Network

# In TRUSTED_PROXIES: whoever speaks through a Unix socket, where the server knows no address.
SOCKET = "unix"
FORWARDED = ("HTTP_X_FORWARDED_FOR", "HTTP_X_FORWARDED_PROTO", "HTTP_X_FORWARDED_HOST")
REQUEST_ID = "HTTP_X_REQUEST_ID"


def parse_proxies(entries: Iterable[str]) -> tuple[Network | str, ...]:
    """TRUSTED_PROXIES as networks. Raises ImproperlyConfigured for what is neither an address, a network nor `unix`."""
    return tuple(_parse_proxy(entry.strip()) for entry in entries if entry.strip())


def _parse_proxy(entry: str) -> Network | str:
    if entry == SOCKET:
        return SOCKET
    try:
        return ip_network(entry)
    except ValueError:
        raise ImproperlyConfigured(
            f"TRUSTED_PROXIES names {entry!r}: it must be addresses or networks, such as 10.0.0.7 or 10.0.0.0/24,"
            f" or {SOCKET!r}, with commas between them."
        ) from None


def parse_sendfile(text: str) -> tuple[str, str] | None:
    """MEDIA_SENDFILE as the name of the header and what stands in it before a file's name; None where it is empty.

    `X-Sendfile` names the file itself, `X-Accel-Redirect:/files/` an address inside the proxy. Raises
    ImproperlyConfigured for anything else.
    """
    header, _, prefix = (part.strip() for part in text.partition(":"))
    match header.lower():
        case "":
            return None
        case "x-sendfile" if not prefix:
            return "X-Sendfile", ""
        case "x-accel-redirect" if prefix.startswith("/") and prefix.endswith("/"):
            return "X-Accel-Redirect", prefix
    raise ImproperlyConfigured(
        f"MEDIA_SENDFILE is {text!r}: it must be X-Sendfile, or X-Accel-Redirect with an address, such as"
        " X-Accel-Redirect:/files/."
    )


class TrustedProxiesMiddleware:
    """Make REMOTE_ADDR, the scheme and the host those of the person, and drop what only a trusted proxy may say.

    X-Forwarded-For is read from its end, past every hop that is trusted, to the first that is not: that one a trusted
    hop has seen itself, what stands before it anybody can write. Of Proto and Host the last value counts. All who read
    addresses (rate limits, the audit log) read REMOTE_ADDR; it is empty for an untrusted Unix socket.
    X-Request-Id is left in its place for RequestIdMiddleware if a trusted proxy gave it.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        meta = request.META
        headers = (meta.pop(name, "").split(",") for name in FORWARDED)
        hops, scheme, host = ([value.strip() for value in header if value.strip()] for header in headers)
        peer = _parse_address(meta.get("REMOTE_ADDR", ""))
        if _is_trusted(peer):
            peer = _client_address(peer, hops)
            if scheme and scheme[-1] in {"http", "https"}:
                meta["wsgi.url_scheme"] = scheme[-1]
            if host:
                meta["HTTP_HOST"] = host[-1]
        else:
            meta.pop(REQUEST_ID, None)
        meta["REMOTE_ADDR"] = str(peer or "")
        return self.get_response(request)


def _client_address(peer: Address | None, hops: list[str]) -> Address | None:
    """The nearest hop that is not trusted; where all are, or one is no address, the last that was known."""
    while _is_trusted(peer) and hops:
        before = _parse_address(hops.pop())
        if before is None:
            break
        peer = before
    return peer


def _is_trusted(peer: Address | None) -> bool:
    trusted: tuple[Any, ...] = settings.TRUSTED_PROXIES
    if peer is None:
        return SOCKET in trusted
    return any(network != SOCKET and peer in network for network in trusted)


def _parse_address(text: str) -> Address | None:
    """An address as a server or proxy writes it: perhaps with a port, in brackets, mapped into IPv6, with a zone."""
    if text.startswith("["):
        text = text[1:].partition("]")[0]
    elif text.count(":") == 1:
        text = text.partition(":")[0]
    try:
        address = ip_address(text.partition("%")[0])
    except ValueError:
        return None
    return (address.ipv4_mapped if isinstance(address, IPv6Address) else None) or address
