"""The integrity sweep: every API process calls for the next slice of events to be checked."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.background.loops import repeating
from app.data.database import Database

# sql/queries/sweep_integrity.sql says when a slice is due, for all API processes together.
PAUSE_SECONDS = 10.0


@asynccontextmanager
async def sweeping(database: Database) -> AsyncIterator[None]:
    """Check slices until the process ends. Its last slice may stay unfinished: another follows."""

    async def sweep() -> float:
        # After a failure the position stays where it was: the slice is tried again.
        await database.rows_long("sweep_integrity")
        return PAUSE_SECONDS

    async with repeating(
        "integrity sweep", sweep, first_pause=PAUSE_SECONDS, retry_pause=PAUSE_SECONDS
    ):
        yield
