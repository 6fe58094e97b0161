"""Every type of problem that the API answers with (RFC 9457).

A name stands here and, for those that functions in sql/ raise, in problem_name() in
sql/functions/problems.sql; a test compares the two.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from app.http.money import AMOUNT_SCHEMA

Members = Mapping[str, Any]

# The text of a 503 below its title.
TRY_AGAIN = "Try again in a second."
SLOW_BODY = "The body did not arrive in time."
TOO_MANY_CONNECTIONS = "There are too many connections."
COMMITS_HANG = "The database does not confirm changes at the moment."
RETRY_AFTER = {"Retry-After": "1"}


@dataclass(frozen=True)
class ProblemType:
    """What all problems of a type have in common.

    `members` are the facts of a problem, as JSON schemas; those in `sometimes` may be missing.
    `sentence` explains the problem to a person: a template with the facts, or a function of them.
    Without a sentence the title is used.
    """

    status: int
    title: str
    sentence: str | Callable[[Members], str] | None = None
    members: Members = field(default_factory=dict)
    sometimes: Members = field(default_factory=dict)

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


def _tickets_of_customer(members: Members) -> str:
    limit, owned = members["limit"], members["owned"]
    may = f"One customer may have {'1 ticket' if limit == 1 else f'{limit} tickets'} of this event"
    return f"{may}, and {owned or 'none'} {'is' if owned == 1 else 'are'} booked."


def _tickets_sold(members: Members) -> str:
    sold = members["tickets_sold"]
    tickets = "1 ticket is" if sold == 1 else f"{sold} tickets are"
    return f"{tickets} sold: the capacity cannot be less."


def _next_status(members: Members) -> str:
    match members["event_status"]:
        case "draft":
            return "A draft is published or cancelled: it cannot be completed."
        case "active":
            return "A published event cannot become a draft again: cancel it."
        case _:
            return "A cancelled or completed event is read-only."


def _minutes_to_wait(members: Members) -> str:
    minutes = -(-members["retry_after"] // 60)
    return f"Try again in {minutes} minute{'' if minutes == 1 else 's'}."


def _bookings_to_cancel(members: Members) -> str:
    count = members["bookings"]
    return f"Cancel {'1 booking' if count == 1 else f'{count} bookings'} for coming events first."


def _tries_left(members: Members) -> str:
    match members["tries_left"]:
        case 0:
            return "That was the last try. Ask for another code."
        case 1:
            return "You have 1 more try."
        case tries:
            return f"You have {tries} more tries."


NOT_BOOKABLE = {
    "cancelled": "The event is cancelled.",
    "completed": "The event is over.",
    "started": "The event has started.",
    "not-yet-on-sale": "Its tickets are on sale from {sale_starts_at}.",
    "sale-ended": "The sale of its tickets has ended.",
}


def _not_bookable(members: Members) -> str:
    return NOT_BOOKABLE[members["reason"]].format_map(members)


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
    "password-wrong": ProblemType(403, "The password is wrong"),
    "confirmation-required": ProblemType(
        403,
        "Give your password again first",
        "It was not given within the last 15 minutes.",
        {
            "second_factor": {
                "type": "boolean",
                "description": "Whether the second factor must be given as well.",
            }
        },
    ),
    "second-factor-required": ProblemType(
        403, "Give your second factor first", "Only the password was given in this session."
    ),
    "second-factor-missing": ProblemType(
        403,
        "Set up a second factor first",
        "Admins of this installation need one.",
    ),
    "second-factor-wrong": ProblemType(
        403,
        "This code is not right",
        "It is mistyped, too old, or was used already. Enter the next one that the app shows.",
    ),
    "second-factor-on": ProblemType(
        409, "The second factor is on already", "Turn it off first, to set up another one."
    ),
    "second-factor-off": ProblemType(409, "The second factor is off", "Set it up first."),
    "link-not-valid": ProblemType(
        410, "This link is not valid", "It was used already, has expired, or is not complete."
    ),
    "no-mail": ProblemType(409, "This installation sends no mail"),
    "pass-not-valid": ProblemType(
        401, "This pass is not valid", "It has ended, was revoked, or is not complete."
    ),
    "sign-in-failed": ProblemType(401, "Phone, mail address or password is wrong"),
    "not-allowed": ProblemType(403, "You may not do this"),
    "cross-site-request": ProblemType(403, "Requests from other sites are refused"),
    "not-found": ProblemType(404, "There is nothing here"),
    "method-not-allowed": ProblemType(405, "This method is not allowed here"),
    "too-large": ProblemType(413, "The body is too large"),
    "not-json": ProblemType(415, "The body must be JSON"),
    "internal": ProblemType(500, "Something went wrong here"),
    "busy": ProblemType(503, "Too busy at the moment", TRY_AGAIN),
    "database-away": ProblemType(503, "The database cannot be reached", TRY_AGAIN),
    "phone-taken": ProblemType(409, "This phone already has an account"),
    "no-phone-codes": ProblemType(409, "This installation sends no codes to phones"),
    "code-wrong": ProblemType(
        403, "This is not the code", _tries_left, {"tries_left": {"type": "integer", "minimum": 0}}
    ),
    "code-not-valid": ProblemType(
        410, "This code is not valid", "It was used already, or has expired. Ask for another one."
    ),
    "phone-in-use": ProblemType(
        409,
        "Another account has this number",
        "You can take the number over: the other account keeps its bookings.",
    ),
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
        _not_bookable,
        {"reason": {"enum": list(NOT_BOOKABLE)}},
        {
            "sale_starts_at": {
                "type": "string",
                "format": "date-time",
                "description": "Only with the reason not-yet-on-sale.",
            },
        },
    ),
    "quantity-not-allowed": ProblemType(
        422,
        "This many tickets cannot be booked at once",
        _tickets_at_once,
        {"limit": {"type": "integer"}},
    ),
    "customer-limit": ProblemType(
        409,
        "A customer cannot have so many tickets",
        _tickets_of_customer,
        {"limit": {"type": "integer"}, "owned": {"type": "integer"}},
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
    "session-not-found": ProblemType(
        404, "There is no such session", "It has ended, or is not one of yours."
    ),
    "last-admin": ProblemType(
        409,
        "This is the last admin who can sign in",
        "First make another user with a password an admin.",
    ),
    "user-erased": ProblemType(
        409, "This user is erased", "Nothing is booked, cancelled or changed for an erased user."
    ),
    "upcoming-bookings": ProblemType(
        409,
        "There are bookings to come",
        _bookings_to_cancel,
        {"bookings": {"type": "integer", "minimum": 1}},
    ),
    "calendar-not-found": ProblemType(404, "There is no such calendar"),
    "mail-not-found": ProblemType(404, "There is no such mail"),
    "webhook-not-found": ProblemType(404, "There is no such webhook"),
    "webhook-disabled": ProblemType(
        409, "This webhook is disabled", "Enable it first. Nothing is sent to a disabled webhook."
    ),
    "token-not-found": ProblemType(404, "There is no such token or pass"),
    "door-closed": ProblemType(
        409,
        "The door of this event has closed",
        "A pass ends 12 hours after the start of its event.",
    ),
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
        _next_status,
        {"event_status": {"enum": ["draft", "active", "cancelled", "completed"]}},
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
        {"total_amount": AMOUNT_SCHEMA},
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
