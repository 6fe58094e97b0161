"""A fake database for Batches: each test decides when and how a statement ends."""

import asyncio
from collections.abc import Sequence

import pytest

from app.data.batching import Batches, Failure, QueueFull


class Statement:
    """One call of `run`: the test says when and how it ends."""

    def __init__(self, requests: Sequence[str]) -> None:
        self.requests = list(requests)
        self.outcome: asyncio.Future[list[str]] = asyncio.get_running_loop().create_future()

    def succeed(self) -> None:
        self.outcome.set_result([f"{request} done" for request in self.requests])

    def fail(self, error: Exception) -> None:
        self.outcome.set_exception(error)


class FakeDatabase:
    """Hands each statement to the test."""

    def __init__(self) -> None:
        self.begun: asyncio.Queue[Statement] = asyncio.Queue()

    async def run(self, requests: Sequence[str]) -> Sequence[str]:
        statement = Statement(requests)
        self.begun.put_nowait(statement)
        return await statement.outcome

    async def next(self) -> Statement:
        async with asyncio.timeout(5):
            return await self.begun.get()


class LockTimeoutError(Exception):
    pass


class PoisonError(Exception):
    pass


class ConnectionLostError(Exception):
    pass


FAILURES = {
    LockTimeoutError: Failure.SPLIT_BY_KEY,
    PoisonError: Failure.SPLIT,
    ConnectionLostError: Failure.RETRY,
}


async def send(batches: Batches[str, str], *requests: str) -> list[asyncio.Task[str]]:
    """Submit requests in this order; they are taken before this returns."""
    tasks = [asyncio.create_task(batches.submit(request)) for request in requests]
    await asyncio.sleep(0)  # Every new task runs until it waits.
    return tasks


async def answers(tasks: Sequence[asyncio.Task[str]]) -> list[str | BaseException]:
    async with asyncio.timeout(5):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def assert_refused(batches: Batches[str, str], request: str) -> None:
    async with asyncio.timeout(5):
        with pytest.raises(QueueFull):
            await batches.submit(request)
