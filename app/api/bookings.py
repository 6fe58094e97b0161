"""Bookings: book, look, cancel; and the bookings of an event, for admins."""

from typing import Annotated, Literal

import asyncpg
from pydantic import Field, TypeAdapter

from app.api.shapes import BookedEvent, Ticket
from app.http.endpoints import Reply, endpoint
from app.http.fields import Answer, CustomerSearch, Id, Input, Instant, Money, Total
from app.http.identity import SignedIn
from app.http.paging import Moment, Page, PageQuery, cut_page, read_cursor
from app.http.problems import Problem, refusal
from app.http.services import Application, BookingRequest
from app.metrics import BOOKINGS

BookingStatus = Literal["confirmed", "cancelled"]


class Booking(Answer):
    """Who booked how many tickets for what, at which price."""

    id: Id
    user_id: Id
    event_id: Id
    quantity: int
    unit_price: Money
    total_amount: Money
    currency: str
    status: BookingStatus
    booking_date: Instant
    cancelled_at: Instant | None
    booked_by: Id = Field(description="Who pressed the button: the customer, or an admin.")
    cancellable: bool
    event: BookedEvent
    tickets: list[Ticket]


class BookingPage(Page[Booking]):
    """One page of a user's bookings."""


class Customer(Answer):
    """The customer of a booking."""

    id: Id
    name: str
    phone: str


class EventBooking(Answer):
    """A booking in its event's list."""

    id: Id
    event_id: Id
    quantity: int
    unit_price: Money
    total_amount: Money
    currency: str
    status: BookingStatus
    booking_date: Instant
    cancelled_at: Instant | None
    tickets_checked_in: int
    booked_by: Id
    customer: Customer


class EventBookingPage(Page[EventBooking]):
    """One page of an event's bookings."""


class NewBooking(Input):
    """What to book."""

    event_id: Id
    quantity: Annotated[int, Field(ge=1, le=100)]
    user_id: Annotated[
        Id | None, Field(description="The customer, for admins at the box office.")
    ] = None
    expected_total_amount: Annotated[
        Total | None, Field(description="Refuse when the total is another one.")
    ] = None


class BookingHeaders(Input):
    """Headers of a booking."""

    idempotency_key: Annotated[
        str | None,
        Field(
            alias="Idempotency-Key",
            pattern="^[!-~]{1,64}$",
            description="The same key again returns the same booking.",
        ),
    ] = None


class BookingChange(Input):
    """What a booking is to become."""

    status: BookingStatus


class UserBookingsQuery(PageQuery):
    """Which bookings of a user."""

    scope: Literal["all", "upcoming", "past"] = "all"


class EventBookingsQuery(PageQuery):
    """Which bookings of an event."""

    search: CustomerSearch | None = None


def booking_from(row: asyncpg.Record, currency: str) -> Booking:
    """Return the booking in a row of booking_with_tickets()."""
    event = {
        "id": row["event_id"],
        "title": row["event_title"],
        "venue": row["event_venue"],
        "date_time": row["event_date_time"],
        "time_zone": row["event_time_zone"],
        "status": row["event_status"],
    }
    return Booking.model_validate(
        {**row, "currency": currency, "event": event, "tickets": row["tickets"] or []}
    )


@endpoint(
    "POST",
    "/bookings",
    status=201,
    problems=(
        "not-allowed",
        "sold-out",
        "event-not-found",
        "event-not-bookable",
        "quantity-not-allowed",
        "idempotency-key-reused",
        "user-not-found",
        "price-changed",
    ),
    reply_headers=("Location", "Idempotent-Replayed"),
)
async def create_booking(
    app: Application, user: SignedIn, headers: BookingHeaders, body: NewBooking
) -> Reply[Booking]:
    """Book tickets. With an Idempotency-Key, repeating the request cannot book twice."""
    customer = user.id if body.user_id is None else body.user_id
    if customer != user.id and not user.is_admin:
        raise Problem("not-allowed", "Only admins may book for somebody else.")
    row = await app.book(
        BookingRequest(
            customer,
            body.event_id,
            body.quantity,
            headers.idempotency_key,
            user.id,
            body.expected_total_amount,
        )
    )
    if row["error_code"] is not None:
        refused = refusal(row["error_code"], row["error_detail"])
        BOOKINGS.labels(refused.type).inc()
        raise refused
    BOOKINGS.labels("replayed" if row["replayed"] else "booked").inc()
    more = {"Location": f"/api/bookings/{row['id']}"}
    if row["replayed"]:
        more["Idempotent-Replayed"] = "true"
    return Reply(booking_from(row, app.settings.currency), 201, more)


async def _get(app: Application, user: SignedIn, booking_id: int) -> Booking:
    row = await app.database.row("get_booking", booking_id, user.id)
    if row is None:
        raise Problem("booking-not-found")
    return booking_from(row, app.settings.currency)


@endpoint("GET", "/bookings/{id}", problems=("booking-not-found",))
async def get_booking(app: Application, user: SignedIn, id: Id) -> Booking:
    """Return a booking, to its customer and to admins."""
    return await _get(app, user, id)


@endpoint(
    "PUT",
    "/bookings/{id}",
    problems=("booking-not-found", "booking-not-cancellable", "booking-status-final"),
)
async def update_booking(
    app: Application,
    user: SignedIn,
    id: Id,
    body: BookingChange,
) -> Booking:
    """Cancel a booking; repeating it changes nothing."""
    booking = await _get(app, user, id)
    if body.status == "cancelled":
        # Even if it is cancelled already: a failover might still undo that commit.
        async with app.change(booking.event_id):
            row = await app.database.one("cancel_booking", id, user.id)
        booking = booking_from(row, app.settings.currency)
    if booking.status != body.status:
        raise Problem("booking-status-final", "Book again instead.")
    if body.status == "confirmed":
        await app.database.value("stand_on_own_commit")
    return booking


_BY_TIME = TypeAdapter(tuple[Moment, Id])


@endpoint("GET", "/bookings/user/{id}", problems=("not-allowed",))
async def list_user_bookings(
    app: Application,
    user: SignedIn,
    id: Id,
    query: UserBookingsQuery,
) -> BookingPage:
    """List a user's bookings, newest first; upcoming ones soonest first."""
    if id != user.id and not user.is_admin:
        raise Problem("not-allowed", "These are somebody else's bookings.")
    keys = read_cursor(query.cursor, _BY_TIME, 2)
    more = query.limit + 1
    if query.scope == "upcoming":
        rows = await app.database.rows("list_user_upcoming_bookings", id, *keys, more)
        time = "event_date_time"
    else:
        past = query.scope == "past"
        rows = await app.database.rows("list_user_bookings", id, past, *keys, more)
        time = "booking_date"
    page, next_cursor = cut_page(rows, query.limit, lambda row: (row[time], row["id"]))
    currency = app.settings.currency
    return BookingPage(items=[booking_from(row, currency) for row in page], next_cursor=next_cursor)


@endpoint("GET", "/bookings/event/{id}", problems=("event-not-found",))
async def list_event_bookings(
    app: Application,
    admin: SignedIn,
    id: Id,
    query: EventBookingsQuery,
) -> EventBookingPage:
    """List an event's bookings with their customers, newest first."""
    keys = read_cursor(query.cursor, _BY_TIME, 2)
    async with app.searching(query.search):
        rows = await app.database.rows(
            "list_event_bookings", id, query.search, *keys, query.limit + 1
        )
    if not rows:
        raise Problem("event-not-found")
    bookings = [row for row in rows if row["id"] is not None]
    page, next_cursor = cut_page(
        bookings, query.limit, lambda row: (row["booking_date"], row["id"])
    )
    currency = app.settings.currency
    return EventBookingPage(
        items=[_event_booking(row, currency) for row in page], next_cursor=next_cursor
    )


def _event_booking(row: asyncpg.Record, currency: str) -> EventBooking:
    customer = {key: row[f"customer_{key}"] for key in ("id", "name", "phone")}
    return EventBooking.model_validate({**row, "currency": currency, "customer": customer})
