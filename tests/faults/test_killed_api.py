"""SIGKILL of API processes under load: answered bookings stand, and none is doubled."""

import asyncio
import random
from functools import partial

from tests.faults.api_server import ApiServer
from tests.faults.expected_bookings import ExpectedBookings
from tests.faults.invariants import assert_invariants
from tests.faults.load import Load
from tests.faults.seeded_database import SeededDatabase

KILLS = 3
# A kill may fall between two requests, so the kills go on until one met a request.
MOST_KILLS = 20


async def test_killed_workers_lose_and_double_no_booking(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        for kills in range(MOST_KILLS):
            if kills >= KILLS and expected.retried:
                break
            await load.until_more_confirmed(30)
            victim = random.choice(api_server.workers())
            api_server.kill_worker(victim)
            # The other worker serves until the supervisor has started a new one.
            await load.until_more_confirmed(30)
            await load.until(partial(has_two_others, api_server, victim))
        await load.until_more_confirmed(30)

    assert expected.retried > 0, "no kill met a request"
    await assert_invariants(seeded, api_server, expected)


def has_two_others(api_server: ApiServer, gone: int) -> bool:
    return len({*api_server.workers()} - {gone}) == 2


async def test_a_killed_server_loses_and_doubles_no_booking(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        await load.until_more_confirmed(100)
        api_server.kill()
        await asyncio.to_thread(api_server.start)
        await load.until_more_confirmed(100)

    assert expected.retried > 0, "the kill met no request"
    await assert_invariants(seeded, api_server, expected)
