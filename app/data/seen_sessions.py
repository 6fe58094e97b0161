"""Writes when sessions were last used, while the requests that used them go on."""

import asyncio
from contextlib import suppress

import asyncpg

from app.data.database import Database
from app.data.errors import UnavailableError

# The sessions that are used within so many seconds share one statement.
PAUSE_SECONDS = 1.0
MOST_AT_ONCE = 1000


class SeenSessions:
    """The sessions of this process of which it is still to be written that they are used."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._ids: set[int] = set()
        self._writer: asyncio.Task[None] | None = None

    def note(self, session_id: int) -> None:
        """Have it written soon that a session is used now. The caller does not wait for that."""
        self._ids.add(session_id)
        if self._writer is None:
            self._writer = asyncio.create_task(self._write(), name="seen sessions")

    async def close(self) -> None:
        """Stop. What is noted is not written: that is a second of many minutes."""
        if self._writer is not None:
            self._writer.cancel()
            await asyncio.wait([self._writer])

    async def _write(self) -> None:
        try:
            while self._ids:
                await asyncio.sleep(PAUSE_SECONDS)
                ids = sorted(self._ids)[:MOST_AT_ONCE]
                self._ids.difference_update(ids)
                # If this fails, the next request with one of these sessions notes it again.
                with suppress(UnavailableError, asyncpg.PostgresError):
                    await self._database.value("mark_sessions_seen", session_ids=ids)
        finally:
            self._writer = None
