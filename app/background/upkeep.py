"""What each API process does for the database when it starts, and once a day after that.

Doing it twice, or in several processes at once, changes nothing. When it is not done for a while,
nothing is wrong: see sql/functions/activity_partitions.sql.
"""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from app.data.database import Database
from app.data.errors import UnavailableError

DAY_SECONDS = 24 * 3600.0
# When the database did not answer, or has not been migrated yet.
RETRY_SECONDS = 60.0

log = structlog.get_logger("marquee")


@asynccontextmanager
async def upkeep(database: Database) -> AsyncIterator[None]:
    """Keep the database in order while the process serves."""
    await warn_of_too_many_rights(database)
    done = await make_partitions(database)
    task = asyncio.create_task(_daily(database, done))
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def make_partitions(database: Database) -> bool:
    """Make the coming months' partitions; say whether that worked, and log why it did not."""
    try:
        await database.value("make_activity_partitions")
    except UnavailableError:
        return False  # the database is away, and that is logged
    except asyncpg.PostgresError as error:
        log.warning("upkeep failed", sqlstate=error.sqlstate, message=error.args[0])
        return False
    return True


async def warn_of_too_many_rights(database: Database) -> None:
    """Log a warning when the API has logged in as the owner of the tables.

    The API takes the role ticketing_api, but anyone who makes it run SQL could become the owner.
    """
    with suppress(UnavailableError, asyncpg.PostgresError):
        found = await database.one("get_login")
        if found["is_owner"]:
            log.warning(
                "the API has logged in as the owner of the tables; give it a login of its own",
                login=found["login"],
            )


async def _daily(database: Database, done: bool) -> None:
    while True:
        await asyncio.sleep(DAY_SECONDS if done else RETRY_SECONDS)
        done = await make_partitions(database)
