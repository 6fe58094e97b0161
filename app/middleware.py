"""Around every request: an id, one line in the log, headers that make browsers careful."""

import secrets
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.metrics import REQUESTS

log = structlog.get_logger("marquee")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For everything but the Angular app's page, which says more itself.
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ONE_YEAR = "max-age=31536000; includeSubDomains"


class RequestFrame:
    """Gives each request an id, its log line and the security headers."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), request_id, scope["scheme"])
            await send(message)

        try:
            await self.app(scope, receive, send_with_headers)
        finally:
            _record(scope, request_id, status or 499, time.perf_counter() - started)


def _record(scope: Scope, request_id: str, status: int, seconds: float) -> None:
    route = _pattern(scope)
    REQUESTS.labels(scope["method"], route, status).observe(seconds)
    log.info(
        "request",
        request_id=request_id,
        method=scope["method"],
        route=route,
        status=status,
        milliseconds=round(seconds * 1000, 1),
    )


def _pattern(scope: Scope) -> str:
    """Return the route's pattern, not the path: a path can hold a ticket code."""
    route = scope.get("route")
    return route.path if isinstance(route, Route) else ""


def _add_headers(headers: MutableHeaders, request_id: str, scheme: str) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", API_POLICY)
    if scheme == "https":
        headers["Strict-Transport-Security"] = ONE_YEAR
