"""The checks after every fault: no answered booking is lost or doubled."""

import asyncio
import random
import time

from tests.faults.api_server import ApiServer
from tests.faults.client import Answer, Client
from tests.faults.expected_bookings import ExpectedBookings, Order, compare
from tests.faults.seeded_database import SeededDatabase
from tests.support.locks import WAIT_SECONDS

ASKED_AGAIN = 200
RETRY_SECONDS = 0.2


async def assert_invariants(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    """Fail unless each confirmed booking exists once, with its codes, and its key finds it."""
    with seeded.database() as db:
        result = compare(db, expected)
    assert result.is_clean(), result
    assert result.confirmed > 0
    some = list(expected.confirmed)
    await assert_keys_find_bookings(
        seeded, api_server, expected, random.sample(some, min(ASKED_AGAIN, len(some)))
    )


async def assert_keys_find_bookings(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings, orders: list[Order]
) -> None:
    """Repeat confirmed orders: each answer must be the booking that was made."""
    tokens = {person.id: person.token for person in seeded.customers}
    for order in orders:
        promised = expected.confirmed[order]
        async with Client(api_server.port, tokens[order.user_id]) as client:
            answer = await _repeat(client, order)
        assert answer.status == 201, answer
        assert answer.headers.get("idempotent-replayed") == "true"
        assert answer.content["id"] == promised.booking_id
        assert {ticket["ticket_code"] for ticket in answer.content["tickets"]} == promised.codes


async def _repeat(client: Client, order: Order) -> Answer:
    """Repeat an order while it is refused as busy, until a worker knows that the fault is over."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (answer := await client.book(order.event_id, order.quantity, order.key)).status == 503:
        assert time.monotonic() < deadline, answer
        await asyncio.sleep(RETRY_SECONDS)
    return answer
