"""SIGKILL of PostgreSQL under load: 503 meanwhile, then service by itself, nothing lost."""

import asyncio
import time

from app.local.postgres import Cluster
from tests.faults.api_server import ApiServer
from tests.faults.client import Client
from tests.faults.expected_bookings import ExpectedBookings, Order
from tests.faults.invariants import assert_invariants
from tests.faults.load import WAIT_SECONDS, Load
from tests.faults.seeded_database import SeededDatabase

KILLS = 2
# Both limits are far longer than normal. A machine that is busy with other things may answer
# slowly, and may once be slow to recover.
ANSWER_SECONDS_WHILE_AWAY = 5 + 3
RETURN_SECONDS = 2


async def test_a_killed_database_loses_no_booking_and_is_used_again_soon(
    seeded: SeededDatabase,
    api_server: ApiServer,
    expected: ExpectedBookings,
    durable_cluster: Cluster,
) -> None:
    workers = api_server.workers()
    returned = []
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        for number in range(KILLS):
            await load.until_more_confirmed(100)
            await asyncio.to_thread(durable_cluster.kill)
            # Any other status than 503 and any lost connection ends the test.
            await load.until_more_answers(503, len(seeded.customers))
            async with Client(api_server.port) as anonymous:
                for path in ("/readyz", "/api/events", f"/api/events/{seeded.big_event}"):
                    answer = await anonymous.get(path)
                    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
                assert (await anonymous.get("/healthz")).status == 200

            await asyncio.to_thread(durable_cluster.start)
            begun = time.monotonic()
            order = Order(seeded.customers[0].id, seeded.big_event, 1, f"returned-{number}")
            async with (
                Client(api_server.port, seeded.customers[0].token) as customer_client,
                asyncio.timeout(WAIT_SECONDS),
            ):
                while order not in expected.confirmed:
                    answer = await customer_client.book(order.event_id, order.quantity, order.key)
                    expected.record(order, answer)
                    await asyncio.sleep(0.01)
            returned.append(time.monotonic() - begun)
        await load.until_more_confirmed(100)

    assert sorted(api_server.workers()) == sorted(workers), "the API must not restart"
    assert min(returned) < RETURN_SECONDS, returned
    assert expected.slowest < ANSWER_SECONDS_WHILE_AWAY
    await assert_invariants(seeded, api_server, expected)
