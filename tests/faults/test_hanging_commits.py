"""The standby is away: changes are refused soon, readers are served, and then it all goes on."""

import asyncio
import time

from app.data.database import POOL_SIZE, Database
from app.local.postgres import Cluster
from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Answer, Client
from tests.faults.hanging_commits import commits_that_hang, hanging_commits, until_commits_hang
from tests.faults.ledger import Ledger, Wish
from tests.faults.shop import Shop

WORKERS = 2
# A statement is given up after six seconds; the rest is for a busy machine.
REFUSED_SECONDS = 6 + 3
BACK_SECONDS = 4
ROUNDS = 4


async def test_changes_are_refused_and_readers_served_until_the_standby_is_back(
    shop: Shop, api: Api, ledger: Ledger, durable_cluster: Cluster
) -> None:
    events = [shop.big_event, *shop.small_events]
    people = {person.id: person for person in shop.customers}
    wishes = [
        Wish(person.id, events[number % len(events)], 1, f"hanging-{shop.big_event}")
        for number, person in enumerate(shop.customers)
    ]

    async def book(wish: Wish) -> Answer:
        async with Client(api.port, people[wish.user_id].token) as client:
            answer = await client.book(wish.event_id, wish.quantity, wish.key)
        ledger.note(wish, answer)
        return answer

    async with hanging_commits(durable_cluster):
        first = [asyncio.create_task(book(wish)) for wish in wishes]
        await until_commits_hang(shop.url, WORKERS)
        await assert_read(shop, api)
        answers = await asyncio.gather(*first)
        for _ in range(ROUNDS):
            answers += await asyncio.gather(*map(book, wishes))
        await assert_read(shop, api)
        # Each worker has hung up on what it had begun, and waits with one commit of its own.
        await until_commits_hang(shop.url, WORKERS)
        left_behind = await commits_that_hang(shop.url)

    back = time.monotonic()
    while len(ledger.confirmed) < len(wishes):
        assert time.monotonic() < back + BACK_SECONDS, "it does not go on"
        await asyncio.gather(*(book(wish) for wish in wishes if wish not in ledger.confirmed))

    assert {answer.status for answer in answers} == {503}
    assert max(answer.seconds for answer in answers) < REFUSED_SECONDS
    assert left_behind <= WORKERS * POOL_SIZE
    await assert_kept(shop, api, ledger)


async def test_writers_leave_a_connection_for_readers(
    shop_url: str, durable_cluster: Cluster
) -> None:
    async with hanging_commits(durable_cluster), Database.connect(shop_url) as database:
        writers = [
            asyncio.create_task(database.value("stand_on_own_commit")) for _ in range(POOL_SIZE)
        ]
        await until_commits_hang(shop_url, POOL_SIZE - 1)
        assert await database.value("get_server_start")
        assert not any(writer.done() for writer in writers)
        for writer in writers:
            writer.cancel()
        await asyncio.gather(*writers, return_exceptions=True)


async def assert_read(shop: Shop, api: Api) -> None:
    async with Client(api.port, shop.customers[0].token) as client:
        for path in ("/readyz", f"/api/events/{shop.big_event}", "/api/sessions/current"):
            assert (await client.get(path)).status == 200
