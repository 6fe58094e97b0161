"""What each API process does for the database: partitions, and the deletion of what is over.

Doing it twice, or in several processes at once, changes nothing. When it is not done for a while,
nothing is wrong: see sql/functions/activity_partitions.sql.
"""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from app.background.loops import described, repeating
from app.data.database import Database
from app.data.errors import UnavailableError
from app.settings import Settings

DAY_SECONDS = 24 * 3600.0
# When the database did not answer, or has not been migrated yet.
RETRY_SECONDS = 60.0
# Failed sign-ins and the like count for 15 minutes: an hour later they are gone.
HOUR_SECONDS = 3600.0
# How many rows of a table are deleted in one transaction, and how long others then have the disk
# for themselves.
BATCH = 1000
PAUSE_SECONDS = 1.0

log = structlog.get_logger("marquee")


@asynccontextmanager
async def upkeep(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Keep the database in order while the process runs."""

    async def keep() -> float:
        return DAY_SECONDS if await make_partitions(database) else RETRY_SECONDS

    async def delete_old() -> float:
        deleted = await database.value("delete_old_deliveries", at_most=BATCH)
        return PAUSE_SECONDS if deleted >= BATCH else DAY_SECONDS

    async def purge() -> float:
        deleted = await database.value(
            "purge",
            at_most=BATCH,
            mail_days=settings.mail_retention_days,
            notice_days=settings.notice_retention_days,
        )
        return PAUSE_SECONDS if deleted >= BATCH else HOUR_SECONDS

    async with (
        repeating("upkeep", keep, first_pause=await keep(), retry_pause=RETRY_SECONDS),
        repeating(
            "deleting old deliveries",
            delete_old,
            first_pause=PAUSE_SECONDS,
            retry_pause=RETRY_SECONDS,
        ),
        repeating(
            "deleting what is over", purge, first_pause=PAUSE_SECONDS, retry_pause=RETRY_SECONDS
        ),
    ):
        yield


async def make_partitions(database: Database) -> bool:
    """Make the coming months' partitions; say whether that worked, and log why it did not."""
    try:
        await database.value("make_activity_partitions")
    except UnavailableError:
        return False  # the database cannot be reached, and database.py has logged that
    except asyncpg.PostgresError as error:
        log.warning("upkeep failed", **described(error))
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
                "the API has logged in as the owner of the tables; give it a separate login",
                login=found["login"],
            )
