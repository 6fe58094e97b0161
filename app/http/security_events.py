"""Security events: the lines of the log that show an attack, or who did what to an account.

Such a line has `security: true`, the id of its request and, as far as they are known:
- `user_id`: who was signed in, or signed in with this request;
- `of_user_id`: whose account it is about, if that is not known to be the same person;
- `account_hash`: a keyed hash (HMAC-SHA-256 with LOG_KEY) of the phone number or mail address that
  was given. Lines about one account can be found by it, and it names nobody;
- `network`: the /24 network of an IPv4 address, or the /64 network of an IPv6 address.

No line has a phone number, a mail address, a password, a token or a ticket code.
"""

import hashlib
import hmac
import ipaddress
from collections.abc import Mapping
from typing import Any, Literal

import structlog
from starlette.requests import Request
from starlette.types import Scope

from app.http.hosts import address_of
from app.http.problems import Problem
from app.http.services import services_of
from app.settings import Settings

# What a handler records when it has happened.
Event = Literal[
    "sign-in-succeeded",
    "sign-out",
    "sign-up",
    "password-changed",
    "password-code-made",
    "second-factor-asked",
    "second-factor-on",
    "second-factor-off",
    "second-factor-reset",
    "recovery-code-used",
    "recovery-codes-made",
    "password-reset-asked",
    "email-changed",
    "export",
]
# What follows from the problem that a request is answered with. Every other 403 is "forbidden".
_REFUSALS: Mapping[str, str] = {
    "sign-in-failed": "sign-in-failed",
    "password-wrong": "password-wrong",
    "code-not-valid": "code-refused",
    "second-factor-wrong": "second-factor-failed",
    "cross-site-request": "cross-site-refused",
}
Attempt = Literal["sign-in", "sign-up", "password-reset"]
_NOTED = "security"
_HASH_LENGTH = 16

log = structlog.get_logger("marquee")


def about(
    request: Request,
    *,
    user_id: int | None = None,
    of_user_id: int | None = None,
    account: str | None = None,
    attempt: Attempt | None = None,
) -> None:
    """Note for the events of a request who acts, on which account, and what is tried."""
    noted: dict[str, Any] = request.scope["state"].setdefault(_NOTED, {})
    if user_id is not None:
        noted["user_id"] = user_id
    if of_user_id is not None:
        noted["of_user_id"] = of_user_id
    if account is not None:
        noted["account_hash"] = account_hash(account, services_of(request).settings)
    if attempt is not None:
        noted["attempt"] = attempt


def record(request: Request, event: Event, **facts: object) -> None:
    """Log what has happened."""
    _write(request, event, facts)


def refused(request: Request, problem: Problem) -> None:
    """Log a refusal, if its problem may come from an attack."""
    event = _REFUSALS.get(problem.type)
    if problem.type == "too-many-attempts":
        event = f"{_noted(request.scope).get('attempt', 'request')}-throttled"
    elif problem.status == 403:
        event = event or "forbidden"
    if event is not None:
        _write(request, event, {"problem": problem.type})


def user_of(scope: Scope) -> int | None:
    """Return the id of the user who is signed in, if a handler has asked for it."""
    return _noted(scope).get("user_id")


def account_hash(account: str, settings: Settings) -> str:
    """Return the keyed hash of a phone number (E.164) or a mail address."""
    key = settings.log_key.get_secret_value().encode()
    return hmac.new(key, account.encode(), hashlib.sha256).hexdigest()[:_HASH_LENGTH]


def _write(request: Request, event: str, facts: Mapping[str, object]) -> None:
    noted = {name: value for name, value in _noted(request.scope).items() if name != "attempt"}
    log.info(
        event,
        security=True,
        request_id=request.scope["state"]["request_id"],
        network=_network(request),
        **noted,
        **facts,
    )


def _noted(scope: Scope) -> Mapping[str, Any]:
    noted: Mapping[str, Any] = scope["state"].get(_NOTED, {})
    return noted


def _network(request: Request) -> str:
    address = address_of(request)
    size = 24 if address.version == 4 else 64
    return str(ipaddress.ip_network((address, size), strict=False))
