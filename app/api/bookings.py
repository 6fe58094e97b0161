"""Bookings: making, reading and cancelling them; and the bookings of an event, for admins."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal

import asyncpg
from pydantic import Field

from app.api.booking_search import booking_number, code_beginning
from app.api.shapes import BookedEvent, IdempotencyHeaders, Ticket, booked_event_members, columns_of
from app.data.booking_queue import BookingRequest
from app.http.endpoints import Reply, endpoint
from app.http.fields import CustomerSearch, Id, Input, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Headers, Query
from app.http.money import MoneyOutput, TotalInput, amount_text, with_decimals
from app.http.paging import CursorTime, Listing, Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services
from app.metrics import BOOKINGS
from app.settings import Settings

BookingStatus = Literal["confirmed", "cancelled"]


class EventChange(Output):
    """What changed about an event since it was booked."""

    field: Literal["date_time", "venue", "doors_open"]
    was: str | None = Field(description="null: it was not announced.")
    became: str | None = Field(description="null: it is no longer announced.")


class Booking(Output):
    """A number of tickets that a customer booked for an event."""

    id: Id
    user_id: Id
    event_id: Id
    quantity: int
    unit_price: MoneyOutput
    total_amount: MoneyOutput
    currency: str
    status: BookingStatus
    booking_date: TimeOutput
    cancelled_at: TimeOutput | None
    booked_by: Id = Field(description="The user who booked: the customer, or an admin.")
    cancelled_before_event: bool = Field(
        description="Whether the booking was cancelled first and its event later. If so, the event"
        " is not the reason."
    )
    cancellable: bool
    event: BookedEvent
    changes: list[EventChange] = Field(
        description="What changed about the event since it was booked."
    )
    tickets: list[Ticket]


class BookingPage(Page[Booking]):
    """One page of a user's bookings."""


class Customer(Output):
    """The customer of a booking."""

    id: Id
    name: str
    phone: str | None = Field(description="null: the customer is erased.")


class EventBooking(Output):
    """A booking in the list of an event's bookings."""

    id: Id
    event_id: Id
    quantity: int
    unit_price: MoneyOutput
    total_amount: MoneyOutput
    currency: str
    status: BookingStatus
    booking_date: TimeOutput
    cancelled_at: TimeOutput | None
    tickets_checked_in: int
    booked_by: Id
    beyond_customer_limit: bool = Field(
        description="Whether the box office said that it may exceed the limit of a customer."
    )
    cancellable: bool
    customer: Customer


class EventBookingPage(Page[EventBooking]):
    """One page of an event's bookings."""


class NewBooking(Input):
    """A request to book tickets for one event."""

    event_id: Id
    quantity: Annotated[int, Field(ge=1, le=100)]
    user_id: Annotated[
        Id | None, Field(description="The customer; only admins may book for another user.")
    ] = None
    expected_total_amount: Annotated[
        TotalInput | None,
        Field(description="The request is refused if the total differs from this amount."),
    ] = None
    beyond_customer_limit: Annotated[
        bool,
        Field(
            description="The customer may get more tickets than one customer may have. Only admins"
            " may say so."
        ),
    ] = False


class BookingChange(Input):
    """The status that a booking should have."""

    status: BookingStatus


class UserBookingsQuery(PageQuery):
    """Selects bookings of a user."""

    scope: Literal["all", "upcoming", "past"] = "all"


class EventBookingsQuery(PageQuery):
    """Selects bookings of an event."""

    search: Annotated[
        CustomerSearch | None,
        Field(
            description="Part of a customer's name or phone, the number of a booking, or the "
            "beginning of a ticket code."
        ),
    ] = None


def booking_from(row: asyncpg.Record, settings: Settings) -> Booking:
    """Return the booking in a row of booking_with_tickets()."""
    return Booking.model_validate(
        {
            **row,
            "currency": settings.currency,
            "event": booked_event_members(row, settings),
            "tickets": row["tickets"] or [],
        },
        context=settings.validation_context,
    )


@endpoint(
    "POST",
    "/bookings",
    who=Who.SIGNED_IN,
    status=201,
    problems=(
        "not-allowed",
        "sold-out",
        "event-not-found",
        "event-not-bookable",
        "quantity-not-allowed",
        "customer-limit",
        "idempotency-key-reused",
        "user-not-found",
        "user-erased",
        "price-changed",
    ),
    reply_headers=("Location", "Idempotent-Replayed"),
    scopes=("box-office",),
    event_of=EventOf.HANDLER,
)
async def create_booking(
    services: Services,
    caller: SignedIn,
    headers: Headers[IdempotencyHeaders],
    body: Body[NewBooking],
) -> Reply[Booking]:
    """Book tickets. With an Idempotency-Key, repeating the request cannot book twice."""
    caller.keep_to(body.event_id)
    customer = caller.id if body.user_id is None else body.user_id
    if customer != caller.id and not caller.is_admin:
        raise Problem("not-allowed", "Only admins may book for somebody else.")
    request = BookingRequest(
        customer,
        body.event_id,
        body.quantity,
        headers.idempotency_key,
        caller.id,
        body.expected_total_amount,
    )
    if body.beyond_customer_limit:
        if not caller.is_admin:
            raise Problem("not-allowed", "Only admins may exceed the limit of a customer.")
        # Not in a batch: the permission is for this request only.
        async with services.turn_to_change(body.event_id):
            row = await services.database.one("book_tickets_beyond_limit", requests=[request])
    else:
        row = await services.bookings.submit(request)
    if row["problem_type"] is not None:
        BOOKINGS.labels(row["problem_type"]).inc()
        raise _refusal(row, services.settings)
    BOOKINGS.labels("replayed" if row["replayed"] else "booked").inc()
    more = {"Location": f"/api/bookings/{row['id']}"}
    if row["replayed"]:
        more["Idempotent-Replayed"] = "true"
    return Reply(booking_from(row, services.settings), 201, more)


def _refusal(row: asyncpg.Record, settings: Settings) -> Problem:
    members = dict(row["error_detail"] or {})
    if "total_amount" in members:
        total = with_decimals(Decimal(members["total_amount"]), settings.currency_decimals)
        members["total_amount"] = amount_text(total)
    return Problem(row["problem_type"], members=members)


async def _get(services: Services, caller: SignedIn, booking_id: int) -> Booking:
    row = await services.database.row("get_booking", booking_id=booking_id, caller_id=caller.id)
    if row is None:
        raise Problem("booking-not-found")
    caller.keep_to(row["event_id"])
    return booking_from(row, services.settings)


@endpoint(
    "GET",
    "/bookings/{id}",
    who=Who.SIGNED_IN,
    problems=("booking-not-found",),
    scopes=("box-office",),
    event_of=EventOf.HANDLER,
)
async def get_booking(services: Services, caller: SignedIn, id: Id) -> Booking:
    """Return a booking, to its customer and to admins."""
    return await _get(services, caller, id)


@endpoint(
    "PUT",
    "/bookings/{id}",
    who=Who.SIGNED_IN,
    problems=(
        "booking-not-found",
        "booking-not-cancellable",
        "booking-status-final",
        "user-erased",
    ),
    scopes=("box-office",),
    event_of=EventOf.HANDLER,
)
async def update_booking(
    services: Services,
    caller: SignedIn,
    id: Id,
    body: Body[BookingChange],
) -> Booking:
    """Cancel a booking; cancelling it again changes nothing."""
    booking = await _get(services, caller, id)
    if body.status == "cancelled":
        # Even if the booking is already cancelled: the standby may not have that cancellation yet,
        # and a failover would undo it. cancel_booking() then waits until the standby has it.
        async with services.turn_to_change(booking.event_id):
            row = await services.database.one("cancel_booking", booking_id=id, actor_id=caller.id)
        booking = booking_from(row, services.settings)
    if booking.status != body.status:
        raise Problem("booking-status-final", "Book again instead.")
    if body.status == "confirmed":
        await services.database.value("wait_for_standby_at_commit")
    return booking


_BY_BOOKING_DATE = SortKeys(booking_date=CursorTime, id=Id)
_BY_START = SortKeys(event_date_time=CursorTime, id=Id)
_LISTINGS: Mapping[str, Listing] = {
    "all": Listing("list_user_bookings", _BY_BOOKING_DATE),
    "past": Listing("list_user_past_bookings", _BY_START),
    "upcoming": Listing("list_user_upcoming_bookings", _BY_START),
}


@endpoint(
    "GET",
    "/bookings/user/{id}",
    who=Who.SIGNED_IN,
    problems=("not-allowed",),
    scopes=("box-office",),
)
async def list_user_bookings(
    services: Services,
    caller: SignedIn,
    id: Id,
    query: Query[UserBookingsQuery],
) -> BookingPage:
    """List a user's bookings.

    All: the newest booking first. Upcoming: the soonest event first. Past: the latest event first.
    """
    if id != caller.id and not caller.is_admin:
        raise Problem("not-allowed", "These are somebody else's bookings.")
    listing = _LISTINGS[query.scope]
    rows = await services.database.rows(listing.query, user_id=id, **listing.parameters(query))
    page, next_cursor = listing.sort_keys.cut(rows, query.limit)
    bookings = [booking_from(row, services.settings) for row in page]
    return BookingPage(items=bookings, next_cursor=next_cursor)


@endpoint(
    "GET",
    "/bookings/event/{id}",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("box-office", "reports"),
    event_of=EventOf.PATH,
)
async def list_event_bookings(
    services: Services,
    id: Id,
    query: Query[EventBookingsQuery],
) -> EventBookingPage:
    """List an event's bookings with their customers, newest first."""
    parameters = {
        "search": query.search,
        "booking_id": booking_number(query.search),
        "code": code_beginning(query.search),
        **_BY_BOOKING_DATE.parameters(query),
    }
    async with services.place_to_search(query.search):
        rows = await services.database.rows("list_event_bookings", event_id=id, **parameters)
    if not rows:
        raise Problem("event-not-found")
    # The row of an event without bookings has only NULLs.
    bookings = [row for row in rows if row["id"] is not None]
    page, next_cursor = _BY_BOOKING_DATE.cut(bookings, query.limit)
    items = [_event_booking(row, services.settings) for row in page]
    return EventBookingPage(items=items, next_cursor=next_cursor)


def _event_booking(row: asyncpg.Record, settings: Settings) -> EventBooking:
    return EventBooking.model_validate(
        {**row, "currency": settings.currency, "customer": columns_of(row, "customer_")},
        context=settings.validation_context,
    )
