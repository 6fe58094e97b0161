"""Clients that disconnect find out with their key, and do not affect others."""

import asyncio

from tests.faults.api_server import ApiServer
from tests.faults.client import Client
from tests.faults.expected_bookings import ExpectedBookings, Order
from tests.faults.invariants import assert_invariants
from tests.faults.load import Load
from tests.faults.seeded_database import SeededDatabase
from tests.support.locks import locked, row_of, until_waiting_for_locks


async def test_a_retry_after_a_disconnect_finds_the_booking(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    event_id = seeded.small_events[0]
    leaving, staying = seeded.customers[:8], seeded.customers[8:16]
    orders = {person.id: Order(person.id, event_id, 1, "of-this-test") for person in leaving}

    async def stay(person_id: int, token: str) -> None:
        order = Order(person_id, event_id, 1, "of-this-test")
        async with Client(api_server.port, token) as client:
            # On a busy machine the lock may be held longer than the API waits for it.
            while order not in expected.confirmed:
                expected.record(order, await client.book(event_id, 1, order.key))

    async with locked(seeded.url, row_of(event_id)):
        waiting = [asyncio.create_task(stay(person.id, person.token)) for person in staying]
        for person in leaving:
            async with Client(api_server.port, person.token) as client:
                await client.book_and_hang_up(event_id, 1, orders[person.id].key)
        await until_waiting_for_locks(seeded.url)
    await asyncio.gather(*waiting)

    assert len(expected.confirmed) == len(staying)
    for person in leaving:
        async with Client(api_server.port, person.token) as client:
            expected.record(orders[person.id], await client.book(event_id, 1, "of-this-test"))
    assert len(expected.confirmed) == len(staying) + len(leaving)
    await assert_invariants(seeded, api_server, expected)


async def test_disconnects_under_load_never_book_twice(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    expected_others = ExpectedBookings()
    async with (
        Load(
            api_server.port, seeded.customers[:16], seeded.events, expected, hanging_up=0.5
        ) as load,
        Load(api_server.port, seeded.customers[16:], [seeded.big_event], expected_others) as others,
    ):
        await load.until_more_confirmed(200)
        await others.until_more_confirmed(100)

    assert expected.retried > 50, "hardly any client disconnected"
    assert expected_others.statuses.keys() <= {200, 201}
    assert expected_others.retried == 0, "another client was disconnected"
    expected.add(expected_others)
    await assert_invariants(seeded, api_server, expected)
