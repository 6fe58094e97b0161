"""Locks held by somebody's psql, and who waits for them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import psycopg

WAIT_SECONDS = 30


@asynccontextmanager
async def locked(url: str, statement: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Hold what a statement locks, in a transaction of somebody else."""
    async with await psycopg.AsyncConnection.connect(url) as holder:
        await holder.execute(statement.encode())
        try:
            yield holder
        finally:
            await holder.rollback()


def row_of(event_id: int) -> str:
    return f"SELECT FROM events WHERE id = {int(event_id)} FOR UPDATE"


async def until_waiting_for_locks(url: str, count: int = 1) -> None:
    """Return once this many of the API's connections wait for a lock."""
    deadline = time.monotonic() + WAIT_SECONDS
    async with await psycopg.AsyncConnection.connect(url, autocommit=True) as observer:
        while True:
            cursor = await observer.execute(
                "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
                " AND application_name = 'marquee' AND wait_event_type = 'Lock'"
            )
            row = await cursor.fetchone()
            assert row is not None
            if row[0] >= count:
                return
            assert time.monotonic() < deadline, f"{row[0]} wait for a lock, not {count}"
            await asyncio.sleep(0.01)
