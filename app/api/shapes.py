"""The shapes that several resources answer with."""

from decimal import Decimal
from typing import Annotated, Literal

import asyncpg
from pydantic import Field, computed_field

from app.http.fields import Id, Input, Output, TimeOutput
from app.http.identity import User
from app.http.money import MoneyOutput
from app.http.time_fields import Start, TimeOfDayOutput
from app.settings import Settings
from app.time_zones import first_after, is_known

EventStatus = Annotated[
    Literal["draft", "active", "cancelled", "completed"],
    Field(description="draft: only admins see it."),
]
DoorsOpen = Annotated[
    TimeOfDayOutput | None, Field(description="When the doors open; null: nothing is announced.")
]
HowToPay = Annotated[
    str | None,
    Field(
        description="The event's payment_note, or else that of the installation; null: there is"
        " none, or nothing to pay.",
        examples=["Pay at the door, in cash or by card."],
    ),
]
PosterSeed = Annotated[int, Field(description="What its poster is drawn from, and nothing else.")]
Bookable = Annotated[
    bool, Field(description="Active and not yet started, whatever its sale times are.")
]
SaleStartsAt = Annotated[
    TimeOutput | None,
    Field(description="From when on customers can book it; null: as soon as it is published."),
]
SaleEndsAt = Annotated[
    TimeOutput | None,
    Field(description="Until when customers can book it; null: until it starts."),
]
ClosedReason = Annotated[
    Literal["draft", "cancelled", "completed", "started", "not-yet-on-sale", "sale-ended"] | None,
    Field(description="Why customers cannot book it now; null: they can."),
]


CancellationReason = Annotated[
    str | None,
    Field(description="Why it was cancelled; null: no reason is given, or it is not cancelled."),
]


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


class ReadHeaders(Input):
    """Headers of a read."""

    if_none_match: Annotated[str | None, Field(alias="If-None-Match")] = None


class EventFacts(Start):
    """What an event and the event of a booking both say, where the organiser has said it."""

    end_time: TimeOfDayOutput | None = Field(
        description="When it ends: the first such time after its start."
    )
    address: str | None = Field(description="Where the venue is; null: its name is enough.")
    minimum_age: int | None = Field(description="In years; null: it is for every age.")
    access_note: str | None = Field(
        description="How people with disabilities get in and around; null: nothing is said."
    )
    organiser_contact: str | None = Field(
        description="Whom guests may ask: a name, a mail address or a phone number."
    )

    @computed_field(  # type: ignore[prop-decorator]
        description="The instant at end_time; null: there is none, or the time zone has no rules"
        " here.",
        json_schema_extra={"format": "date-time"},
    )
    @property
    def ends_at(self) -> TimeOutput | None:
        """Return the instant at end_time."""
        if self.end_time is None or not is_known(self.time_zone):
            return None
        return first_after(self.date_time, self.end_time, self.time_zone)


class Event(EventFacts):
    """An event that sells tickets."""

    id: Id = Field(validation_alias="event_id")
    title: str
    description: str
    venue: str
    capacity: int
    price: MoneyOutput
    currency: str
    max_tickets_per_booking: int
    max_tickets_per_customer: int | None = Field(
        description="How many tickets one customer may have; null: any number."
    )
    status: EventStatus
    bookable: Bookable
    sale_starts_at: SaleStartsAt
    sale_ends_at: SaleEndsAt
    open_to_customers: bool = Field(
        description="Whether customers can book it now: it is bookable, and within its sale times."
    )
    closed_reason: ClosedReason
    tickets_available: int
    doors_open: DoorsOpen
    payment_note: str | None = Field(
        description="How its tickets are paid; null: the installation's note applies."
    )
    how_to_pay: HowToPay
    cancellation_reason: CancellationReason
    poster_seed: PosterSeed
    category: str | None = Field(
        description="What kind of event it is, in the words of the house; null: it is in none.",
        examples=["Concert"],
    )
    version: int = Field(description="Every edit raises it, and no sale does.")
    created_at: TimeOutput
    updated_at: TimeOutput


def event_members(row: asyncpg.Record, settings: Settings) -> dict[str, object]:
    """Return the members of an event in a row of event_details."""
    pay = how_to_pay(row["price"], row["payment_note"], settings)
    return {**row, "currency": settings.currency, "how_to_pay": pay}


def event_from(row: asyncpg.Record, settings: Settings) -> Event:
    """Return the event in a row of event_details."""
    return Event.model_validate(event_members(row, settings), context=settings.validation_context)


def how_to_pay(amount: Decimal, note: str | None, settings: Settings) -> str | None:
    """Return how an amount is paid for an event that has this note."""
    return (note or settings.payment_note) if amount > 0 else None


def etag(event: Event) -> str:
    """Return what changes whenever the answer does: edits, sales, and the times of the sale."""
    return f'"{event.version}-{event.tickets_available}-{event.closed_reason or "open"}"'


class BookedEvent(EventFacts):
    """The event of a booking."""

    id: Id
    title: str
    venue: str
    status: EventStatus
    bookable: Bookable
    doors_open: DoorsOpen
    how_to_pay: HowToPay
    cancellation_reason: CancellationReason
    poster_seed: PosterSeed


def booked_event_members(row: asyncpg.Record, settings: Settings) -> dict[str, object]:
    """Return the members of the event in a row of booking_with_tickets()."""
    pay = how_to_pay(row["total_amount"], row["event_payment_note"], settings)
    return {**columns_of(row, "event_"), "how_to_pay": pay}


class Ticket(Output):
    """A ticket, which admits one person, once."""

    id: Id
    ticket_code: str = Field(examples=["7FDY9-S5J0F-BKKYT-F3Y6W-M"])
    status: Literal["active", "used", "cancelled"]
    used_at: TimeOutput | None


def columns_of(row: asyncpg.Record, prefix: str) -> dict[str, object]:
    """Return the columns whose name has the prefix, by the rest of their name."""
    return {key.removeprefix(prefix): value for key, value in row.items() if key.startswith(prefix)}


class UserAccount(User):
    """A user as admins see them."""

    disabled_at: TimeOutput | None = Field(
        description="Since when the user cannot sign in, because an admin disabled the account;"
        " null: it is not disabled."
    )
    phone_verified: bool = Field(
        description="Whether somebody has shown that the phone is theirs, by a code or to an admin."
    )
    phone_lost: bool = Field(
        description="Whether somebody else has shown since that the phone is theirs. This user"
        " cannot sign in with it."
    )
    has_password: bool = Field(
        description="false: the user cannot sign in (a customer created at the box office)."
    )


class DoorAccess(Output):
    """The door that a pass has opened on this phone."""

    event_id: Id
    name: str = Field(description="What the admin called the pass.")


class Session(Output):
    """The user who is signed in; null: nobody, or only with the password yet."""

    user: User | None
    expires_at: TimeOutput | None = Field(
        description="When it ends at the latest. It ends earlier when it is not used."
    )
    door: DoorAccess | None = Field(
        description="The door that a pass has opened here; user is then null. null: none."
    )
    second_factor: Literal["required", "missing"] | None = Field(
        description="required: the password was right, and POST /api/sessions/current/second-factor"
        " must follow; user is null until then. missing: the user is an admin who may do nothing"
        " but set one up. null: nothing is missing."
    )
