"""SIGTERM: every open request is answered, new connections are refused, retries find bookings."""

import asyncio
import json

from tests.faults.api_server import ApiServer
from tests.faults.client import Client, ConnectionLostError
from tests.faults.expected_bookings import ExpectedBookings, Order
from tests.faults.invariants import assert_invariants
from tests.faults.load import WAIT_SECONDS, Load
from tests.faults.seeded_database import SeededDatabase
from tests.support.locks import locked, until_waiting_for_locks


async def test_sigterm_answers_open_requests_and_refuses_new_connections(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    orders = [
        Order(person.id, seeded.big_event, 1, f"begun-{person.id}-{seeded.big_event}")
        for person in seeded.customers
    ]
    tokens = {person.id: person.token for person in seeded.customers}

    async def begin(order: Order) -> None:
        async with Client(api_server.port, tokens[order.user_id]) as client:
            expected.record(order, await client.book(order.event_id, order.quantity, order.key))

    # All requests wait in the session look-up, in one of the processes.
    async with locked(seeded.url, "LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE") as holder:
        begun = [asyncio.create_task(begin(order)) for order in orders]
        await until_waiting_for_locks(seeded.url)
        known = api_server.log.stat().st_size
        api_server.ask_to_stop()
        await until_refused(api_server)
        # The line is written by a worker that has open requests; the other may have none.
        await until_written(api_server, known, b"Waiting for connections to close")
        assert not any(task.done() for task in begun), "they were answered before the stop"
        await holder.rollback()
        # A lost connection instead of an answer ends the test here.
        await asyncio.gather(*begun)
    assert await asyncio.to_thread(api_server.until_stopped) == 0

    await asyncio.to_thread(api_server.start)
    for order in orders:
        if order not in expected.confirmed:
            await begin(order)
    await assert_invariants(seeded, api_server, expected)


async def until_refused(api_server: ApiServer) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            async with Client(api_server.port) as newcomer:
                try:
                    await newcomer.connect()
                except ConnectionLostError:
                    return


async def until_written(api_server: ApiServer, since: int, words: bytes) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            if words in api_server.log.read_bytes()[since:]:
                return
            await asyncio.sleep(0.02)


async def test_a_shutdown_under_load_answers_every_request(
    seeded: SeededDatabase, api_server: ApiServer, expected: ExpectedBookings
) -> None:
    known = api_server.log.stat().st_size
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        await load.until_more_confirmed(100)
        api_server.ask_to_stop()
        assert await asyncio.to_thread(api_server.until_stopped) == 0
        written = api_server.log.read_bytes()[known:]
        await asyncio.to_thread(api_server.start)
        await load.until_more_confirmed(100)

    lines = [json.loads(line) for line in written.splitlines()]
    began = {line["request_id"]: line for line in lines if line["event"] == "request"}
    assert {line["status"] for line in began.values()} <= {200, 201, 409, 503}
    unanswered = began.keys() - expected.request_ids
    assert not [began[id_] for id_ in unanswered if began[id_]["route"].startswith("/api/")]
    await assert_invariants(seeded, api_server, expected)
