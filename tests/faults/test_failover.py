"""The primary dies under load and its synchronous standby takes over: nothing confirmed is lost."""

import asyncio
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from app.local.postgres import DISCREET
from tests.faults import shop as shops
from tests.faults.api import Api, running_api
from tests.faults.audits import assert_kept
from tests.faults.crowd import Crowd
from tests.faults.ledger import Ledger
from tests.faults.pair import Pair, running_pair
from tests.faults.shop import Shop
from tests.faults.standing_still import standing_still
from tests.support.databases import OWNER

pytestmark = pytest.mark.long
FAILOVERS = 3
# From the promotion to the next booking.
SERVICE_SECONDS = 10


@pytest.fixture
def pair() -> Iterator[Pair]:
    with running_pair(DISCREET) as running:
        yield running


@pytest.fixture
def shop(pair: Pair) -> Shop:
    shops.prepare(pair.primary)
    url = pair.url(shops.DATABASE, OWNER)
    return shops.open_shop(url, shops.add_customers(url))


@pytest.fixture
def api(shop: Shop, tmp_path: Path) -> Iterator[Api]:
    with running_api(shop.url, tmp_path) as running:
        yield running


async def test_a_dead_primary_costs_seconds_of_503_and_no_booking(
    shop: Shop, api: Api, pair: Pair, ledger: Ledger
) -> None:
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        for _ in range(FAILOVERS):
            await crowd.until_more_confirmed(300)
            await asyncio.to_thread(pair.primary.kill)
            await crowd.until_more_answers(503, len(shop.customers))
            await asyncio.to_thread(pair.promote)
            promoted = time.monotonic()
            await crowd.until_more_confirmed(1)
            assert time.monotonic() - promoted < SERVICE_SECONDS
            await crowd.until_more_confirmed(100)
            await asyncio.to_thread(pair.rebuild)

    await assert_kept(shop, api, ledger)


async def test_a_primary_that_falls_silent_is_left_for_the_new_one(
    shop: Shop, api: Api, pair: Pair, ledger: Ledger
) -> None:
    silent = pair.primary
    async with Crowd(api.port, shop.customers, shop.events, ledger) as crowd:
        await crowd.until_more_confirmed(300)
        async with standing_still(silent):
            await asyncio.to_thread(pair.promote)
            promoted = time.monotonic()
            await crowd.until_more_confirmed(100)
            assert time.monotonic() - promoted < 2 * SERVICE_SECONDS
            # It must not come back and take bookings of its own.
            await asyncio.to_thread(silent.kill)

    await assert_kept(shop, api, ledger)
