"""Which hosts and origins this installation answers to.

A browser says in Host which site it believes this is, and in Origin and Sec-Fetch-Site which page
made it send a request; no page can change these headers. With PUBLIC_URL set, they are compared
with it. Without it, a server on loopback answers only to names of loopback: the page of another
site could point its own name at this machine (DNS rebinding) and would then count as one of ours.
A server that a network can reach answers to every name until PUBLIC_URL says which one is right,
because people may reach it by any. So does a server behind a trusted proxy, which knows its names.
"""

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


def refuse_cross_site(request: Request, settings: Settings) -> None:
    """Refuse what another site makes a browser send; a client without these headers is not one.

    See https://web.dev/articles/fetch-metadata. Without PUBLIC_URL, Origin is looked at only where
    Sec-Fetch-Site is missing: a proxy may have changed Host, or ended TLS without saying so.
    """
    site, origin = request.headers.get("sec-fetch-site"), request.headers.get("origin")
    allowed = site in {None, "same-origin", "none"}
    if origin is not None and (settings.public_url is not None or site is None):
        allowed &= origin == (settings.public_url or _own_origin(request))
    if not allowed:
        raise Problem("cross-site-request", "Send it from a page of this site.")


def _own_origin(request: Request) -> str:
    return f"{request.url.scheme}://{request.headers.get('host')}"


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
