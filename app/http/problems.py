"""Every error the API answers with, as application/problem+json (RFC 9457).

`PROBLEMS` has each type's status and title, `SQLSTATES` which of them a database error is,
`CONSTRAINTS` which field a violated constraint is about. There is no second place for either.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.data.errors import DatabaseAwayError, UnavailableError

MEDIA_TYPE = "application/problem+json"

# The status and title of each type.
PROBLEMS: Mapping[str, tuple[int, str]] = {
    "malformed-request": (400, "This is not a valid HTTP request"),
    "request-timeout": (408, "The request did not arrive in time"),
    "wrong-host": (421, "This server does not answer for this host"),
    "headers-too-large": (431, "The headers of the request are too large"),
    "validation": (422, "Some fields are not valid"),
    "malformed-json": (400, "The body is not JSON"),
    "not-signed-in": (401, "Sign in first"),
    "sign-in-failed": (401, "Phone or password is wrong"),
    "not-allowed": (403, "You may not do this"),
    "cross-site-request": (403, "Requests from other sites are refused"),
    "not-found": (404, "There is nothing here"),
    "method-not-allowed": (405, "This method is not allowed here"),
    "too-large": (413, "The body is too large"),
    "not-json": (415, "The body must be JSON"),
    "internal": (500, "Something went wrong here"),
    "busy": (503, "Too busy at the moment"),
    "database-away": (503, "The database cannot be reached"),
    "phone-taken": (409, "This phone already has an account"),
    "sold-out": (409, "Not enough tickets left"),
    "event-not-found": (404, "There is no such event"),
    "event-not-bookable": (409, "This event cannot be booked"),
    "quantity-not-allowed": (422, "This many tickets cannot be booked at once"),
    "booking-not-found": (404, "There is no such booking"),
    "booking-not-cancellable": (409, "This booking cannot be cancelled"),
    "booking-status-final": (409, "A cancelled booking stays cancelled"),
    "idempotency-key-reused": (422, "This Idempotency-Key made a different booking"),
    "user-not-found": (404, "There is no such user"),
    "ticket-not-found": (404, "There is no such ticket"),
    "ticket-already-used": (409, "This ticket was used already"),
    "ticket-cancelled": (409, "This ticket is cancelled"),
    "ticket-for-another-event": (409, "This ticket is for another event"),
    "event-status-final": (409, "A cancelled or completed event is read-only"),
    "capacity-below-sold": (409, "More tickets than that are sold"),
    "date-time-in-past": (422, "The event would start in the past"),
    "price-changed": (409, "The price has changed"),
    "ticket-code-malformed": (422, "This is not a ticket code"),
    "edited-meanwhile": (412, "Somebody else edited this event"),
    "too-many-attempts": (429, "Too many attempts"),
}

# The errors functions in sql/ raise; their DETAIL is a JSON object with the problem's members.
SQLSTATES: Mapping[str, str] = {
    "TK001": "sold-out",
    "TK002": "event-not-found",
    "TK003": "event-not-bookable",
    "TK004": "quantity-not-allowed",
    "TK005": "booking-not-found",
    "TK006": "booking-not-cancellable",
    "TK007": "idempotency-key-reused",
    "TK008": "user-not-found",
    "TK009": "ticket-not-found",
    "TK010": "ticket-already-used",
    "TK011": "ticket-cancelled",
    "TK012": "ticket-for-another-event",
    "TK013": "event-status-final",
    "TK014": "capacity-below-sold",
    "TK015": "date-time-in-past",
    "TK016": "price-changed",
    "TK017": "ticket-code-malformed",
    "TK018": "edited-meanwhile",
    "TK019": "too-many-attempts",
    "TK020": "not-allowed",
}

# The facts that come with a problem, as JSON schemas.
MEMBERS: Mapping[str, Mapping[str, Any]] = {
    "sold-out": {"available": {"type": "integer", "minimum": 0}},
    "event-not-bookable": {"reason": {"enum": ["cancelled", "completed", "started"]}},
    "quantity-not-allowed": {"limit": {"type": "integer"}},
    "booking-not-cancellable": {
        "reason": {"enum": ["ticket-used", "event-started", "event-completed", "event-cancelled"]}
    },
    "ticket-already-used": {"used_at": {"type": "string", "format": "date-time"}},
    "ticket-for-another-event": {"event_title": {"type": "string"}},
    "event-status-final": {"event_status": {"enum": ["cancelled", "completed"]}},
    "capacity-below-sold": {"tickets_sold": {"type": "integer"}},
    "price-changed": {"total_amount": {"type": "string", "pattern": r"^\d+\.\d\d$"}},
    "edited-meanwhile": {"version": {"type": "integer"}},
    "too-many-attempts": {"retry_after": {"type": "integer", "description": "Seconds."}},
}

# Constraints that input can reach although the models check the same: a sentence beside a field.
CONSTRAINTS: Mapping[str, tuple[str, str]] = {
    "events_date_time_after_created_at": ("/date_time", "The event would start in the past."),
    "events_date_time_before_2100": ("/date_time", "The event must start before the year 2100."),
    # Raised by a trigger, which gives it the name of a constraint.
    "events_time_zone_known": ("/time_zone", "The database does not know this time zone."),
}

_REASONS: Mapping[str, str] = {
    "cancelled": "The event is cancelled.",
    "completed": "The event is over.",
    "started": "The event has started.",
    "ticket-used": "One of its tickets was used.",
    "event-started": "The event has started.",
    "event-completed": "The event is over.",
    "event-cancelled": "The event is cancelled.",
}

_SENTENCES: Mapping[str, str] = {
    "sold-out": "Only {available} tickets are left.",
    "quantity-not-allowed": "One booking holds 1 to {limit} tickets.",
    "capacity-below-sold": "{tickets_sold} tickets are sold: the capacity cannot be less.",
    "price-changed": "The total is {total_amount} now.",
    "ticket-code-malformed": "Look at it again: it is mistyped.",
    "ticket-for-another-event": "It is for {event_title}.",
    "ticket-already-used": "It was used at {used_at}.",
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one part of a request; `pointer` is a JSON pointer into it."""

    where: str  # body, query, path or header
    pointer: str
    detail: str


class Problem(Exception):  # noqa: N818  (the word of RFC 9457)
    """An answer that is not the one asked for."""

    def __init__(
        self,
        type_: str,
        detail: str | None = None,
        *,
        members: Mapping[str, Any] | None = None,
        errors: list[FieldError] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        self.type = type_
        self.status, self.title = PROBLEMS[type_]
        self.members = dict(members or {})
        self.detail = detail or _sentence(type_, self.members)
        self.errors = errors or []
        self.headers = dict(headers or {})
        if "retry_after" in self.members:
            self.headers["Retry-After"] = str(self.members["retry_after"])
        super().__init__(f"{type_}: {self.detail}")

    def response(self, request: Request) -> Response:
        """Return the answer."""
        body: dict[str, Any] = {
            "type": f"/problems/{self.type}",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
            "request_id": getattr(request.state, "request_id", None),
            **self.members,
        }
        if self.errors:
            body["errors"] = [
                {"in": error.where, "pointer": error.pointer, "detail": error.detail}
                for error in self.errors
            ]
        return Response(
            orjson.dumps(body),
            self.status,
            {**self.headers, "Cache-Control": "no-store"},
            MEDIA_TYPE,
        )


def busy(detail: str = "Try again in a second.") -> Problem:
    """Return the problem of having more to do than can be done in time."""
    return Problem("busy", detail, headers={"Retry-After": "1"})


def from_unavailable(error: UnavailableError) -> Problem:
    """Return the problem of a database that did not answer."""
    type_ = "database-away" if isinstance(error, DatabaseAwayError) else "busy"
    return Problem(type_, error.detail, headers={"Retry-After": "1"})


def refusal(sqlstate: str, members: Mapping[str, Any]) -> Problem:
    """Return the problem for a SQLSTATE of the functions in sql/ and its DETAIL."""
    return Problem(SQLSTATES[sqlstate], members=members)


_BUSY = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.TooManyConnectionsError,
)


def from_database(error: asyncpg.PostgresError) -> Problem | None:
    """Return the problem a database error means, or None when it is one nobody expects.

    The DETAIL of a constraint's error holds the row: it is never passed on.
    """
    sqlstate = error.sqlstate or ""
    if sqlstate in SQLSTATES:
        return refusal(sqlstate, orjson.loads(error.detail or "{}"))
    if isinstance(error, _BUSY):
        return busy()
    if sqlstate[:2] in {"08", "57"} or isinstance(error, asyncpg.ReadOnlySQLTransactionError):
        return from_unavailable(DatabaseAwayError())
    return _from_constraint(error)


def _from_constraint(error: asyncpg.PostgresError) -> Problem | None:
    constraint = getattr(error, "constraint_name", None) or ""
    if constraint == "users_phone_unique":
        return Problem("phone-taken", "Sign in, or use another phone.")
    if constraint not in CONSTRAINTS:
        return None
    pointer, sentence = CONSTRAINTS[constraint]
    return Problem("validation", sentence, errors=[FieldError("body", pointer, sentence)])


def from_http(error: HTTPException) -> Problem:
    """Return the problem for what Starlette itself refuses."""
    type_ = {404: "not-found", 405: "method-not-allowed", 413: "too-large"}[error.status_code]
    return Problem(type_, headers=error.headers)


def _sentence(type_: str, members: Mapping[str, Any]) -> str:
    """Return the detail of a problem, with its facts."""
    if "reason" in members:
        return _REASONS[members["reason"]]
    if type_ == "sold-out" and members["available"] < 2:
        return "Only 1 ticket is left." if members["available"] else "No tickets are left."
    if type_ == "quantity-not-allowed" and members["limit"] == 1:
        return "One booking holds 1 ticket."
    if type_ == "capacity-below-sold" and members["tickets_sold"] == 1:
        return "1 ticket is sold: the capacity cannot be less."
    if type_ == "too-many-attempts":
        minutes = -(-members["retry_after"] // 60)
        return f"Try again in {minutes} minute{'' if minutes == 1 else 's'}."
    return _SENTENCES.get(type_, f"{PROBLEMS[type_][1]}.").format_map(members)
