"""Commits that hang without a standby, as they do while the synchronous standby is away."""

import asyncio
import os
import signal
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

import psycopg

from app.local.postgres import Cluster
from tests.support.locks import WAIT_SECONDS

COMMIT = "SELECT pg_logical_emit_message(true, 'test', '')"
WAITING = (
    "FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    " AND application_name = %s AND datname = current_database()"
)
COUNT = f"SELECT count(*) {WAITING}"
PROCESSES = f"SELECT pid {WAITING}"
CANCEL = f"SELECT pg_cancel_backend(pid) {WAITING}"


@asynccontextmanager
async def hanging_commits(cluster: Cluster) -> AsyncIterator[None]:
    """Let every commit wait for a standby that never comes, until the end of the block."""
    await asyncio.to_thread(_wait_for_standby, cluster, "nobody")
    try:
        async with await psycopg.AsyncConnection.connect(cluster.url(), autocommit=True) as first:
            hanging = await _first_that_hangs(first)
            try:
                yield
            finally:
                await asyncio.to_thread(_wait_for_standby, cluster, "")
            await hanging
    finally:
        await asyncio.to_thread(_wait_for_standby, cluster, "")


def _wait_for_standby(cluster: Cluster, name: str) -> None:
    cluster.psql(f"ALTER SYSTEM SET synchronous_standby_names = '{name}';")
    cluster.psql("SELECT pg_reload_conf();")


async def _first_that_hangs(connection: psycopg.AsyncConnection) -> asyncio.Task[object]:
    """Commit until a commit hangs, because the setting takes effect a moment later."""
    deadline = time.monotonic() + WAIT_SECONDS
    while time.monotonic() < deadline:
        commit = asyncio.create_task(connection.execute(COMMIT.encode()))
        if not (await asyncio.wait({commit}, timeout=0.2))[0]:
            return commit
        await commit
    raise AssertionError("commits do not hang")


async def until_commits_hang(url: str, count: int = 1, application: str = "marquee") -> None:
    """Return when this many commits of a program hang."""
    deadline = time.monotonic() + WAIT_SECONDS
    while (found := await commits_that_hang(url, application)) < count:
        assert time.monotonic() < deadline, f"{found} commits hang, not {count}"
        await asyncio.sleep(0.02)


async def commits_that_hang(url: str, application: str = "marquee") -> int:
    async with _superuser(url) as observer:
        row = await (await observer.execute(COUNT, [application])).fetchone()
        assert row is not None
        return int(row[0])


async def cancel_waits(url: str, application: str = "marquee") -> None:
    """Cancel every wait of a program for the standby, as an administrator may."""
    async with _superuser(url) as administrator:
        await administrator.execute(CANCEL, [application])


async def crash_in_place(url: str, application: str = "marquee") -> None:
    """Kill a process whose commit hangs: the server restarts with everything that is committed."""
    async with _superuser(url) as administrator:
        row = await (await administrator.execute(PROCESSES, [application])).fetchone()
    assert row is not None
    os.kill(row[0], signal.SIGKILL)


@asynccontextmanager
async def _superuser(url: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Connect as a role that may see what others wait for."""
    parts = urlsplit(url)
    address = parts._replace(netloc=f"postgres@{parts.netloc.rpartition('@')[2]}").geturl()
    async with await psycopg.AsyncConnection.connect(address, autocommit=True) as connection:
        yield connection
