"""Tickets: looking one up, and checking it in at the door."""

from typing import Annotated

import asyncpg
from pydantic import Field, StringConstraints

from app.api.shapes import BookedEvent, Ticket
from app.http.endpoints import endpoint
from app.http.fields import Answer, Id, Input
from app.http.identity import SignedIn
from app.http.problems import Problem
from app.http.services import Application

TypedCode = Annotated[
    str,
    StringConstraints(max_length=100, pattern="^[^\u0000]*$"),
    Field(description="As typed: case, spaces and hyphens do not matter."),
]


class TicketBooking(Answer):
    """The booking of a ticket."""

    id: Id
    quantity: int
    customer_name: str


class TicketDetails(Answer):
    """A ticket with its booking and event."""

    ticket: Ticket
    booking: TicketBooking
    event: BookedEvent


class DoorEvent(Answer):
    """An event as the door counts it."""

    id: Id
    title: str
    tickets_sold: int
    tickets_checked_in: int


class CheckIn(Answer):
    """An admission."""

    ticket: Ticket
    booking: TicketBooking
    event: DoorEvent


class CheckInRequest(Input):
    """Where the ticket is shown."""

    event_id: Annotated[Id | None, Field(description="Refuse a ticket for another event.")] = None


def _part(row: asyncpg.Record, prefix: str) -> dict[str, object]:
    return {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)}


@endpoint("GET", "/tickets/{code}", problems=("ticket-not-found", "ticket-code-malformed"))
async def get_ticket(app: Application, user: SignedIn, code: TypedCode) -> TicketDetails:
    """Return a ticket, to its customer and to admins."""
    row = await app.database.one("get_ticket", code, user.id)
    if not row["well_formed"]:
        raise Problem("ticket-code-malformed")
    if row["id"] is None:
        raise Problem("ticket-not-found")
    return TicketDetails.model_validate(
        {
            "ticket": dict(row),
            "booking": _part(row, "booking_") | {"customer_name": row["customer_name"]},
            "event": _part(row, "event_"),
        }
    )


@endpoint(
    "POST",
    "/tickets/{code}/check-in",
    problems=(
        "ticket-not-found",
        "ticket-already-used",
        "ticket-cancelled",
        "ticket-for-another-event",
        "ticket-code-malformed",
    ),
)
async def check_in_ticket(
    app: Application, admin: SignedIn, code: TypedCode, body: CheckInRequest
) -> CheckIn:
    """Admit the holder of a ticket, once."""
    # Check-ins without an event take turns among each other: theirs is not known before the lock.
    async with app.change(body.event_id):
        row = await app.database.one("check_in_ticket", code, body.event_id, admin.id)
    ticket = {
        "id": row["ticket_id"],
        "status": "used",
        "ticket_code": row["ticket_code"],
        "used_at": row["used_at"],
    }
    booking = _part(row, "booking_") | {"customer_name": row["customer_name"]}
    return CheckIn.model_validate(
        {"ticket": ticket, "booking": booking, "event": _part(row, "event_")}
    )
