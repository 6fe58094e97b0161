"""A database that stands still: timeouts end every request with 503, and then it goes on."""

import asyncio

from app.local.postgres import Cluster
from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Client
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger
from tests.faults.shop import Shop
from tests.faults.standing_still import standing_still
from tests.support.locks import locked, until_waiting_for_locks

STATEMENT_SECONDS = 5
BUSY_MACHINE_SECONDS = 3
# A look-up of the session, then a booking: each after the one in flight, 8 s until it is given up.
HOPELESS_SECONDS = 16 + BUSY_MACHINE_SECONDS


async def test_a_statement_that_waits_too_long_ends_with_503_while_others_are_answered(
    shop: Shop, api: Api, durable_cluster: Cluster
) -> None:
    customer = shop.customers[0]
    known = durable_cluster.log.stat().st_size
    async with (
        Client(api.port) as somebody,
        Client(api.port, customer.token) as waiting,
        locked(shop.url, "LOCK TABLE bookings, tickets IN ACCESS EXCLUSIVE MODE"),
    ):
        history = asyncio.create_task(waiting.get(f"/api/bookings/user/{customer.id}"))
        await until_waiting_for_locks(shop.url)
        for path in ("/readyz", "/api/events", f"/api/events/{shop.big_event}"):
            assert (await somebody.get(path)).status == 200
        stuck = await history

    assert stuck.status == 503
    assert stuck.headers["retry-after"] == "1"
    assert stuck.seconds < STATEMENT_SECONDS + BUSY_MACHINE_SECONDS
    # PostgreSQL ended it by itself: it would have, with nobody there to ask for it.
    written = durable_cluster.log.read_bytes()[known:]
    assert b"canceling statement due to statement timeout" in written


async def test_a_database_that_stops_answering_is_waited_for_in_vain_only_so_long(
    shop: Shop, api: Api, ledger: Ledger, durable_cluster: Cluster
) -> None:
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        await crowd.until_more_confirmed(100)
        async with standing_still(durable_cluster):
            await crowd.until_more_answers(503, 8)
            async with Client(api.port) as somebody:
                assert (await somebody.get("/healthz")).status == 200
        await crowd.until_more_confirmed(100)

    assert ledger.slowest < HOPELESS_SECONDS
    await assert_kept(shop, api, ledger)
