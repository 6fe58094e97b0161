"""All loops together, and what precedes them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from app.background.facts import fanning_out, pause_restored
from app.background.integrity import sweeping
from app.background.mails import mailing
from app.background.phone_codes import forgetting_phone_codes
from app.background.reminders import reminding
from app.background.upkeep import upkeep, warn_of_too_many_rights
from app.background.webhooks import sending
from app.data.database import Database
from app.settings import Settings


async def prepare(database: Database) -> None:
    """Do what must be done before the process answers requests, whether or not it runs loops."""
    await warn_of_too_many_rights(database)
    await pause_restored(database)


@asynccontextmanager
async def loops(database: Database, settings: Settings) -> AsyncIterator[None]:
    """Run every loop until the block ends."""
    async with (
        sweeping(database),
        upkeep(database, settings),
        fanning_out(database),
        sending(database, private_addresses=settings.webhook_private_addresses),
        reminding(database),
        forgetting_phone_codes(database),
        mailing(database, settings),
    ):
        yield
