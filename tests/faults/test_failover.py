"""A failover under load from the primary to its synchronous standby loses nothing confirmed."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.postgres import DISCREET
from tests.faults import seeded_database
from tests.faults.api_server import ApiServer, running_api_server
from tests.faults.expected_bookings import ExpectedBookings
from tests.faults.frozen_cluster import frozen
from tests.faults.invariants import assert_invariants
from tests.faults.load import Load
from tests.faults.replicated_cluster import ReplicatedCluster, running_replicated_cluster
from tests.faults.seeded_database import SeededDatabase
from tests.support.databases import OWNER

pytestmark = pytest.mark.long
FAILOVERS = 3
# The time from the promotion to the next booking.
SERVICE_SECONDS = 10


@pytest.fixture
def replicated() -> Iterator[ReplicatedCluster]:
    with running_replicated_cluster(DISCREET) as running:
        yield running


@pytest.fixture
def seeded(replicated: ReplicatedCluster) -> SeededDatabase:
    seeded_database.create_database(replicated.primary)
    url = replicated.url(seeded_database.DATABASE, OWNER)
    return seeded_database.add_events(url, seeded_database.add_customers(url))


@pytest.fixture
def api_server(seeded: SeededDatabase, tmp_path: Path) -> Iterator[ApiServer]:
    with running_api_server(seeded.url, tmp_path) as running:
        yield running


async def test_a_failover_loses_no_booking(
    seeded: SeededDatabase,
    api_server: ApiServer,
    replicated: ReplicatedCluster,
    expected: ExpectedBookings,
) -> None:
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        for _ in range(FAILOVERS):
            await load.until_more_confirmed(300)
            await asyncio.to_thread(replicated.primary.kill)
            await load.until_more_answers(503, len(seeded.customers))
            await asyncio.to_thread(replicated.promote)
            promoted = time.monotonic()
            await load.until_more_confirmed(1)
            assert time.monotonic() - promoted < SERVICE_SECONDS
            await load.until_more_confirmed(100)
            await asyncio.to_thread(replicated.rebuild)

    await assert_invariants(seeded, api_server, expected)


async def test_a_frozen_primary_is_replaced_by_the_promoted_one(
    seeded: SeededDatabase,
    api_server: ApiServer,
    replicated: ReplicatedCluster,
    expected: ExpectedBookings,
) -> None:
    silent = replicated.primary
    async with Load(api_server.port, seeded.customers, seeded.events, expected) as load:
        await load.until_more_confirmed(300)
        async with frozen(silent):
            await asyncio.to_thread(replicated.promote)
            promoted = time.monotonic()
            await load.until_more_confirmed(100)
            assert time.monotonic() - promoted < 2 * SERVICE_SECONDS
            # The old primary must not come back and accept bookings.
            await asyncio.to_thread(silent.kill)

    await assert_invariants(seeded, api_server, expected)
