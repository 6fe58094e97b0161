"""Bookings: requests that arrive together are given to book_tickets() together."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import asyncpg

from app.data.batch_policy import batch_recorder, failure_of
from app.data.batching import Batches
from app.data.database import Database

# How many statements at once may wait for locked events.
SLOW_BOOKINGS = 2


class BookingRequest(NamedTuple):
    """A booking_request of the database: its fields, in their order."""

    user_id: int
    event_id: int
    quantity: int
    idempotency_key: str | None
    booked_by: int
    expected_total: Decimal | None


async def book_tickets(
    database: Database, requests: Sequence[BookingRequest]
) -> Sequence[asyncpg.Record]:
    """Return one row for each request, in order: a booking, or the problem it met."""
    return await database.rows("book_tickets", requests=list(requests))


def booking_batches(database: Database) -> Batches[BookingRequest, asyncpg.Record]:
    """Return batches of bookings. A booking is repeated only if its key makes that safe."""
    return Batches(
        partial(book_tickets, database),
        failure=failure_of,
        key=lambda request: request.event_id,
        repeatable=lambda request: request.idempotency_key is not None,
        began=batch_recorder("bookings"),
        slow_lanes=SLOW_BOOKINGS,
    )
