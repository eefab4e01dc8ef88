"""The guard against server-side request forgery: a webhook may not reach an inner address (ASVS 5.0 1.3.6).

The name is resolved once, every address it has is judged, and the connection goes to the judged address
itself, so that a second answer of the name server (DNS rebinding) cannot lead elsewhere. Alternative spellings
of an IPv4 address (``0x7f.1``, ``2130706433``) are resolved by the same call and judged by what they mean.
"""

from __future__ import annotations

import asyncio
import socket
from ipaddress import IPv4Address, IPv6Address, IPv6Network, ip_address

_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")


class InnerAddressError(Exception):
    """The host has an address that is not on the public Internet."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"{host} leads to an inner address; a webhook may only go to the public Internet "
            "(the connection's allow_private setting lifts this)"
        )


def is_public(address: str) -> bool:
    """Whether an address is on the public Internet, an IPv4 address wrapped into IPv6 included."""
    judged = _unwrapped(ip_address(address.partition("%")[0]))
    if isinstance(judged, IPv6Address):
        return judged in _GLOBAL_UNICAST and judged.is_global
    return judged.is_global and not judged.is_multicast and not judged.is_reserved


async def resolve(host: str, port: int, *, allow_private: bool) -> list[str]:
    """The addresses of a host, all of them judged.

    Raises:
        OSError: the name cannot be resolved.
        InnerAddressError: one of its addresses is not public (one is enough).
    """
    loop = asyncio.get_running_loop()
    found = await loop.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    addresses = list(dict.fromkeys(str(place[0]) for *_, place in found))
    if not allow_private and not all(map(is_public, addresses)):
        raise InnerAddressError(host)
    return addresses


def _unwrapped(address: IPv4Address | IPv6Address) -> IPv4Address | IPv6Address:
    """The IPv4 address inside a v4-mapped, 6to4 or NAT64 one (RFC 4291, 3056, 6052)."""
    if isinstance(address, IPv4Address):
        return address
    if address in _NAT64:
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or address
