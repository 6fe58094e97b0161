"""The integrity sweep: this process asks again and again for the next slice to be checked."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from app.data.database import Database
from app.data.errors import UnavailableError

# sql/queries/sweep_integrity.sql says when a slice is due, for all API processes together.
PAUSE_SECONDS = 10.0

log = structlog.get_logger("marquee")


@asynccontextmanager
async def sweeping(database: Database) -> AsyncIterator[None]:
    """Check slices while the process serves; a slice that is not finished when it ends is lost."""
    task = asyncio.create_task(_sweep(database))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _sweep(database: Database) -> None:
    while True:
        await asyncio.sleep(PAUSE_SECONDS)
        try:
            await database.rows_long("sweep_integrity")
        except (UnavailableError, asyncpg.PostgresError) as error:
            # The position stays where it was: the slice is tried again.
            log.warning("integrity not checked", error=type(error).__name__)
