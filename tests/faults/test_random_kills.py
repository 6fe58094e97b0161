"""`make faults`: whatever can be killed is, in any order, for as long as one likes."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

import psycopg
import pytest

from app.local.postgres import Cluster
from tests.faults.api import Api
from tests.faults.audits import assert_keys_find_bookings
from tests.faults.crowd import Crowd
from tests.faults.ledger import Audit, Ledger, audit
from tests.faults.shop import Shop, open_shop
from tests.faults.standing_still import standing_still
from tests.support.locks import locked, row_of
from tests.support.people import Person

pytestmark = pytest.mark.long
HANGING_UP = 0.02
BETWEEN = 150  # bookings before a fault, and after


class Faults:
    """Everything that can happen to a server and its database, each with its repair."""

    def __init__(self, shop: Shop, api: Api, cluster: Cluster, crowd: Crowd) -> None:
        self._shop = shop
        self._api = api
        self._cluster = cluster
        self._crowd = crowd

    async def kill_a_worker(self) -> None:
        self._api.kill_worker(random.choice(self._api.workers()))

    async def kill_every_worker(self) -> None:
        for pid in self._api.workers():
            self._api.kill_worker(pid)

    async def kill_the_server(self) -> None:
        self._api.kill()

    async def stop_the_server(self) -> None:
        self._api.ask_to_stop()
        await asyncio.to_thread(self._api.until_stopped)

    async def kill_postgresql(self) -> None:
        await asyncio.to_thread(self._cluster.kill)
        if random.random() < 0.5:
            await self._crowd.until_more_answers(503, 24)

    async def kill_postgresql_twice(self) -> None:
        await asyncio.to_thread(self._cluster.kill)
        await asyncio.to_thread(self._cluster.start)
        # In the middle of coming back, or of the first bookings after it.
        await asyncio.sleep(random.random())
        await asyncio.to_thread(self._cluster.kill)

    async def kill_server_and_postgresql(self) -> None:
        self._api.kill()
        await asyncio.to_thread(self._cluster.kill)

    async def restart_postgresql(self) -> None:
        await asyncio.to_thread(self._cluster.stop, random.choice(("fast", "immediate")))

    async def freeze_postgresql(self) -> None:
        async with standing_still(self._cluster):
            await self._crowd.until_more_answers(503, 1)

    async def end_all_connections(self) -> None:
        def end() -> None:
            with psycopg.connect(self._cluster.url(), autocommit=True) as superuser:
                superuser.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'marquee'"
                )

        await asyncio.to_thread(end)

    async def lock_an_event(self) -> None:
        async with locked(self._shop.url, row_of(self._shop.big_event)):
            await self._crowd.until_more_answers(503, 3)

    async def repair(self) -> None:
        await asyncio.to_thread(self._cluster.start)
        await asyncio.to_thread(self._api.start)


FAULTS = [name for name in vars(Faults) if not name.startswith("_") and name != "repair"]


async def test_whatever_is_killed_nothing_confirmed_is_lost_or_doubled(
    durable_cluster: Cluster,
    standing_api: Api,
    shop_url: str,
    customers: Sequence[Person],
    minutes: float,
    say: Callable[[str], None],
    at_the_end: Callable[[str], None],
) -> None:
    seed = random.randrange(2**32)
    say(f"\nrandom kills for {minutes:g} minutes, seed {seed}")
    random.seed(seed)
    total, begun, rounds = Audit(), time.monotonic(), 0
    last_booking = Ledger.opened(shop_url).since
    waiting: list[str] = []

    while time.monotonic() - begun < minutes * 60:
        rounds += 1
        shop = open_shop(shop_url, customers)
        ledger = Ledger.opened(shop_url)
        crowd = Crowd(standing_api.port, customers, shop.events, ledger, hanging_up=HANGING_UP)
        async with crowd:
            faults = Faults(shop, standing_api, durable_cluster, crowd)
            # All of them, in another order each time.
            waiting = waiting or random.sample(FAULTS, len(FAULTS))
            name = waiting.pop()
            await crowd.until_more_confirmed(BETWEEN)
            await getattr(faults, name)()
            await faults.repair()
            await crowd.until_more_confirmed(BETWEEN)
        with shop.database() as db:
            result = audit(db, ledger)
        total += result
        at = (time.monotonic() - begun) / 60
        say(f"{at:5.1f} min  {name.replace('_', ' '):27} {result}; in all {total.confirmed:,}")
        assert result.is_clean()
        await assert_keys_find_bookings(
            shop, standing_api, ledger, random.sample(list(ledger.confirmed), 20)
        )

    with psycopg.connect(shop_url) as db:
        row = db.execute("SELECT count(*) FROM bookings WHERE id > %s", (last_booking,)).fetchone()
    assert row is not None
    assert row[0] == total.confirmed, "a later crash took an earlier booking"
    at_the_end(f"{rounds} faults in {(time.monotonic() - begun) / 60:.1f} minutes: {total}")
