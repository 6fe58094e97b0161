"""The synchronous standby falls silent, the primary lives on, and then the standby takes over.

What the primary commits meanwhile is lost, so nobody may have been told that it is done.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import psycopg
import pytest

from app.local.postgres import DISCREET
from tests.faults import shop as shops
from tests.faults.api import Api, running_api
from tests.faults.errands import Errand, all_errands, done_by_hand
from tests.faults.hanging_commits import cancel_waits, crash_in_place, until_commits_hang
from tests.faults.pair import Pair, running_pair
from tests.support.databases import OWNER

ROUNDS = 3
SERVICE_SECONDS = 30
BY_HAND = "by-hand"


@pytest.fixture(scope="module")
def standing_pair() -> Iterator[Pair]:
    with running_pair(DISCREET) as running:
        shops.prepare(running.primary)
        yield running


@pytest.fixture(scope="module")
def url(standing_pair: Pair) -> str:
    return standing_pair.url(shops.DATABASE, OWNER)


@pytest.fixture(scope="module")
def api(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Api]:
    with running_api(url, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def pair(standing_pair: Pair) -> Pair:
    """A primary with a standby, whatever the last test left of them."""
    if not standing_pair.standby.is_running():
        standing_pair.rebuild()
    return standing_pair


class People:
    """They ask until they are told that it is done."""

    def __init__(self, url: str, api: Api) -> None:
        with psycopg.connect(url, autocommit=True) as db:
            self.errands = all_errands(db)
        self.told: list[Errand] = []
        self.statuses: set[int] = set()
        self._url = url
        self._api = api

    async def ask(self) -> None:
        """Ask for everything that nobody was told is done, once."""
        waiting = [errand for errand in self.errands if errand not in self.told]
        answers = await asyncio.gather(*(errand.ask(self._api.port) for errand in waiting))
        self.statuses |= {answer.status for answer in answers}
        self.told += [
            errand for errand, answer in zip(waiting, answers, strict=True) if answer.status < 300
        ]

    async def look(self) -> None:
        """Look at the pages that show what was asked for."""
        for errand in self.errands:
            if errand not in self.told and await errand.is_shown(self._api.port):
                self.told.append(errand)

    def lost(self) -> list[str]:
        """Return what was told and is not so."""
        with psycopg.connect(self._url, autocommit=True) as db:
            return [errand.name for errand in self.told if not errand.is_done(db)]

    async def until_all_done(self) -> None:
        """Return when the primary shows everything as done, whether or not a client was told."""
        deadline = time.monotonic() + SERVICE_SECONDS
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self._url) as db:
                if all(errand.is_done(db) for errand in self.errands):
                    return
            assert time.monotonic() < deadline, "the primary does not come back"
            await asyncio.sleep(0.05)

    async def until_all_told(self) -> None:
        deadline = time.monotonic() + SERVICE_SECONDS
        while len(self.told) < len(self.errands):
            assert time.monotonic() < deadline, "no service"
            await self.ask()


async def fail_over(pair: Pair) -> None:
    await asyncio.to_thread(pair.primary.kill)
    await asyncio.to_thread(pair.promote)


async def test_nothing_that_was_answered_or_shown_is_missing(
    url: str, api: Api, pair: Pair
) -> None:
    people = People(url, api)
    pair.wire.cut()
    for _ in range(ROUNDS):
        await people.ask()
        await people.look()
    await fail_over(pair)

    assert people.lost() == []
    assert people.statuses == {503}
    await people.until_all_told()
    assert people.lost() == []


@pytest.mark.parametrize("cut_short", (cancel_waits, crash_in_place))
async def test_nothing_that_was_answered_is_missing_although_its_wait_was_cut_short(
    cut_short: Callable[[str, str], Awaitable[None]], url: str, api: Api, pair: Pair
) -> None:
    people = People(url, api)
    pair.wire.cut()
    async with done_by_hand(url, people.errands, BY_HAND):
        await until_commits_hang(url, len(people.errands), BY_HAND)
        await cut_short(url, BY_HAND)
    await people.until_all_done()
    for _ in range(ROUNDS):
        await people.ask()
    await fail_over(pair)

    assert people.lost() == []
    # A refusal promises nothing: a ticket that is used already, a phone that is taken.
    assert people.statuses <= {503, 409}
    await people.until_all_told()
    assert people.lost() == []
