"""SIGKILL of PostgreSQL under load: 503 while it is away, then service by itself, nothing lost."""

import asyncio

from app.local.postgres import Cluster
from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Client
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger, Wish
from tests.faults.shop import Shop

KILLS = 2
# Both are far more than it takes, and less than a person waits.
ANSWER_SECONDS_WHILE_AWAY = 5
RETURN_SECONDS = 2


async def test_a_killed_database_loses_nothing_and_is_used_again_within_two_seconds(
    shop: Shop, api: Api, ledger: Ledger, durable_cluster: Cluster
) -> None:
    workers = api.workers()
    async with (
        Client(api.port, shop.customers[0].token) as somebody,
        Crowd(api.port, shop.customers, shop.events, ledger) as crowd,
    ):
        for number in range(KILLS):
            await crowd.until_more_confirmed(100)
            await asyncio.to_thread(durable_cluster.kill)
            # Any other status than 503 ends the test, and so does a connection cut off.
            await crowd.until_more_answers(503, len(shop.customers))
            for path in ("/readyz", "/api/events", f"/api/events/{shop.big_event}"):
                answer = await somebody.get(path)
                assert (answer.status, answer.headers["retry-after"]) == (503, "1")
            assert (await somebody.get("/healthz")).status == 200

            await asyncio.to_thread(durable_cluster.start)
            wish = Wish(shop.customers[0].id, shop.big_event, 1, f"returned-{number}")
            async with asyncio.timeout(RETURN_SECONDS):
                while wish not in ledger.confirmed:
                    answer = await somebody.book(wish.event_id, wish.quantity, wish.key)
                    ledger.note(wish, answer)
                    await asyncio.sleep(0.01)
        await crowd.until_more_confirmed(100)

    assert sorted(api.workers()) == sorted(workers), "the API was not to be restarted"
    assert ledger.slowest < ANSWER_SECONDS_WHILE_AWAY
    await assert_kept(shop, api, ledger)
