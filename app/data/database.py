"""Access to PostgreSQL: a small pool of connections with the role ticketing_api."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import (
    AbstractAsyncContextManager,
    AsyncExitStack,
    asynccontextmanager,
    suppress,
)
from math import inf
from time import monotonic
from typing import Any, TypeVar, cast

import asyncpg
import orjson
import structlog

from app.data import primary
from app.data.commit_probe import CommitProbe
from app.data.errors import BusyError, CommitsHangError, DatabaseAwayError
from app.data.queries import statement
from app.data.turns import Budget, Places
from app.metrics import CONNECTIONS

# More connections make PostgreSQL slower, not faster. Five may write. Four of these may wait for
# locked events (SLOW_BOOKINGS and SLOW_CHANGES); the fifth serves other writes, such as the main
# lane of bookings, which may also wait for a lock until its lock timeout. The last connection is
# for queries that only read: they are answered even in the seconds in which every commit hangs.
POOL_SIZE = 6
MOST_WRITING = POOL_SIZE - 1
CONNECT_SECONDS = 3
ACQUIRE_SECONDS = 2
STATEMENT_SECONDS = 5
# Cancelling an event with hundreds of thousands of bookings, a CSV file of as many, and reading
# the whole ledger for contradictions take this long at most.
LONG_STATEMENT_SECONDS = 120
LONG_CONNECTIONS = 2
EXPORTS = 2
# Anyone may search, so all searches of a process share one connection, end early, and run for a
# share of the time only while tickets are sold or checked in. Beside eighty searches at once for
# one letter among a million events, the slowest bookings (p95) took eight times as long as alone
# without that share, about twice as long with a quarter of the time, and 1.1 times as long with an
# eighth.
SEARCHES = 1
SEARCH_SECONDS = 1
SEARCH_SHARE = 1 / 8
SALES = ("book_tickets", "cancel_booking", "check_in_ticket")
QUIET_SECONDS = 1
DEADLOCK_TRIES = 3
# The beginnings of the names of those queries in sql/queries that only read.
READING = ("export_", "find_", "get_", "list_", "search_", "sum_")

log = structlog.get_logger("marquee")

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy
T = TypeVar("T")

# A connection that is gone, or was never there.
AWAY = (
    OSError,
    asyncpg.InterfaceError,
    asyncpg.PostgresConnectionError,
    asyncpg.InternalClientError,
)


# Data is cached or on flash, so an index scan in order is better than a full scan and a sort.
PLANNING = {"random_page_cost": "1.1"}


def writes(name: str) -> bool:
    """Say whether a query writes, so that its commit may have to wait for the standby."""
    return not name.startswith(READING)


def _database_away(error: Exception) -> DatabaseAwayError:
    log.warning("database away", error=type(error).__name__)
    return DatabaseAwayError()


def _is_cancelled() -> bool:
    """Say whether this task was asked to end."""
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0


def _settings(statement_seconds: int) -> dict[str, str]:
    return {
        # Given at the start, so that resetting a connection keeps it.
        "role": "ticketing_api",
        "application_name": "marquee",
        "timezone": "UTC",
        "jit": "off",
        **PLANNING,
        "statement_timeout": f"{statement_seconds}s",
        "idle_in_transaction_session_timeout": "10s",
    }


async def _prepare(connection: asyncpg.Connection) -> None:
    await connection.set_type_codec(
        "jsonb", encoder=_to_json, decoder=orjson.loads, schema="pg_catalog"
    )


def _to_json(value: object) -> str:
    return orjson.dumps(value).decode()


async def _reset_nothing(connection: Connection) -> None:
    """Reset nothing: no statement here changes the state of its connection."""


@asynccontextmanager
async def _open_pool(url: str, size: int, statement_seconds: int) -> AsyncIterator[asyncpg.Pool]:
    pool = asyncpg.create_pool(
        url,
        connect=cast("Any", primary.connect),  # the stubs want every parameter by name
        min_size=0,
        max_size=size,
        timeout=CONNECT_SECONDS,
        command_timeout=statement_seconds + 1,
        init=_prepare,
        reset=_reset_nothing,
        server_settings=_settings(statement_seconds),
    )
    await pool
    try:
        yield pool
    finally:
        # If this takes too long, the pool terminates its connections itself.
        with suppress(TimeoutError):
            async with asyncio.timeout(STATEMENT_SECONDS):
                await pool.close()


class Database:
    """Runs the queries of sql/queries by name."""

    def __init__(self, url: str, pool: asyncpg.Pool, searches: asyncpg.Pool) -> None:
        self._url = url
        self._pool = pool
        self._searches = searches
        self._writing = Places(MOST_WRITING, ACQUIRE_SECONDS)
        self._search_budget = Budget(
            SEARCH_SHARE, ACQUIRE_SECONDS, longest_rest=1, is_quiet=self._is_quiet
        )
        self._sold_at = -inf
        self._long = Places(LONG_CONNECTIONS, ACQUIRE_SECONDS)
        self._exports = Places(EXPORTS, ACQUIRE_SECONDS)
        self._probe = CommitProbe(
            url, timeout=CONNECT_SECONDS, server_settings=_settings(STATEMENT_SECONDS)
        )

    @classmethod
    @asynccontextmanager
    async def connect(cls, url: str) -> AsyncIterator["Database"]:
        """Open the pools; a database that is away now is reached when it is back."""
        async with (
            _open_pool(url, POOL_SIZE, STATEMENT_SECONDS) as pool,
            _open_pool(url, SEARCHES, SEARCH_SECONDS) as searches,
        ):
            database = cls(url, pool, searches)
            try:
                yield database
            finally:
                await database._probe.stop()

    async def rows(self, name: str, /, **parameters: object) -> list[asyncpg.Record]:
        """Return all rows of a query."""
        sql = statement(name, **parameters)
        return await self._run(name, lambda connection: connection.fetch(*sql))

    async def row(self, name: str, /, **parameters: object) -> asyncpg.Record | None:
        """Return the first row of a query, or None when there is none."""
        sql = statement(name, **parameters)
        return await self._run(name, lambda connection: connection.fetchrow(*sql))

    async def one(self, name: str, /, **parameters: object) -> asyncpg.Record:
        """Return the only row of a query that always has one."""
        (row,) = await self.rows(name, **parameters)
        return row

    async def value(self, name: str, /, **parameters: object) -> Any:
        """Return the first column of the first row of a query."""
        sql = statement(name, **parameters)
        return await self._run(name, lambda connection: connection.fetchval(*sql))

    async def rows_of_search(self, name: str, /, **parameters: object) -> list[asyncpg.Record]:
        """Return all rows of a public search, over the one connection that is for searches."""
        sql = statement(name, **parameters)
        try:
            async with self._search_budget.place():
                return await self._run(name, lambda held: held.fetch(*sql), self._searches)
        except TimeoutError:
            raise BusyError from None

    def _is_quiet(self) -> bool:
        return monotonic() - self._sold_at >= QUIET_SECONDS

    async def _run(
        self,
        name: str,
        run: Callable[[Connection], Awaitable[T]],
        pool: asyncpg.Pool | None = None,
    ) -> T:
        if name in SALES:
            self._sold_at = monotonic()
        for attempt in range(1, DEADLOCK_TRIES + 1):
            try:
                async with self._connection(name, pool or self._pool) as connection:
                    with CONNECTIONS.track_inprogress():
                        return await self._result(connection, run(connection))
            except (asyncpg.DeadlockDetectedError, asyncpg.SerializationError):
                if attempt == DEADLOCK_TRIES:
                    raise
            except TimeoutError:
                raise BusyError from None
            except AWAY as error:
                raise _database_away(error) from None
        raise AssertionError("unreachable")

    @asynccontextmanager
    async def _connection(self, name: str, pool: asyncpg.Pool) -> AsyncIterator[Connection]:
        """Give a connection to a query; raise TimeoutError when none becomes free in time."""
        self._refuse_hanging_commits(name)
        async with AsyncExitStack() as held:
            if writes(name):
                await held.enter_async_context(self._writing.place())
            yield await held.enter_async_context(pool.acquire(timeout=ACQUIRE_SECONDS))

    def _refuse_hanging_commits(self, name: str) -> None:
        if self._probe.is_running and writes(name):
            raise CommitsHangError

    async def _result(self, connection: Connection, running: Awaitable[T]) -> T:
        try:
            return await running
        except asyncio.CancelledError:
            # Terminate it before the pool checks whether it can be used again.
            with suppress(asyncpg.InterfaceError):
                connection.terminate()
            raise
        except TimeoutError:
            # PostgreSQL would have ended a statement a second earlier. Either the server has
            # fallen silent, and nothing should wait for its other connections as well; or the
            # commit waits for a standby that has fallen silent.
            await self._pool.expire_connections()
            await self._searches.expire_connections()
            self._probe.start()
            raise

    async def rows_long(self, name: str, /, **parameters: object) -> list[asyncpg.Record]:
        """Return all rows of a query that may take long."""
        sql = statement(name, **parameters)
        self._refuse_hanging_commits(name)
        async with self.long_connection() as connection:
            return await self._result(connection, connection.fetch(*sql))

    def long_connection(self) -> AbstractAsyncContextManager[Connection]:
        """Give a separate connection to work that takes long, so that the pool stays free."""
        return self._own_connection(self._long)

    def export_connection(self) -> AbstractAsyncContextManager[Connection]:
        """Give a separate connection to a download, which may have to wait for its client."""
        return self._own_connection(self._exports)

    @asynccontextmanager
    async def _own_connection(self, places: Places) -> AsyncIterator[Connection]:
        try:
            async with places.place():
                connection = await primary.connect(
                    self._url,
                    timeout=CONNECT_SECONDS,
                    command_timeout=LONG_STATEMENT_SECONDS + 1,
                    server_settings=_settings(LONG_STATEMENT_SECONDS),
                )
                try:
                    await _prepare(connection)
                    yield connection
                finally:
                    connection.terminate()
        except TimeoutError:
            raise BusyError from None
        except AWAY as error:
            if _is_cancelled():
                # This error says only that the connection is gone, so its transaction cannot end.
                raise asyncio.CancelledError from error
            raise _database_away(error) from None
