"""`make faults`: random kills of servers and databases, in any order, for any time."""

import asyncio
import random
import time
from collections.abc import Callable, Sequence

import psycopg
import pytest

from app.local.postgres import Cluster
from tests.faults.api_server import ApiServer
from tests.faults.expected_bookings import Comparison, ExpectedBookings, compare
from tests.faults.frozen_cluster import frozen
from tests.faults.invariants import assert_keys_find_bookings
from tests.faults.load import Load
from tests.faults.seeded_database import SeededDatabase, add_events
from tests.support.locks import locked, row_of
from tests.support.people import Person

pytestmark = pytest.mark.long
HANGING_UP = 0.02
BETWEEN = 150  # bookings before and after a fault


class Faults:
    """All faults of a server and its database, and their repair."""

    def __init__(
        self, seeded: SeededDatabase, api_server: ApiServer, cluster: Cluster, load: Load
    ) -> None:
        self._seeded = seeded
        self._api_server = api_server
        self._cluster = cluster
        self._load = load

    async def kill_a_worker(self) -> None:
        self._api_server.kill_worker(random.choice(self._api_server.workers()))

    async def kill_every_worker(self) -> None:
        for pid in self._api_server.workers():
            self._api_server.kill_worker(pid)

    async def kill_the_server(self) -> None:
        self._api_server.kill()

    async def stop_the_server(self) -> None:
        self._api_server.ask_to_stop()
        await asyncio.to_thread(self._api_server.until_stopped)

    async def kill_postgresql(self) -> None:
        await asyncio.to_thread(self._cluster.kill)
        if random.random() < 0.5:
            await self._load.until_more_answers(503, 24)

    async def kill_postgresql_twice(self) -> None:
        await asyncio.to_thread(self._cluster.kill)
        await asyncio.to_thread(self._cluster.start)
        # The second kill falls into the recovery, or into the first bookings after it.
        await asyncio.sleep(random.random())
        await asyncio.to_thread(self._cluster.kill)

    async def kill_server_and_postgresql(self) -> None:
        self._api_server.kill()
        await asyncio.to_thread(self._cluster.kill)

    async def restart_postgresql(self) -> None:
        await asyncio.to_thread(self._cluster.stop, random.choice(("fast", "immediate")))

    async def freeze_postgresql(self) -> None:
        async with frozen(self._cluster):
            await self._load.until_more_answers(503, 1)

    async def end_all_connections(self) -> None:
        def end() -> None:
            with psycopg.connect(self._cluster.url(), autocommit=True) as superuser:
                superuser.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                    " WHERE application_name = 'marquee'"
                )

        await asyncio.to_thread(end)

    async def lock_an_event(self) -> None:
        async with locked(self._seeded.url, row_of(self._seeded.big_event)):
            await self._load.until_more_answers(503, 3)

    async def repair(self) -> None:
        await asyncio.to_thread(self._cluster.start)
        await asyncio.to_thread(self._api_server.start)


FAULTS = [name for name in vars(Faults) if not name.startswith("_") and name != "repair"]


async def test_random_kills_lose_and_double_no_booking(
    durable_cluster: Cluster,
    shared_api_server: ApiServer,
    seeded_url: str,
    customers: Sequence[Person],
    minutes: float,
    print_now: Callable[[str], None],
    add_to_summary: Callable[[str], None],
) -> None:
    seed = random.randrange(2**32)
    print_now(f"\nrandom kills for {minutes:g} minutes, seed {seed}")
    random.seed(seed)
    total, begun, rounds = Comparison(), time.monotonic(), 0
    last_booking = ExpectedBookings.starting_now(seeded_url).since
    waiting: list[str] = []

    while time.monotonic() - begun < minutes * 60:
        rounds += 1
        seeded = add_events(seeded_url, customers)
        expected = ExpectedBookings.starting_now(seeded_url)
        load = Load(
            shared_api_server.port, customers, seeded.events, expected, hanging_up=HANGING_UP
        )
        async with load:
            faults = Faults(seeded, shared_api_server, durable_cluster, load)
            # All faults, in another order each time.
            waiting = waiting or random.sample(FAULTS, len(FAULTS))
            name = waiting.pop()
            await load.until_more_confirmed(BETWEEN)
            await getattr(faults, name)()
            await faults.repair()
            await load.until_more_confirmed(BETWEEN)
        with seeded.database() as db:
            result = compare(db, expected)
        total += result
        at = (time.monotonic() - begun) / 60
        print_now(
            f"{at:5.1f} min  {name.replace('_', ' '):27} {result}; in all {total.confirmed:,}"
        )
        assert result.is_clean()
        await assert_keys_find_bookings(
            seeded, shared_api_server, expected, random.sample(list(expected.confirmed), 20)
        )

    with psycopg.connect(seeded_url) as db:
        row = db.execute("SELECT count(*) FROM bookings WHERE id > %s", (last_booking,)).fetchone()
    assert row is not None
    assert row[0] == total.confirmed, "a later crash took an earlier booking"
    add_to_summary(f"{rounds} faults in {(time.monotonic() - begun) / 60:.1f} minutes: {total}")
