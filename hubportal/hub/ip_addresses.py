"""Which IP addresses are the open internet's."""

from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

# RFC 6052: an IPv4 address behind this prefix is reached through the network's own translator.
_TRANSLATED = IPv6Network("64:ff9b::/96")


def is_public(address: str) -> bool:
    """Whether an address may be visited on a stranger's word: global, unicast, and no private IPv4 in disguise."""
    try:
        ip = _innermost(ip_address(address))
    except ValueError:
        return False
    return ip.is_global and not ip.is_multicast and not (ip.version == 6 and (ip.is_site_local or ip.is_reserved))


def _innermost(ip: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    if isinstance(ip, IPv4Address):
        return ip
    if ip in _TRANSLATED:
        return IPv4Address(int(ip) & 0xFFFFFFFF)
    return ip.ipv4_mapped or ip.sixtofour or ip
