"""The synchronous standby is cut off, and later it is promoted.

What the primary commits meanwhile is lost, so no client may have been told that it is done.
"""

import asyncio
import time
from collections.abc import Awaitable, Callable, Iterator
from contextlib import suppress

import psycopg
import pytest

from app.local.postgres import DISCREET
from tests.faults import seeded_database
from tests.faults.api_server import ApiServer, running_api_server
from tests.faults.changes import Change, all_changes, made_manually
from tests.faults.hanging_commits import cancel_waits, crash_in_place, until_commits_hang
from tests.faults.replicated_cluster import ReplicatedCluster, running_replicated_cluster
from tests.support.databases import OWNER

ROUNDS = 3
SERVICE_SECONDS = 30
MANUAL = "manual"


@pytest.fixture(scope="module")
def shared_replicated() -> Iterator[ReplicatedCluster]:
    with running_replicated_cluster(DISCREET) as running:
        seeded_database.create_database(running.primary)
        yield running


@pytest.fixture(scope="module")
def url(shared_replicated: ReplicatedCluster) -> str:
    return shared_replicated.url(seeded_database.DATABASE, OWNER)


@pytest.fixture(scope="module")
def api_server(url: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[ApiServer]:
    with running_api_server(url, tmp_path_factory.mktemp("api")) as running:
        yield running


@pytest.fixture
def replicated(shared_replicated: ReplicatedCluster) -> ReplicatedCluster:
    """A primary with a standby. They are rebuilt if the last test broke them."""
    if not shared_replicated.standby.is_running():
        shared_replicated.rebuild()
    return shared_replicated


class Clients:
    """Clients who repeat their changes until the API confirms them."""

    def __init__(self, url: str, api_server: ApiServer) -> None:
        with psycopg.connect(url, autocommit=True) as db:
            self.changes = all_changes(db)
        self.confirmed: list[Change] = []
        self.statuses: set[int] = set()
        self._url = url
        self._api_server = api_server

    async def send_unconfirmed(self) -> None:
        """Send every unconfirmed change once."""
        waiting = [change for change in self.changes if change not in self.confirmed]
        answers = await asyncio.gather(*(change.send(self._api_server.port) for change in waiting))
        self.statuses |= {answer.status for answer in answers}
        self.confirmed += [
            change for change, answer in zip(waiting, answers, strict=True) if answer.status < 300
        ]

    async def read_back(self) -> None:
        """Read the changed resources; a change that is shown counts as confirmed."""
        for change in self.changes:
            if change not in self.confirmed and await change.is_shown(self._api_server.port):
                self.confirmed.append(change)

    def lost(self) -> list[str]:
        """Return the confirmed changes that are missing."""
        with psycopg.connect(self._url, autocommit=True) as db:
            return [change.name for change in self.confirmed if not change.is_done(db)]

    async def until_all_done(self) -> None:
        """Return when the primary has all changes, whether or not they were confirmed."""
        deadline = time.monotonic() + SERVICE_SECONDS
        while True:
            with suppress(psycopg.OperationalError), psycopg.connect(self._url) as db:
                if all(change.is_done(db) for change in self.changes):
                    return
            assert time.monotonic() < deadline, "the primary does not recover"
            await asyncio.sleep(0.05)

    async def until_all_confirmed(self) -> None:
        deadline = time.monotonic() + SERVICE_SECONDS
        while len(self.confirmed) < len(self.changes):
            assert time.monotonic() < deadline, "no service"
            await self.send_unconfirmed()


async def fail_over(replicated: ReplicatedCluster) -> None:
    await asyncio.to_thread(replicated.primary.kill)
    await asyncio.to_thread(replicated.promote)


async def test_nothing_answered_or_shown_is_lost_in_a_failover(
    url: str, api_server: ApiServer, replicated: ReplicatedCluster
) -> None:
    clients = Clients(url, api_server)
    replicated.relay.cut()
    for _ in range(ROUNDS):
        await clients.send_unconfirmed()
        await clients.read_back()
    await fail_over(replicated)

    assert clients.lost() == []
    assert clients.statuses == {503}
    await clients.until_all_confirmed()
    assert clients.lost() == []


@pytest.mark.parametrize("cut_short", (cancel_waits, crash_in_place))
async def test_nothing_answered_is_lost_after_a_cancelled_wait(
    cut_short: Callable[[str, str], Awaitable[None]],
    url: str,
    api_server: ApiServer,
    replicated: ReplicatedCluster,
) -> None:
    clients = Clients(url, api_server)
    replicated.relay.cut()
    async with made_manually(url, clients.changes, MANUAL):
        await until_commits_hang(url, len(clients.changes), MANUAL)
        await cut_short(url, MANUAL)
    await clients.until_all_done()
    for _ in range(ROUNDS):
        await clients.send_unconfirmed()
    await fail_over(replicated)

    assert clients.lost() == []
    # A refusal confirms nothing: a ticket may be used already, or a phone taken.
    assert clients.statuses <= {503, 409}
    await clients.until_all_confirmed()
    assert clients.lost() == []
