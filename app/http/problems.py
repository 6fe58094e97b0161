"""Every error the API answers with, as application/problem+json (RFC 9457).

PROBLEM_TYPES (problem_types.py) has each type. This module finds the type of a database error.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import asyncpg
import orjson
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response

from app.data.errors import BusyError, CommitsHangError, DatabaseAwayError, UnavailableError
from app.http.problem_types import COMMITS_HANG, PROBLEM_TYPES, RETRY_AFTER

MEDIA_TYPE = "application/problem+json"

# How the SQLSTATEs begin that functions in sql/ raise: see sql/functions/problems.sql.
OWN_SQLSTATES = "TK"

# Constraints that input can violate although the models check it: the field, and the message
# that the frontend shows beside it.
CONSTRAINTS: Mapping[str, tuple[str, str]] = {
    "events_date_time_after_created_at": ("/date_time", "The event would start in the past."),
    "events_date_time_before_2100": ("/date_time", "The event must start before the year 2100."),
    "events_sale_ends_after_it_starts": ("/sale_ends_at", "The sale must end after it starts."),
    "events_sale_starts_before_event": (
        "/sale_starts_at",
        "The sale must start before the event does.",
    ),
    "events_sale_ends_before_event": (
        "/sale_ends_at",
        "The sale must end when the event starts, or earlier.",
    ),
    "events_cancellation_reason_only_when_cancelled": (
        "/cancellation_reason",
        "Only a cancelled event has a reason for it.",
    ),
    "webhook_endpoints_event_id_fkey": ("/event_id", "There is no such event."),
    "api_tokens_event_id_fkey": ("/event_id", "There is no such event."),
    "api_tokens_expire_within_a_year": (
        "/expires_at",
        "A token ends in the future, and within 366 days.",
    ),
    # Raised by a trigger, which gives it the name of a constraint.
    "events_time_zone_known": ("/time_zone", "The database does not know this time zone."),
}


@dataclass(frozen=True)
class FieldError:
    """What is wrong with one part of a request; `pointer` is a JSON pointer into it."""

    where: str  # body, query, path or header
    pointer: str
    detail: str


class Problem(Exception):  # noqa: N818  (the word of RFC 9457)
    """An error to answer with instead of the result."""

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
        known = PROBLEM_TYPES[type_]
        self.status, self.title = known.status, known.title
        self.members = dict(members or {})
        self.detail = detail or known.say(self.members)
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


def busy(detail: str | None = None) -> Problem:
    """Return the problem of a server that has more to do than it can do in time."""
    return Problem("busy", detail, headers=RETRY_AFTER)


def from_unavailable(error: UnavailableError) -> Problem:
    """Return the problem of a database that did not answer."""
    if isinstance(error, BusyError):
        return busy()
    detail = COMMITS_HANG if isinstance(error, CommitsHangError) else None
    return Problem("database-away", detail, headers=RETRY_AFTER)


_BUSY = (
    asyncpg.LockNotAvailableError,
    asyncpg.QueryCanceledError,
    asyncpg.SerializationError,
    asyncpg.DeadlockDetectedError,
    asyncpg.TooManyConnectionsError,
)


def from_database(error: asyncpg.PostgresError) -> Problem | None:
    """Return the problem that a database error means, or None for an unexpected error.

    Functions in sql/ raise a problem with its name as MESSAGE and its members as DETAIL. The DETAIL
    of a constraint's error holds the row: it is never passed on.
    """
    sqlstate = error.sqlstate or ""
    if sqlstate.startswith(OWN_SQLSTATES):
        return Problem(error.args[0], members=orjson.loads(error.detail or "{}"))
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
