"""The shapes that several resources answer with."""

from typing import Annotated, Literal

import asyncpg
from pydantic import Field

from app.http.fields import Id, Input, MoneyOutput, Output, Start, TimeOutput

EventStatus = Literal["active", "cancelled", "completed"]
Bookable = Annotated[bool, Field(description="Active and not yet started.")]


class IdempotencyHeaders(Input):
    """Headers of a request that may be repeated without doing its work twice."""

    idempotency_key: Annotated[
        str | None,
        Field(
            alias="Idempotency-Key",
            pattern="^[!-~]{1,64}$",
            description="The same key again returns what the first request made.",
        ),
    ] = None


class Event(Start):
    """What is on sale."""

    id: Id = Field(validation_alias="event_id")
    title: str
    description: str
    venue: str
    capacity: int
    price: MoneyOutput
    currency: str
    max_tickets_per_booking: int
    status: EventStatus
    bookable: Bookable
    tickets_available: int
    version: int = Field(description="Raised by edits, not by sales.")
    created_at: TimeOutput
    updated_at: TimeOutput


def event_from(row: asyncpg.Record, currency: str) -> Event:
    """Return the event in a row of event_details."""
    return Event.model_validate({**row, "currency": currency})


def etag(event: Event) -> str:
    """Return what changes whenever the answer does: edits, sales, and the start."""
    return f'"{event.version}-{event.tickets_available}-{str(event.bookable).lower()}"'


class BookedEvent(Start):
    """The event of a booking."""

    id: Id
    title: str
    venue: str
    status: EventStatus
    bookable: Bookable


class Ticket(Output):
    """Admits one person, once."""

    id: Id
    ticket_code: str = Field(examples=["7FDY9-S5J0F-BKKYT-F3Y6W-M"])
    status: Literal["active", "used", "cancelled"]
    used_at: TimeOutput | None


def columns_of(row: asyncpg.Record, prefix: str) -> dict[str, object]:
    """Return the columns whose name has the prefix, by the rest of their name."""
    return {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)}
