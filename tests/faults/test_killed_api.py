"""SIGKILL of API processes under load: what was answered stands, and is never done twice."""

import asyncio
import random
from functools import partial

from tests.faults.api import Api
from tests.faults.audits import assert_kept
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger
from tests.faults.shop import Shop

KILLS = 3
# A kill may fall between two requests: it goes on until one has met a request.
MOST_KILLS = 20


async def test_workers_killed_again_and_again_lose_and_double_nothing(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        for kills in range(MOST_KILLS):
            if kills >= KILLS and ledger.retried:
                break
            await crowd.until_more_confirmed(30)
            victim = random.choice(api.workers())
            api.kill_worker(victim)
            # The other one goes on, until the supervisor has started another.
            await crowd.until_more_confirmed(30)
            await crowd.until(partial(has_two_others, api, victim))
        await crowd.until_more_confirmed(30)

    assert ledger.retried > 0, "no kill met a request"
    await assert_kept(shop, api, ledger)


def has_two_others(api: Api, gone: int) -> bool:
    return len({*api.workers()} - {gone}) == 2


async def test_a_whole_server_killed_under_load_loses_and_doubles_nothing(
    shop: Shop, api: Api, ledger: Ledger
) -> None:
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        await crowd.until_more_confirmed(100)
        api.kill()
        await asyncio.to_thread(api.start)
        await crowd.until_more_confirmed(100)

    assert ledger.retried > 0, "the kill met no request"
    await assert_kept(shop, api, ledger)
