"""Addresses of servers: the public one, those of this machine alone, and private ones."""

import ipaddress
from functools import lru_cache
from urllib.parse import urlsplit

_PORTS = {"http": 80, "https": 443}
_NAT64 = ipaddress.ip_network("64:ff9b::/96")
_FORM = "It must be an address without a path, like https://tickets.example"


def origin(url: str) -> str:
    """Return scheme, host and port of an address, written as browsers write them in Origin.

    Raises ValueError when it has other parts, or is not an address.
    """
    try:
        parts = urlsplit(url)
        host = (parts.hostname or "").encode("idna").decode()
        port = parts.port
    except ValueError:
        raise ValueError(_FORM) from None
    more = "@" in parts.netloc or parts.path.strip("/") or parts.query or parts.fragment
    if parts.scheme not in _PORTS or not host or more:
        raise ValueError(_FORM)
    shown = f"[{host}]" if ":" in host else host
    other_port = "" if port in {None, _PORTS[parts.scheme]} else f":{port}"
    return f"{parts.scheme}://{shown}{other_port}"


def host_name(host: str) -> str:
    """Return the name or address in a Host header, in lower case and without the port."""
    name, _, port = host.lower().rpartition(":")
    return name if name and port.isdecimal() else host.lower()


@lru_cache(maxsize=64)
def is_loopback(host: str) -> bool:
    """Say whether a name or address always means this machine."""
    if host == "localhost" or host.endswith(".localhost"):
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def is_public(text: str) -> bool:
    """Say whether an address can be reached from anywhere, and is that of one machine."""
    address: ipaddress.IPv4Address | ipaddress.IPv6Address
    address = ipaddress.ip_address(text.partition("%")[0])
    if isinstance(address, ipaddress.IPv6Address):
        address = _embedded(address) or address
    return address.is_global and not address.is_multicast


def _embedded(address: ipaddress.IPv6Address) -> ipaddress.IPv4Address | None:
    """Return the IPv4 address that an IPv6 address stands for, if it does."""
    if address in _NAT64:
        return ipaddress.IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour or (address.teredo and address.teredo[1])
