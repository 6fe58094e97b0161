"""How background work is repeated: every loop of app/background runs through `repeating`."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager, suppress

import asyncpg
import structlog

from app.data.errors import UnavailableError

log = structlog.get_logger("marquee")


@asynccontextmanager
async def repeating(
    name: str,
    run_once: Callable[[], Awaitable[float]],
    *,
    first_pause: float,
    retry_pause: float,
) -> AsyncIterator[None]:
    """Call `run_once` again and again, in a task, until the block ends.

    It is called after `first_pause` seconds, and returns the seconds until the next call. It may
    fail because of the database: it is then called again after `retry_pause`, and the first
    failure of several in a row is logged. When the block ends, the task is cancelled and awaited.
    """
    task = asyncio.create_task(_repeat(name, run_once, first_pause, retry_pause), name=name)
    try:
        yield
    finally:
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task


async def _repeat(
    name: str, run_once: Callable[[], Awaitable[float]], pause: float, retry_pause: float
) -> None:
    failing = False
    while True:
        await asyncio.sleep(pause)
        try:
            pause = await run_once()
            failing = False
        except (UnavailableError, asyncpg.PostgresError) as error:
            if not failing:
                log.warning("background work failed", work=name, **described(error))
            failing = True
            pause = retry_pause


def described(error: Exception) -> dict[str, str | None]:
    """Return what the log may say of an error: not its DETAIL, which holds rows."""
    if isinstance(error, asyncpg.PostgresError):
        return {"sqlstate": error.sqlstate, "message": error.args[0] if error.args else ""}
    return {"error": type(error).__name__}
