"""Locks that a test holds, and the connections that wait for them."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import LiteralString

import psycopg

from tests.support.rows import rows, value

WAIT_SECONDS = 30


def raise_lock_timeout(db: psycopg.Connection) -> None:
    """Let functions wait for locks as long as a slow machine needs; their own limit is a second.

    A deadlock is still detected, and still an error.
    """
    limited = rows(
        db,
        "SELECT oid::regprocedure::text AS name FROM pg_proc"
        " WHERE pronamespace = 'public'::regnamespace AND proconfig::text ~ 'lock_timeout'",
    )
    assert limited
    for function in limited:
        # The name comes from the catalog, quoted where necessary.
        db.execute(f"ALTER FUNCTION {function['name']} SET lock_timeout = '60s'".encode())


def await_true(db: psycopg.Connection, query: LiteralString, *parameters: object) -> None:
    """Return when the answer is true.

    `db` must be in autocommit mode, because the statistics do not change within a transaction.
    """
    deadline = time.monotonic() + 20
    while not value(db, query, *parameters):
        assert time.monotonic() < deadline, f"not true in time: {query} {parameters}"


def await_lock_waiters(db: psycopg.Connection, database: str | None = None, count: int = 1) -> None:
    """Return when this many connections to the database, by default this one, wait for a lock.

    `db` must be in autocommit mode, because the statistics do not change within a transaction.
    """
    deadline = time.monotonic() + 20
    while True:
        waiting = value(
            db,
            "SELECT count(*) FROM pg_stat_activity"
            " WHERE datname = coalesce(%s, current_database()) AND wait_event_type = 'Lock'",
            database,
        )
        if waiting == count:
            return
        assert time.monotonic() < deadline, f"{count} should wait for a lock, {waiting} do"


@asynccontextmanager
async def locked(url: str, statement: str) -> AsyncIterator[psycopg.AsyncConnection]:
    """Hold the locks of a statement in another transaction."""
    async with await psycopg.AsyncConnection.connect(url) as holder:
        await holder.execute(statement.encode())
        try:
            yield holder
        finally:
            await holder.rollback()


def row_of(event_id: int) -> str:
    return f"SELECT FROM events WHERE id = {int(event_id)} FOR UPDATE"


async def until_waiting_for_locks(url: str, count: int = 1) -> None:
    """Return when this many of the API's connections wait for a lock."""
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
