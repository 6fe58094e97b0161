"""Guests are reminded of their event a day before: see write_reminders() in SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.background.loops import repeating
from app.data.database import Database

PAUSE_SECONDS = 60.0


@asynccontextmanager
async def reminding(database: Database) -> AsyncIterator[None]:
    """Write the reminders that are due until the process ends."""

    async def remind() -> float:
        # All guests of a large event are told in one transaction, which may take longer.
        ((was_due,),) = await database.rows_long("write_reminders")
        return 0 if was_due else PAUSE_SECONDS

    async with repeating(
        "writing reminders", remind, first_pause=PAUSE_SECONDS, retry_pause=PAUSE_SECONDS
    ):
        yield
