"""No timeout, disconnect or shutdown asks PostgreSQL to cancel a commit.

Cancelling ends the wait for the synchronous standby: the transaction is visible then, but a
failover can still undo it. A relay in front of the server detects such requests.
"""

import asyncio
import os
import signal
import sys
import time
from collections.abc import Awaitable, Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.data import database as databases
from app.data.database import Database
from app.data.errors import BusyError, DatabaseAwayError
from app.data.queries import statement
from app.local.paths import ROOT
from app.local.postgres import Cluster
from tests.faults.api_server import running_api_server
from tests.faults.client import Client, ConnectionLostError
from tests.faults.hanging_commits import cancel_waits, hanging_commits, until_commits_hang
from tests.faults.relay import Relay, running_relay
from tests.faults.seeded_database import SeededDatabase
from tests.support.locks import WAIT_SECONDS, locked, until_waiting_for_locks

CANCELLED = b"canceling wait for synchronous replication due to user request"


@pytest.fixture
def relay(durable_cluster: Cluster) -> Iterator[Relay]:
    durable_cluster.start()
    with running_relay(durable_cluster.port) as running:
        yield running


@pytest.fixture
def url(relay: Relay, seeded_url: str) -> str:
    """The database URL that leads through the relay."""
    parts = urlsplit(seeded_url)
    return parts._replace(netloc=f"{parts.username}@{parts.hostname}:{relay.port}").geturl()


@pytest.fixture
def short_deadlines(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(databases, "STATEMENT_SECONDS", 1)
    monkeypatch.setattr(databases, "LONG_STATEMENT_SECONDS", 1)


async def assert_disconnected(relay: Relay, cluster: Cluster, known: int) -> None:
    """Fail unless the API closed every connection, without a cancel request."""
    deadline = time.monotonic() + WAIT_SECONDS
    while relay.connections:
        assert time.monotonic() < deadline, "a connection is still open"
        await asyncio.sleep(0.01)
    assert relay.cancel_requests == 0
    assert CANCELLED not in cluster.log.read_bytes()[known:]


async def test_the_relay_sees_a_request_to_cancel(url: str, relay: Relay) -> None:
    connection = await asyncpg.connect(url)
    with pytest.raises(TimeoutError):
        await connection.execute("SELECT pg_sleep(10)", timeout=0.1)
    await connection.close()

    assert relay.cancel_requests == 1


async def a_statement_times_out(database: Database) -> None:
    with pytest.raises(BusyError):
        await database.value("wait_for_standby_at_commit")


async def a_long_statement_times_out(database: Database) -> None:
    with pytest.raises(BusyError):
        await database.rows_long("wait_for_standby_at_commit")


async def a_caller_times_out(database: Database) -> None:
    with pytest.raises(TimeoutError):
        async with asyncio.timeout(0.2):
            await database.value("wait_for_standby_at_commit")


async def a_request_is_cancelled(database: Database) -> None:
    await cancel(asyncio.create_task(database.value("wait_for_standby_at_commit")), database)


async def a_long_request_is_cancelled(database: Database) -> None:
    await cancel(asyncio.create_task(database.rows_long("wait_for_standby_at_commit")), database)


async def a_busy_connection_is_closed(database: Database) -> None:
    async with database.long_connection() as connection:
        task = asyncio.create_task(connection.execute(*statement("wait_for_standby_at_commit")))
        await until_commits_hang(database._url)
        await connection.close()
        await asyncio.wait({task})


async def the_process_shuts_down(database: Database) -> None:
    task = asyncio.create_task(database.value("wait_for_standby_at_commit"))
    await until_commits_hang(database._url)
    # The rest of the test closes the pool.
    task.add_done_callback(lambda ended: ended.exception())


async def cancel(task: asyncio.Task[Any], database: Database) -> None:
    await until_commits_hang(database._url)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


@pytest.mark.usefixtures("short_deadlines")
@pytest.mark.parametrize(
    "way",
    (
        a_statement_times_out,
        a_long_statement_times_out,
        a_caller_times_out,
        a_request_is_cancelled,
        a_long_request_is_cancelled,
        a_busy_connection_is_closed,
        the_process_shuts_down,
    ),
)
async def test_a_hanging_commit_is_disconnected_and_not_cancelled(
    way: Callable[[Database], Awaitable[None]], url: str, relay: Relay, durable_cluster: Cluster
) -> None:
    known = durable_cluster.log.stat().st_size
    async with hanging_commits(durable_cluster):
        async with Database.connect(url) as database:
            await way(database)
        await assert_disconnected(relay, durable_cluster, known)


async def test_an_abandoned_cursor_is_disconnected(
    seeded: SeededDatabase, url: str, relay: Relay, durable_cluster: Cluster
) -> None:
    known = durable_cluster.log.stat().st_size

    async def read() -> None:
        async with database.long_connection() as connection, connection.transaction(readonly=True):
            async for _ in connection.cursor(
                *statement("export_event_bookings", event_id=seeded.big_event)
            ):
                pass

    async with (
        locked(seeded.url, "LOCK TABLE bookings IN ACCESS EXCLUSIVE MODE"),
        Database.connect(url) as database,
    ):
        reading = asyncio.create_task(read())
        await until_waiting_for_locks(seeded.url)
        reading.cancel()
        with pytest.raises(asyncio.CancelledError):
            await reading
        await assert_disconnected(relay, durable_cluster, known)


async def test_a_stopping_server_disconnects_a_hanging_booking(
    seeded: SeededDatabase, url: str, relay: Relay, durable_cluster: Cluster, tmp_path: Path
) -> None:
    known = durable_cluster.log.stat().st_size
    with running_api_server(url, tmp_path, workers=1) as api_server:
        async with hanging_commits(durable_cluster):
            customer = seeded.customers[0]
            async with Client(api_server.port, customer.token) as client:
                booking = asyncio.create_task(client.book(seeded.big_event, 1, "stopped"))
                await until_commits_hang(url)
                await client.hang_up()
                with pytest.raises(ConnectionLostError):
                    await booking
            api_server.ask_to_stop()
            assert await asyncio.to_thread(api_server.until_stopped) == 0
            await assert_disconnected(relay, durable_cluster, known)


@pytest.mark.usefixtures("short_deadlines")
async def test_a_commit_whose_wait_was_cancelled_is_not_confirmed(
    url: str, seeded_url: str, durable_cluster: Cluster
) -> None:
    async with hanging_commits(durable_cluster), Database.connect(url) as database:
        task = asyncio.create_task(database.value("wait_for_standby_at_commit"))
        await until_commits_hang(seeded_url)
        await cancel_waits(seeded_url)
        with pytest.raises(DatabaseAwayError):
            await task


@pytest.mark.parametrize(
    ("words", "typed"),
    (
        (
            ["app.operations.admin_account", "--name", "Ada", "--phone", "+4915209999901"],
            "a seat in row seven\n",
        ),
        (["app.operations.migrations", "apply"], ""),
    ),
)
async def test_ctrl_c_disconnects_a_hanging_commit(
    words: list[str], typed: str, seeded_url: str, url: str, relay: Relay, durable_cluster: Cluster
) -> None:
    known = durable_cluster.log.stat().st_size
    async with hanging_commits(durable_cluster):
        program = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", *words),
            cwd=ROOT,
            env={**os.environ, "DATABASE_URL": f"{url}?application_name=program"},
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            stderr=asyncio.subprocess.PIPE,
        )
        assert program.stdin is not None
        program.stdin.write(typed.encode())
        program.stdin.close()
        await until_commits_hang(seeded_url, application="program")
        program.send_signal(signal.SIGINT)
        said, _ = await program.communicate()
        assert program.returncode != 0
        assert said == b""
        await assert_disconnected(relay, durable_cluster, known)
