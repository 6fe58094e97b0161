"""Codes for phones are deleted once they have expired: see delete_old_phone_codes() in SQL."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.background.loops import repeating
from app.data.database import Database

PAUSE_SECONDS = 60.0
BATCH = 1000


@asynccontextmanager
async def forgetting_phone_codes(database: Database) -> AsyncIterator[None]:
    """Delete the codes that have expired until the process ends."""

    async def forget() -> float:
        changed = await database.value("delete_old_phone_codes", at_most=BATCH)
        return 1.0 if changed >= BATCH else PAUSE_SECONDS

    async with repeating(
        "deleting codes for phones", forget, first_pause=PAUSE_SECONDS, retry_pause=PAUSE_SECONDS
    ):
        yield
