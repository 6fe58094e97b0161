"""The queue of bookings: requests that arrive together share one call of book_tickets()."""

from collections.abc import Sequence
from decimal import Decimal
from functools import partial
from typing import NamedTuple

import asyncpg

from app.data.batch_policy import batch_recorder, failure_of
from app.data.batching import Batches
from app.data.database import Database

# How many slow lanes (batching.py) may run a statement at once. While they wait for a locked event,
# they hold a connection each, and the main lane may hold one as well: at most three.
SLOW_BOOKINGS = 2


class BookingRequest(NamedTuple):
    """The fields of the database type booking_request, in the same order."""

    user_id: int
    event_id: int
    quantity: int
    idempotency_key: str | None
    booked_by: int
    expected_total: Decimal | None


async def book_tickets(
    database: Database, requests: Sequence[BookingRequest]
) -> Sequence[asyncpg.Record]:
    """Return one row for each request, in order: the booking, or why it was refused."""
    return await database.rows("book_tickets", requests=list(requests))


def booking_batches(database: Database) -> Batches[BookingRequest, asyncpg.Record]:
    """Return the batches of bookings.

    Only a request with an idempotency key is run again when its first run may have been committed.
    """
    return Batches(
        partial(book_tickets, database),
        failure=failure_of,
        key=lambda request: request.event_id,
        repeatable=lambda request: request.idempotency_key is not None,
        began=batch_recorder("bookings"),
        slow_lanes=SLOW_BOOKINGS,
    )
