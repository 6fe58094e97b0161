"""Without the standby, changes are refused soon and reads are served until it is back."""

import asyncio
import time

from app.data.database import POOL_SIZE, Database
from app.local.postgres import Cluster
from tests.faults.api_server import ApiServer
from tests.faults.client import Answer, Client
from tests.faults.expected_bookings import ExpectedBookings, Order
from tests.faults.hanging_commits import commits_that_hang, hanging_commits, until_commits_hang
from tests.faults.invariants import assert_invariants
from tests.faults.seeded_database import SeededDatabase

WORKERS = 2
# A statement times out after six seconds; the rest is for a busy machine.
REFUSED_SECONDS = 6 + 3
BACK_SECONDS = 4
ROUNDS = 4


async def test_changes_are_refused_and_reads_served_without_the_standby(
    seeded: SeededDatabase,
    api_server: ApiServer,
    expected: ExpectedBookings,
    durable_cluster: Cluster,
) -> None:
    events = [seeded.big_event, *seeded.small_events]
    people = {person.id: person for person in seeded.customers}
    orders = [
        Order(person.id, events[number % len(events)], 1, f"hanging-{seeded.big_event}")
        for number, person in enumerate(seeded.customers)
    ]

    async def book(order: Order) -> Answer:
        async with Client(api_server.port, people[order.user_id].token) as client:
            answer = await client.book(order.event_id, order.quantity, order.key)
        expected.record(order, answer)
        return answer

    async with hanging_commits(durable_cluster):
        first = [asyncio.create_task(book(order)) for order in orders]
        await until_commits_hang(seeded.url, WORKERS)
        await assert_read(seeded, api_server)
        answers = await asyncio.gather(*first)
        for _ in range(ROUNDS):
            answers += await asyncio.gather(*map(book, orders))
        await assert_read(seeded, api_server)
        # Each worker has closed its hanging connections, and waits with one probing commit.
        await until_commits_hang(seeded.url, WORKERS)
        left_behind = await commits_that_hang(seeded.url)

    back = time.monotonic()
    while len(expected.confirmed) < len(orders):
        assert time.monotonic() < back + BACK_SECONDS, "the bookings do not continue"
        await asyncio.gather(*(book(order) for order in orders if order not in expected.confirmed))

    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < REFUSED_SECONDS
    assert left_behind <= WORKERS * POOL_SIZE
    await assert_invariants(seeded, api_server, expected)


async def test_hanging_writes_leave_connections_for_reads(
    seeded_url: str, durable_cluster: Cluster
) -> None:
    async with hanging_commits(durable_cluster), Database.connect(seeded_url) as database:
        writers = [
            asyncio.create_task(database.value("wait_for_standby_at_commit"))
            for _ in range(POOL_SIZE)
        ]
        await until_commits_hang(seeded_url, POOL_SIZE - 1)
        assert await database.value("get_server_start")
        assert not any(writer.done() for writer in writers)
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)


async def assert_read(seeded: SeededDatabase, api_server: ApiServer) -> None:
    async with Client(api_server.port, seeded.customers[0].token) as client:
        for path in ("/readyz", f"/api/events/{seeded.big_event}", "/api/sessions/current"):
            assert (await client.get(path)).status == 200
