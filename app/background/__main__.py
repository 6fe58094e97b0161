"""Run all loops without serving: `python -m app.background`. SIGTERM ends it."""

import asyncio
import signal

from app import logs
from app.background.every import loops, prepare
from app.data.database import Database
from app.settings import Settings


async def run(settings: Settings) -> None:
    """Run all loops until SIGTERM or SIGINT."""
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        asyncio.get_running_loop().add_signal_handler(number, stopped.set)
    async with Database.connect(settings.database_url.get_secret_value()) as database:
        await prepare(database)
        async with loops(database, settings):
            await stopped.wait()


if __name__ == "__main__":
    logs.configure()
    asyncio.run(run(Settings.load()))
