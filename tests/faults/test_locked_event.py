"""One event's row locked by somebody's psql: that event answers 503, all others go on selling."""

import asyncio
from contextlib import AsyncExitStack

from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Answer, Client
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger
from tests.faults.shop import Shop
from tests.support.locks import locked, row_of, until_waiting_for_locks
from tests.support.rows import add_booking

WINDOW_SECONDS = 1.0
# A lock is waited for a second in the common batch and another one apart from it; the rest is for
# a machine that is busy with other things.
REFUSED_SECONDS = 2.0 + 3.0
# Generous: without a lane of its own a locked event leaves the others next to nothing, in every
# stretch of time; a machine that is busy with other things does so in one.
SHARE = 1 / 3
STRETCHES = 5


async def test_others_sell_at_speed_while_an_event_is_locked_and_then_it_sells_again(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    locked_event = shop.small_events[0]
    hopeful = Ledger()

    async with Crowd(api.port, shop.customers[:16], [shop.big_event], ledger) as crowd:
        await crowd.until_more_confirmed(100)
        free = await sold_in_a_while(ledger)
        async with AsyncExitStack() as lock:
            await lock.enter_async_context(locked(shop.url, row_of(locked_event)))
            async with Crowd(api.port, shop.customers[16:], [locked_event], hopeful) as waiting:
                await waiting.until_more_answers(503, 16)
                await assert_sells_on(ledger, free)
                assert hopeful.statuses.keys() == {503}
                await lock.aclose()
                await waiting.until_more_confirmed(5)

    assert ledger.statuses.keys() <= {200, 201}, "only the locked event may answer otherwise"
    assert hopeful.slowest < REFUSED_SECONDS
    ledger.add(hopeful)
    await assert_kept(shop, api, ledger)


async def test_those_who_wait_at_the_door_of_a_locked_event_leave_connections_for_others(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    locked_event, people = shop.small_events[0], shop.customers[16:]
    with shop.database() as db:
        bookings = [add_booking(db, person.id, locked_event) for person in people]
        ledger.since = max(bookings)

    async with Crowd(api.port, shop.customers[:16], [shop.big_event], ledger) as crowd:
        await crowd.until_more_confirmed(100)
        free = await sold_in_a_while(ledger)
        async with locked(shop.url, row_of(locked_event)):
            enough = asyncio.Event()
            cancelling = [
                asyncio.create_task(cancel_until(enough, api, person.token, booking_id))
                for person, booking_id in zip(people, bookings, strict=True)
                for _ in range(2)
            ]
            await until_waiting_for_locks(shop.url)
            await assert_sells_on(ledger, free)
            enough.set()
            refusals = await asyncio.gather(*cancelling)

    assert {answer.status for answer in refusals} == {503}
    assert max(answer.seconds for answer in refusals) < REFUSED_SECONDS
    assert ledger.statuses.keys() <= {200, 201}, "only the locked event may answer otherwise"
    await assert_kept(shop, api, ledger)


async def cancel_until(enough: asyncio.Event, api: Api, token: str, booking_id: int) -> Answer:
    """Ask again and again, as an impatient customer does; return the last answer."""
    async with Client(api.port, token) as client:
        while not enough.is_set():
            answer = await client.cancel(booking_id)
    return answer


async def assert_sells_on(ledger: Ledger, free: int) -> None:
    """Sell about as much as before, in the best of several stretches of time."""
    meanwhile: list[int] = []
    for _ in range(STRETCHES):
        meanwhile.append(await sold_in_a_while(ledger))
        if meanwhile[-1] > free * SHARE:
            return
    raise AssertionError(f"{free} before, {meanwhile} while one was locked")


async def sold_in_a_while(ledger: Ledger) -> int:
    """Return how many bookings are confirmed in a stretch of time."""
    before = len(ledger.confirmed)
    await asyncio.sleep(WINDOW_SECONDS)
    return len(ledger.confirmed) - before
