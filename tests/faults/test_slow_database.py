"""A slow or frozen database: timeouts end every request with 503, and service resumes."""

import asyncio

from app.local.postgres import Cluster
from tests.faults.api_server import ApiServer
from tests.faults.client import Client
from tests.faults.expected_bookings import ExpectedBookings
from tests.faults.frozen_cluster import frozen
from tests.faults.invariants import assert_invariants
from tests.faults.load import Load
from tests.faults.seeded_database import SeededDatabase
from tests.support.locks import locked, until_waiting_for_locks

STATEMENT_SECONDS = 5
BUSY_MACHINE_SECONDS = 3
# The session look-up, then a booking: each waits for the one in flight, 8 s at most.
HOPELESS_SECONDS = 16 + BUSY_MACHINE_SECONDS


async def test_a_slow_statement_is_answered_503_beside_other_requests(
    seeded: SeededDatabase, api_server: ApiServer, durable_cluster: Cluster
) -> None:
    customer = seeded.customers[0]
    known = durable_cluster.log.stat().st_size
    async with (
        Client(api_server.port) as customer_client,
        Client(api_server.port, customer.token) as waiting,
        locked(seeded.url, "LOCK TABLE bookings, tickets IN ACCESS EXCLUSIVE MODE"),
    ):
        history = asyncio.create_task(waiting.get(f"/api/bookings/user/{customer.id}"))
        await until_waiting_for_locks(seeded.url)
        for path in ("/readyz", "/api/events", f"/api/events/{seeded.big_event}"):
            assert (await customer_client.get(path)).status == 200
        stuck = await history

    assert stuck.status == 503
    assert stuck.headers["retry-after"] == "1"
    assert stuck.seconds < STATEMENT_SECONDS + BUSY_MACHINE_SECONDS
    # PostgreSQL ended it by itself, even without the client.
    written = durable_cluster.log.read_bytes()[known:]
    assert b"canceling statement due to statement timeout" in written


async def test_a_frozen_database_is_answered_503_within_a_limit(
    seeded: SeededDatabase,
    api_server: ApiServer,
    expected: ExpectedBookings,
    durable_cluster: Cluster,
) -> None:
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        await load.until_more_confirmed(100)
        async with frozen(durable_cluster):
            await load.until_more_answers(503, 8)
            async with Client(api_server.port) as customer_client:
                assert (await customer_client.get("/healthz")).status == 200
        await load.until_more_confirmed(100)

    assert expected.slowest < HOPELESS_SECONDS
    await assert_invariants(seeded, api_server, expected)
