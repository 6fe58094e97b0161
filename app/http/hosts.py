"""Which hosts this installation answers to, and who sent a request.

A browser says in Host which site it believes this is; no page can change this header. With
PUBLIC_URL set, Host is compared with it. Without it, a server on loopback answers only to names of
loopback: the page of another site could point its own name at this machine (DNS rebinding), and
that page would then count as one of ours.
A server that a network can reach answers to every name until PUBLIC_URL says which one is right,
because people may reach it by any. So does a server behind a trusted proxy, which knows its names.
"""

import ipaddress
from collections.abc import Iterable

from starlette.requests import Request
from starlette.types import Scope

from app.addresses import host_name, is_loopback
from app.http.problems import Problem
from app.settings import Settings

# Load balancers and Prometheus ask by address. What these answer is the same for every host.
OPERATORS = frozenset({"/healthz", "/readyz", "/metrics"})
PROXY_HEADERS = frozenset(
    {
        *(b"forwarded", b"via", b"x-forwarded-for", b"x-forwarded-host", b"x-forwarded-proto"),
        *(b"x-forwarded-port", b"x-real-ip", b"x-client-ip", b"x-cluster-client-ip"),
        *(b"cf-connecting-ip", b"true-client-ip", b"fastly-client-ip", b"cdn-loop"),
    }
)


def is_secure(scheme: str, settings: Settings) -> bool:
    """Say whether browsers use https: PUBLIC_URL says so, or else the scheme of a request."""
    return (settings.public_url or scheme).startswith("https")


def origin_of(request: Request, settings: Settings) -> str:
    """Return the address of the site, for links: PUBLIC_URL, or else where the request came in."""
    return settings.public_url or f"{request.url.scheme}://{request.url.netloc}"


def wrong_host(scope: Scope, settings: Settings) -> Problem | None:
    """Return the problem of a request that is meant for another site, or None."""
    hosts = [value for name, value in scope["headers"] if name == b"host"]
    if len(hosts) > 1:
        return Problem("malformed-request", "The request has more than one Host.")
    host = hosts[0].decode("latin-1") if hosts else None
    if scope["path"] in OPERATORS or _answers_to(host, settings):
        return None
    if settings.public_url is not None:
        return Problem("wrong-host", f"This site is {settings.public_url}.")
    return Problem(
        "wrong-host",
        "This server answers to localhost. Set PUBLIC_URL if people reach it by another name.",
    )


def _answers_to(host: str | None, settings: Settings) -> bool:
    if settings.public_url is not None:
        return host is not None and host_name(host) == settings.public_host
    if settings.trusted_proxies or not settings.on_loopback:
        return True
    # Every browser sends one.
    return host is None or is_loopback(host_name(host))


def address_of(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return where a request comes from; a client behind a Unix socket has no address.

    An IPv4 address within an IPv6 one (::ffff:192.0.2.1) is the IPv4 address.
    """
    try:
        address = ipaddress.ip_address(request.client.host if request.client else "::")
    except ValueError:
        return ipaddress.ip_address("::")
    return getattr(address, "ipv4_mapped", None) or address


def is_proxied(headers: Iterable[tuple[bytes, bytes]]) -> bool:
    """Say whether a proxy has passed a request on."""
    return not PROXY_HEADERS.isdisjoint([name for name, _ in headers])


def is_from_this_machine(request: Request) -> bool:
    """Say whether a program on this machine sent the request, and no proxy passed it on."""
    peer, host = request.client, request.headers.get("host", "")
    return (
        peer is not None
        and is_loopback(peer.host)
        and is_loopback(host_name(host))
        and not is_proxied(request.headers.raw)
    )
