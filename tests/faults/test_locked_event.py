"""One event's row is locked: that event answers 503, and the others are sold."""

import asyncio
from contextlib import AsyncExitStack

from tests.faults.api_server import ApiServer
from tests.faults.client import Answer, Client
from tests.faults.expected_bookings import ExpectedBookings
from tests.faults.invariants import assert_invariants
from tests.faults.load import Load
from tests.faults.seeded_database import SeededDatabase
from tests.support.locks import locked, row_of, until_waiting_for_locks
from tests.support.rows import add_booking

WINDOW_SECONDS = 1.0
# A request waits for a lock for a second in the common batch, and another second separately. The
# rest is for a machine that is busy with other things.
REFUSED_SECONDS = 2.0 + 3.0
# A generous limit: without a separate lane a locked event leaves the others almost nothing, in
# every period. A busy machine does so in one period.
SHARE = 1 / 3
STRETCHES = 5


async def test_other_events_sell_at_full_speed_while_one_is_locked(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    locked_event = seeded.small_events[0]
    expected_locked = ExpectedBookings()

    async with Load(api_server.port, seeded.customers[:16], [seeded.big_event], expected) as load:
        await load.until_more_confirmed(100)
        usual = await sold_in_a_while(expected)
        async with AsyncExitStack() as lock:
            await lock.enter_async_context(locked(seeded.url, row_of(locked_event)))
            async with Load(
                api_server.port, seeded.customers[16:], [locked_event], expected_locked
            ) as waiting:
                await waiting.until_more_answers(503, 16)
                await assert_sells_on(expected, usual)
                assert expected_locked.statuses.keys() == {503}
                await lock.aclose()
                await waiting.until_more_confirmed(5)

    assert expected.statuses.keys() <= {200, 201}, "only the locked event may answer otherwise"
    assert expected_locked.slowest < REFUSED_SECONDS
    expected.add(expected_locked)
    await assert_invariants(seeded, api_server, expected)


async def test_cancellations_of_a_locked_event_leave_connections_for_others(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    locked_event, people = seeded.small_events[0], seeded.customers[16:]
    with seeded.database() as db:
        bookings = [add_booking(db, person.id, locked_event) for person in people]
        expected.since = max(bookings)

    async with Load(api_server.port, seeded.customers[:16], [seeded.big_event], expected) as load:
        await load.until_more_confirmed(100)
        usual = await sold_in_a_while(expected)
        async with locked(seeded.url, row_of(locked_event)):
            enough = asyncio.Event()
            cancelling = [
                asyncio.create_task(cancel_until(enough, api_server, person.token, booking_id))
                for person, booking_id in zip(people, bookings, strict=True)
                for _ in range(2)
            ]
            await until_waiting_for_locks(seeded.url)
            await assert_sells_on(expected, usual)
            enough.set()
            refusals = await asyncio.gather(*cancelling)

    assert {answer.status for answer in refusals} == {503}
    assert max(answer.seconds for answer in refusals) < REFUSED_SECONDS
    assert expected.statuses.keys() <= {200, 201}, "only the locked event may answer otherwise"
    await assert_invariants(seeded, api_server, expected)


async def cancel_until(
    enough: asyncio.Event, api_server: ApiServer, token: str, booking_id: int
) -> Answer:
    """Cancel repeatedly, as an impatient customer does; return the last answer."""
    async with Client(api_server.port, token) as client:
        while not enough.is_set():
            answer = await client.cancel(booking_id)
    return answer


async def assert_sells_on(expected: ExpectedBookings, usual: int) -> None:
    """Check that about as much as before is sold, in the best of several periods."""
    meanwhile: list[int] = []
    for _ in range(STRETCHES):
        meanwhile.append(await sold_in_a_while(expected))
        if meanwhile[-1] > usual * SHARE:
            return
    raise AssertionError(f"{usual} before, {meanwhile} while one was locked")


async def sold_in_a_while(expected: ExpectedBookings) -> int:
    """Return how many bookings are confirmed in a period."""
    before = len(expected.confirmed)
    await asyncio.sleep(WINDOW_SECONDS)
    return len(expected.confirmed) - before
