"""How batches of statements react to a failure, and how they are counted."""

from collections.abc import Callable

import asyncpg

from app.data.batching import Failure
from app.data.errors import BusyError, DatabaseAwayError
from app.metrics import BATCHES, WAITING


def failure_of(error: Exception) -> Failure:
    """Say how to go on after a failed batch."""
    if isinstance(error, asyncpg.LockNotAvailableError):
        return Failure.SPLIT_BY_KEY
    if isinstance(error, asyncpg.QueryCanceledError):
        return Failure.GIVE_UP
    if isinstance(error, DatabaseAwayError):
        return Failure.RETRY
    if isinstance(error, BusyError):
        return Failure.GIVE_UP
    if isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] in {"08", "57"}:
        return Failure.RETRY
    return Failure.SPLIT


def batch_recorder(batch: str) -> Callable[[int, int], None]:
    """Return what records the batches of this name."""
    sizes, still_waiting = BATCHES.labels(batch), WAITING.labels(batch)

    def record(size: int, waiting: int) -> None:
        sizes.observe(size)
        still_waiting.set(waiting)

    return record
