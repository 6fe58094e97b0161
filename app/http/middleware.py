"""Around every request: its id, its line in the log, and the security headers."""

import secrets
import time

import structlog
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.http import security_events
from app.http.hosts import is_proxied, is_secure, wrong_host
from app.http.problems import Problem
from app.metrics import REQUESTS
from app.settings import Settings

log = structlog.get_logger("marquee")

HEADERS = {
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "strict-origin-when-cross-origin",
    "Permissions-Policy": "camera=(self), microphone=(), geolocation=(), payment=()",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
}
# For all answers that do not set a policy of their own, as the page of the Angular app does.
API_POLICY = "default-src 'none'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'"
ONE_YEAR = "max-age=31536000; includeSubDomains"


class RequestFrame:
    """Gives each request an id, its log line and the security headers, and refuses wrong hosts."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app
        self._warned_of_proxy = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        request_id = secrets.token_hex(8)
        scope.setdefault("state", {})["request_id"] = request_id
        settings: Settings = scope["state"]["services"].settings
        secure = is_secure(scope["scheme"], settings)
        started = time.perf_counter()
        status = 0

        async def send_with_headers(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                _add_headers(MutableHeaders(scope=message), request_id, secure=secure)
            await send(message)

        self._warn_of_proxy(scope, settings)
        problem = wrong_host(scope, settings)
        app = self.app if problem is None else problem.response(Request(scope))
        try:
            await app(scope, receive, send_with_headers)
        finally:
            seconds = time.perf_counter() - started
            user_id = security_events.user_of(scope)
            record(request_id, scope["method"], _pattern(scope), status or 499, seconds, user_id)

    def _warn_of_proxy(self, scope: Scope, settings: Settings) -> None:
        """Say once that a proxy is not trusted: all its visitors count as one client."""
        peer = scope["state"].get("peer") or scope["client"]
        if (
            self._warned_of_proxy
            or not is_proxied(scope["headers"])
            or (peer is not None and settings.trusts(peer[0]))
        ):
            return
        self._warned_of_proxy = True
        log.warning(
            "untrusted proxy",
            peer=peer and peer[0],
            advice="If it is yours, name it in TRUSTED_PROXIES: until then its visitors share one"
            " address, and one limit on wrong passwords.",
        )


def response_without_request(problem: Problem, *, secure: bool) -> Response:
    """Return an answer to bytes that are no request, with all that this module adds."""
    request_id = secrets.token_hex(8)
    response = problem.response(Request({"type": "http", "state": {"request_id": request_id}}))
    _add_headers(response.headers, request_id, secure=secure)
    return response


def record(
    request_id: str,
    method: str,
    route: str,
    status: int,
    seconds: float,
    user_id: int | None = None,
) -> None:
    """Write a request's line in the log, and count it."""
    REQUESTS.labels(method, route, status).observe(seconds)
    log.info(
        "request",
        request_id=request_id,
        method=method,
        route=route,
        status=status,
        user_id=user_id,
        milliseconds=round(seconds * 1000, 1),
    )


def _pattern(scope: Scope) -> str:
    """Return the route's pattern, not the path: a path can hold a ticket code."""
    route = scope.get("route")
    return route.path if isinstance(route, Route) else ""


def _add_headers(headers: MutableHeaders, request_id: str, *, secure: bool) -> None:
    headers["X-Request-Id"] = request_id
    for name, value in HEADERS.items():
        headers.setdefault(name, value)
    headers.setdefault("Content-Security-Policy", API_POLICY)
    if secure:
        headers["Strict-Transport-Security"] = ONE_YEAR
