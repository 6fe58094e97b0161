"""Every type of problem that the API answers with (RFC 9457).

A name stands here and, for those that functions in sql/ raise, in problem_name() in
sql/functions/problems.sql; a test compares the two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

Members = Mapping[str, Any]


@dataclass(frozen=True)
class ProblemType:
    """What all problems of a type have in common.

    `members` are the facts of a problem, as JSON schemas. `sentence` explains the problem to a
    person: a template with the facts, or a function of them. Without a sentence the title is used.
    """

    status: int
    title: str
    sentence: str | Callable[[Members], str] | None = None
    members: Members = field(default_factory=dict)

    def say(self, members: Members) -> str:
        """Return the sentence with these facts."""
        if callable(self.sentence):
            return self.sentence(members)
        return (self.sentence or f"{self.title}.").format_map(members)


def _tickets_left(members: Members) -> str:
    match members["available"]:
        case 0:
            return "No tickets are left."
        case 1:
            return "Only 1 ticket is left."
        case available:
            return f"Only {available} tickets are left."


def _tickets_at_once(members: Members) -> str:
    limit = members["limit"]
    return f"One booking holds {'1 ticket' if limit == 1 else f'1 to {limit} tickets'}."


def _tickets_sold(members: Members) -> str:
    sold = members["tickets_sold"]
    tickets = "1 ticket is" if sold == 1 else f"{sold} tickets are"
    return f"{tickets} sold: the capacity cannot be less."


def _minutes_to_wait(members: Members) -> str:
    minutes = -(-members["retry_after"] // 60)
    return f"Try again in {minutes} minute{'' if minutes == 1 else 's'}."


def _by_reason(sentences: Mapping[str, str]) -> tuple[Callable[[Members], str], Members]:
    """Return the sentence and the members of a type that has a reason."""
    return lambda members: sentences[members["reason"]], {"reason": {"enum": list(sentences)}}


PROBLEM_TYPES: Mapping[str, ProblemType] = {
    "malformed-request": ProblemType(400, "This is not a valid HTTP request"),
    "request-timeout": ProblemType(408, "The request did not arrive in time"),
    "wrong-host": ProblemType(421, "This server does not answer for this host"),
    "headers-too-large": ProblemType(431, "The headers of the request are too large"),
    "validation": ProblemType(422, "Some fields are not valid"),
    "malformed-json": ProblemType(400, "The body is not JSON"),
    "not-signed-in": ProblemType(401, "Sign in first"),
    "sign-in-failed": ProblemType(401, "Phone or password is wrong"),
    "not-allowed": ProblemType(403, "You may not do this"),
    "cross-site-request": ProblemType(403, "Requests from other sites are refused"),
    "not-found": ProblemType(404, "There is nothing here"),
    "method-not-allowed": ProblemType(405, "This method is not allowed here"),
    "too-large": ProblemType(413, "The body is too large"),
    "not-json": ProblemType(415, "The body must be JSON"),
    "internal": ProblemType(500, "Something went wrong here"),
    "busy": ProblemType(503, "Too busy at the moment"),
    "database-away": ProblemType(503, "The database cannot be reached"),
    "phone-taken": ProblemType(409, "This phone already has an account"),
    "sold-out": ProblemType(
        409,
        "Not enough tickets left",
        _tickets_left,
        {"available": {"type": "integer", "minimum": 0}},
    ),
    "event-not-found": ProblemType(404, "There is no such event"),
    "event-not-bookable": ProblemType(
        409,
        "This event cannot be booked",
        *_by_reason(
            {
                "cancelled": "The event is cancelled.",
                "completed": "The event is over.",
                "started": "The event has started.",
            }
        ),
    ),
    "quantity-not-allowed": ProblemType(
        422,
        "This many tickets cannot be booked at once",
        _tickets_at_once,
        {"limit": {"type": "integer"}},
    ),
    "booking-not-found": ProblemType(404, "There is no such booking"),
    "booking-not-cancellable": ProblemType(
        409,
        "This booking cannot be cancelled",
        *_by_reason(
            {
                "ticket-used": "One of its tickets was used.",
                "event-started": "The event has started.",
                "event-completed": "The event is over.",
                "event-cancelled": "The event is cancelled.",
            }
        ),
    ),
    "booking-status-final": ProblemType(409, "A cancelled booking stays cancelled"),
    "idempotency-key-reused": ProblemType(422, "This Idempotency-Key belongs to another request"),
    "user-not-found": ProblemType(404, "There is no such user"),
    "ticket-not-found": ProblemType(404, "There is no such ticket"),
    "ticket-already-used": ProblemType(
        409,
        "This ticket was used already",
        "It was used at {used_at}.",
        {
            "used_at": {"type": "string", "format": "date-time"},
            "booking_id": {"type": "integer"},
            "customer_name": {"type": "string"},
        },
    ),
    "ticket-cancelled": ProblemType(409, "This ticket is cancelled"),
    "ticket-for-another-event": ProblemType(
        409,
        "This ticket is for another event",
        "It is for {event_title}.",
        {"event_title": {"type": "string"}},
    ),
    "event-status-final": ProblemType(
        409,
        "A cancelled or completed event is read-only",
        members={"event_status": {"enum": ["cancelled", "completed"]}},
    ),
    "capacity-below-sold": ProblemType(
        409,
        "More tickets than that are sold",
        _tickets_sold,
        {"tickets_sold": {"type": "integer"}},
    ),
    "date-time-in-past": ProblemType(422, "The event would start in the past"),
    "price-changed": ProblemType(
        409,
        "The price has changed",
        "The total is {total_amount} now.",
        {"total_amount": {"type": "string", "pattern": r"^\d+\.\d\d$"}},
    ),
    "ticket-code-malformed": ProblemType(422, "This is not a ticket code"),
    "edited-meanwhile": ProblemType(
        412, "Somebody else edited this event", members={"version": {"type": "integer"}}
    ),
    "too-many-attempts": ProblemType(
        429,
        "Too many attempts",
        _minutes_to_wait,
        {"retry_after": {"type": "integer", "description": "Seconds."}},
    ),
}
