"""Tickets: looking one up, and checking it in at the door."""

from typing import Annotated

import asyncpg
from pydantic import Field, StringConstraints

from app.api.shapes import (
    BookedEvent,
    HowToPay,
    Ticket,
    booked_event_members,
    columns_of,
    how_to_pay,
)
from app.http.endpoints import endpoint
from app.http.fields import Id, Input, Output
from app.http.identity import SignedIn, Who
from app.http.inputs import Body
from app.http.money import MoneyOutput
from app.http.problems import Problem, from_database
from app.http.scopes import EventOf
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


class AdmittedBooking(TicketBooking):
    """The booking of a ticket that is checked in, with what it costs."""

    total_amount: MoneyOutput
    currency: str


class DoorEvent(Output):
    """An event with its counts at the door."""

    id: Id
    title: str
    how_to_pay: HowToPay
    tickets_sold: int
    tickets_checked_in: int


class CheckIn(Output):
    """An admission."""

    ticket: Ticket
    booking: AdmittedBooking
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
    scopes=("door",),
    event_of=EventOf.HANDLER,
)
async def get_ticket(services: Services, caller: SignedIn, code: TypedCode) -> TicketDetails:
    """Return a ticket, to its customer and to admins."""
    row = await services.database.one("get_ticket", code=code, caller_id=caller.id)
    if not row["well_formed"]:
        raise Problem("ticket-code-malformed")
    if row["ticket_id"] is None:
        raise Problem("ticket-not-found")
    caller.keep_to(row["event_id"])
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
    scopes=("door",),
    event_of=EventOf.HANDLER,
)
async def check_in_ticket(
    services: Services, caller: SignedIn, code: TypedCode, body: Body[CheckInRequest]
) -> CheckIn:
    """Admit the holder of a ticket, once.

    A token or pass for one event admits to that event only, also where the request names none.
    """
    event_id = body.event_id
    if caller.grant is not None and caller.grant.event_id is not None:
        event_id = event_id or caller.grant.event_id
        caller.keep_to(event_id)
    # Check-ins without an event share one turn, because their event is not known before the lock.
    try:
        async with services.turn_to_change(event_id):
            row = await services.database.one(
                "check_in_ticket", code=code, event_id=event_id, actor_id=caller.id
            )
    except asyncpg.PostgresError as error:
        refusal = from_database(error)
        if refusal is None or refusal.type != "ticket-already-used":
            raise
        used = await services.database.one("get_ticket", code=code, caller_id=caller.id)
        whose = {"booking_id": used["id"], "customer_name": used["customer_name"]}
        raise Problem(refusal.type, members={**refusal.members, **whose}) from error
    settings = services.settings
    return CheckIn.model_validate(
        {
            "ticket": _ticket(row, "used"),
            "booking": {
                **columns_of(row, "booking_"),
                "customer_name": row["customer_name"],
                "currency": settings.currency,
            },
            "event": {
                **columns_of(row, "event_"),
                "how_to_pay": how_to_pay(
                    row["booking_total_amount"], row["event_payment_note"], settings
                ),
            },
        },
        context=settings.validation_context,
    )


def _ticket(row: asyncpg.Record, status: str) -> dict[str, object]:
    return {
        "id": row["ticket_id"],
        "ticket_code": row["ticket_code"],
        "status": status,
        "used_at": row["used_at"],
    }
