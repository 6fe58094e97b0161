"""SIGTERM: every request begun is answered, nobody new is let in, and a retry finds its booking."""

import asyncio
import json

from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.client import Client, Cut
from tests.faults.crowd import WAIT_SECONDS, Crowd
from tests.faults.ledger import Ledger, Wish
from tests.faults.shop import Shop
from tests.support.locks import locked, until_waiting_for_locks


async def test_requests_begun_are_answered_and_new_connections_refused(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    wishes = [
        Wish(person.id, shop.big_event, 1, f"begun-{person.id}-{shop.big_event}")
        for person in shop.customers
    ]
    tokens = {person.id: person.token for person in shop.customers}

    async def begin(wish: Wish) -> None:
        async with Client(api.port, tokens[wish.user_id]) as client:
            ledger.note(wish, await client.book(wish.event_id, wish.quantity, wish.key))

    # Everybody waits in the look-up of sessions, in one process or the other.
    async with locked(shop.url, "LOCK TABLE sessions IN ACCESS EXCLUSIVE MODE") as holder:
        begun = [asyncio.create_task(begin(wish)) for wish in wishes]
        await until_waiting_for_locks(shop.url)
        known = api.log.stat().st_size
        api.ask_to_stop()
        await until_refused(api)
        # By a worker that has some of them; the other may have none.
        await until_written(api, known, b"Waiting for connections to close")
        assert not any(task.done() for task in begun), "they were answered before the stop"
        await holder.rollback()
        # A connection cut off instead of an answer ends the test here.
        await asyncio.gather(*begun)
    assert await asyncio.to_thread(api.until_stopped) == 0

    await asyncio.to_thread(api.start)
    for wish in wishes:
        if wish not in ledger.confirmed:
            await begin(wish)
    await assert_kept(shop, api, ledger)


async def until_refused(api: Api) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            async with Client(api.port) as newcomer:
                try:
                    await newcomer.connect()
                except Cut:
                    return


async def until_written(api: Api, since: int, words: bytes) -> None:
    async with asyncio.timeout(WAIT_SECONDS):
        while True:
            if words in api.log.read_bytes()[since:]:
                return
            await asyncio.sleep(0.02)


async def test_a_stop_under_load_leaves_no_request_without_its_answer(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    known = api.log.stat().st_size
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        await crowd.until_more_confirmed(100)
        api.ask_to_stop()
        assert await asyncio.to_thread(api.until_stopped) == 0
        written = api.log.read_bytes()[known:]
        await asyncio.to_thread(api.start)
        await crowd.until_more_confirmed(100)

    lines = [json.loads(line) for line in written.splitlines()]
    began = {line["request_id"]: line for line in lines if line["event"] == "request"}
    assert {line["status"] for line in began.values()} <= {200, 201, 409, 503}
    unanswered = began.keys() - ledger.request_ids
    assert not [began[id_] for id_ in unanswered if began[id_]["route"].startswith("/api/")]
    await assert_kept(shop, api, ledger)
