"""Finding out when commits go through again, after one that was not confirmed."""

import asyncio
from typing import Any

import asyncpg
import structlog

from app.data import primary
from app.data.queries import statement
from app.metrics import COMMITS_HANG

# How often a hanging attempt is checked, and how soon a failed one is repeated.
LOOK_SECONDS = 2
RETRY_SECONDS = 0.5

FAILURES = (
    OSError,
    TimeoutError,
    asyncpg.PostgresError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,
)

log = structlog.get_logger("marquee")


class CommitProbe:
    """Makes one separate commit, and runs until that commit has gone through.

    Standbys confirm commits in their order: while this commit waits, any later one would wait as
    well, and would keep a connection and its locks. So no other commit is tried meanwhile. When
    this commit goes through, the standby is back.
    """

    def __init__(self, url: str, **given: Any) -> None:
        """`given` holds the arguments for connecting."""
        self._url = url
        self._given = given
        self._task: asyncio.Task[None] | None = None

    @property
    def is_running(self) -> bool:
        """Whether commits hang, as far as this process knows."""
        return self._task is not None

    def start(self) -> None:
        """Begin, unless it is running already."""
        if self._task is None:
            self._task = asyncio.create_task(self._until_through())

    async def stop(self) -> None:
        """Stop, without waiting for the commit."""
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def _until_through(self) -> None:
        log.warning("commits hang")
        COMMITS_HANG.inc()
        try:
            through = False
            while not through:
                await asyncio.sleep(RETRY_SECONDS)
                through = await self._goes_through()
            log.warning("commits go through")
        finally:
            COMMITS_HANG.dec()
            self._task = None

    async def _goes_through(self) -> bool:
        """Commit, however long it takes; give up when the server is gone or another one serves."""
        try:
            connection = await self._connect()
            try:
                server = await connection.fetchval(*statement("get_server_start"))
                await self._commit(connection, server)
            finally:
                connection.terminate()
        except FAILURES:
            return False
        return True

    async def _commit(self, connection: asyncpg.Connection, server: object) -> None:
        commit = asyncio.create_task(connection.execute(*statement("wait_for_standby_at_commit")))
        try:
            while not (await asyncio.wait({commit}, timeout=LOOK_SECONDS))[0]:
                if await self._server() != server:
                    raise ConnectionError("another server has taken over")
            commit.result()
        finally:
            connection.terminate()
            await asyncio.gather(commit, return_exceptions=True)

    async def _server(self) -> object:
        """Return when the current server was started: no two servers share that time."""
        connection = await self._connect()
        try:
            return await connection.fetchval(*statement("get_server_start"))
        finally:
            connection.terminate()

    async def _connect(self) -> asyncpg.Connection:
        return await primary.connect(self._url, **self._given)
