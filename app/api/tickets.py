"""Tickets: looking one up, and checking it in at the door."""

from typing import Annotated

import asyncpg
from pydantic import Field, StringConstraints

from app.api.shapes import BookedEvent, Ticket, booked_event_members, columns_of
from app.http.endpoints import endpoint
from app.http.fields import Id, Input, Output
from app.http.identity import SignedIn, Who
from app.http.inputs import Body
from app.http.problems import Problem, from_database
from app.http.services import Services

TypedCode = Annotated[
    str,
    StringConstraints(max_length=100, pattern="^[^\u0000]*$"),
    Field(description="As typed or scanned, also within other text."),
]


class TicketBooking(Output):
    """The booking of a ticket."""

    id: Id
    quantity: int
    customer_name: str


class TicketDetails(Output):
    """A ticket with its booking and event."""

    ticket: Ticket
    booking: TicketBooking
    event: BookedEvent


class DoorEvent(Output):
    """An event with its counts at the door."""

    id: Id
    title: str
    tickets_sold: int
    tickets_checked_in: int


class CheckIn(Output):
    """An admission."""

    ticket: Ticket
    booking: TicketBooking
    event: DoorEvent


class CheckInRequest(Input):
    """The event at whose door the ticket is shown."""

    event_id: Annotated[Id | None, Field(description="Tickets for another event are refused.")] = (
        None
    )


@endpoint(
    "GET",
    "/tickets/{code}",
    who=Who.SIGNED_IN,
    problems=("ticket-not-found", "ticket-code-malformed"),
)
async def get_ticket(services: Services, caller: SignedIn, code: TypedCode) -> TicketDetails:
    """Return a ticket, to its customer and to admins."""
    row = await services.database.one("get_ticket", code=code, caller_id=caller.id)
    if not row["well_formed"]:
        raise Problem("ticket-code-malformed")
    if row["ticket_id"] is None:
        raise Problem("ticket-not-found")
    return TicketDetails.model_validate(
        {
            "ticket": _ticket(row, row["ticket_status"]),
            "booking": dict(row),
            "event": booked_event_members(row, services.settings),
        }
    )


@endpoint(
    "POST",
    "/tickets/{code}/check-in",
    who=Who.ADMIN,
    problems=(
        "ticket-not-found",
        "ticket-already-used",
        "ticket-cancelled",
        "ticket-for-another-event",
        "ticket-code-malformed",
    ),
)
async def check_in_ticket(
    services: Services, caller: SignedIn, code: TypedCode, body: Body[CheckInRequest]
) -> CheckIn:
    """Admit the holder of a ticket, once."""
    # Check-ins without an event share one turn, because their event is not known before the lock.
    try:
        async with services.turn_to_change(body.event_id):
            row = await services.database.one(
                "check_in_ticket", code=code, event_id=body.event_id, actor_id=caller.id
            )
    except asyncpg.PostgresError as error:
        refusal = from_database(error)
        if refusal is None or refusal.type != "ticket-already-used":
            raise
        used = await services.database.one("get_ticket", code=code, caller_id=caller.id)
        whose = {"booking_id": used["id"], "customer_name": used["customer_name"]}
        raise Problem(refusal.type, members={**refusal.members, **whose}) from error
    return CheckIn.model_validate(
        {
            "ticket": _ticket(row, "used"),
            "booking": columns_of(row, "booking_") | {"customer_name": row["customer_name"]},
            "event": columns_of(row, "event_"),
        }
    )


def _ticket(row: asyncpg.Record, status: str) -> dict[str, object]:
    return {
        "id": row["ticket_id"],
        "ticket_code": row["ticket_code"],
        "status": status,
        "used_at": row["used_at"],
    }
