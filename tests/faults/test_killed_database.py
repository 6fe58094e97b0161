"""SIGKILL of PostgreSQL under load: 503 while it is away, then service by itself, nothing lost."""

import asyncio
import time

from app.local.postgres import Cluster
from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Client
from tests.faults.crowd import WAIT_SECONDS, Crowd
from tests.faults.ledger import Ledger, Wish
from tests.faults.shop import Shop

KILLS = 2
# Both are far more than it takes, and less than a person waits. A machine that is busy with other
# things may be slow to answer, and once slow to come back.
ANSWER_SECONDS_WHILE_AWAY = 5 + 3
RETURN_SECONDS = 2


async def test_a_killed_database_loses_nothing_and_is_used_again_within_two_seconds(
    shop: Shop, api: Api, ledger: Ledger, durable_cluster: Cluster
) -> None:
    workers = api.workers()
    returned = []
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        for number in range(KILLS):
            await crowd.until_more_confirmed(100)
            await asyncio.to_thread(durable_cluster.kill)
            # Any other status than 503 ends the test, and so does a connection cut off.
            await crowd.until_more_answers(503, len(shop.customers))
            async with Client(api.port) as nobody:
                for path in ("/readyz", "/api/events", f"/api/events/{shop.big_event}"):
                    answer = await nobody.get(path)
                    assert (answer.status, answer.headers["retry-after"]) == (503, "1")
                assert (await nobody.get("/healthz")).status == 200

            await asyncio.to_thread(durable_cluster.start)
            begun = time.monotonic()
            wish = Wish(shop.customers[0].id, shop.big_event, 1, f"returned-{number}")
            async with (
                Client(api.port, shop.customers[0].token) as somebody,
                asyncio.timeout(WAIT_SECONDS),
            ):
                while wish not in ledger.confirmed:
                    answer = await somebody.book(wish.event_id, wish.quantity, wish.key)
                    ledger.note(wish, answer)
                    await asyncio.sleep(0.01)
            returned.append(time.monotonic() - begun)
        await crowd.until_more_confirmed(100)

    assert sorted(api.workers()) == sorted(workers), "the API was not to be restarted"
    assert min(returned) < RETURN_SECONDS, returned
    assert ledger.slowest < ANSWER_SECONDS_WHILE_AWAY
    await assert_kept(shop, api, ledger)
