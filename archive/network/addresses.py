"""Which addresses may be dialled: those of the open internet, and of one's own those named by number."""

import ipaddress
import re
import socket
import unicodedata
from collections.abc import Collection

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

_OPEN_IPV6 = ipaddress.ip_network("2000::/3")  # global unicast (RFC 4291, 2.4)
_TUNNELS = [
    ipaddress.ip_network(net) for net in ("2001::/32", "2002::/16")
]  # Teredo (RFC 4380) and 6to4 (RFC 3056) hold IPv4 addresses; no site lives there
_NAT64 = ipaddress.ip_network("64:ff9b::/96")  # RFC 6052: an IPv4 site as a network without IPv4 sees it
_SPECIAL = [
    ipaddress.ip_network(net) for net in ("192.0.0.0/24", "192.88.99.0/24")
]  # protocol assignments (RFC 6890) and 6to4 relays (RFC 7526)
_METADATA = ipaddress.ip_address("168.63.129.16")  # of a cloud, at an address that looks public
_DOTS = re.compile("[\u3002\uff0e\uff61]")
_NUMERIC = re.compile(r"[0-9a-fx]+(?:\.[0-9a-fx]+){0,3}", re.IGNORECASE | re.ASCII)


def is_public(address: str) -> bool:
    """Whether an IP address is one of the open internet, also where it stands inside an IPv6 one.

    Raises ValueError for what is no IP address.
    """
    if "%" in address:  # a zone is one of this machine (RFC 4007)
        ipaddress.ip_address(address.partition("%")[0])
        return False
    return _is_public(ipaddress.ip_address(address))


def _is_public(address: Address) -> bool:
    if isinstance(address, ipaddress.IPv4Address):
        special = address == _METADATA or any(address in net for net in _SPECIAL)
        return address.is_global and not (address.is_multicast or address.is_reserved or special)
    inner = _inside(address)
    if inner is not None:
        return _is_public(inner)
    tunnelled = any(address in net for net in _TUNNELS)
    return address in _OPEN_IPV6 and address.is_global and not tunnelled


def _inside(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped (``::ffff:…``) or behind NAT64."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped


def plain_host(host: str) -> str:
    """A host as resolvers read it: small, in plain digits and dots, without a last dot."""
    return _DOTS.sub(".", unicodedata.normalize("NFKC", host)).lower().rstrip(".")


def number_of(host: str) -> str | None:
    """The IP address that a host is, however it is spelled (``2130706433``, ``0x7f.1``); None for a name."""
    host = plain_host(host).strip("[]")
    try:
        return str(ipaddress.ip_address(host))
    except ValueError:
        pass
    try:
        return socket.inet_ntoa(socket.inet_aton(host)) if _NUMERIC.fullmatch(host) else None
    except OSError:
        return None


def is_local_name(host: str) -> bool:
    """Whether a name is this machine's own (RFC 6761, 6.3)."""
    return plain_host(host) == "localhost" or plain_host(host).endswith(".localhost")


def names_own_network(host: str) -> bool:
    """Whether a host stands there as ``localhost`` or as a plain number of loopback or a private network.

    Who writes it so means it; metadata services, multicast and the like are never meant.
    """
    if host.lower() == "localhost":
        return True
    try:
        address = ipaddress.ip_address(host.strip("[]"))
    except ValueError:
        return False
    never = address.is_link_local or address.is_multicast or address.is_unspecified or address.is_reserved
    return address.is_private and (address.is_loopback or not never)


def may_dial(host: str, address: str, own: Collection[str] = ()) -> bool:
    """Whether the address that a host's name led to may be dialled; ``own`` are hosts that are meant anyway."""
    return is_public(address) or host.lower() in own
