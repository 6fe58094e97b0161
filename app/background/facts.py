"""Facts become deliveries to webhooks and notices to customers: see fan_out_facts() in SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import structlog

from app.background.loops import described, repeating
from app.data.database import Database
from app.data.errors import UnavailableError

# How many facts of each source are read in one transaction.
BATCH = 500
PAUSE_SECONDS = 1.0
# How long a process waits after an error.
RETRY_SECONDS = 10.0

log = structlog.get_logger("marquee")


@asynccontextmanager
async def fanning_out(database: Database) -> AsyncIterator[None]:
    """Read new facts until the process ends."""

    async def fan_out() -> float:
        return 0 if await _fan_out_batch(database) >= BATCH else PAUSE_SECONDS

    async with repeating(
        "reading facts", fan_out, first_pause=PAUSE_SECONDS, retry_pause=RETRY_SECONDS
    ):
        yield


async def _fan_out_batch(database: Database) -> int:
    """Read the next facts, and return how many there were."""
    try:
        read: int = await database.value("fan_out_facts", at_most=BATCH)
    except asyncpg.QueryCanceledError:
        # All guests of a large event are told in one transaction, which may take longer.
        ((read,),) = await database.rows_long("fan_out_facts", at_most=BATCH)
    return read


async def pause_restored(database: Database) -> None:
    """Pause facts if the database is a copy of another, and log a warning while they are paused.

    Called before the process answers requests, so that what it writes is known to be newer than
    the copy.
    """
    try:
        paused = await database.value("pause_restored_facts")
    except (UnavailableError, asyncpg.PostgresError) as error:
        log.warning("not known whether facts are paused", **described(error))
        return
    if paused:
        log.warning(
            "facts are paused, because this database is a copy of another",
            advice="If it takes the place of the other, run SELECT resume_facts() as the owner."
            " Until then no webhook, notice or mail is sent.",
        )
