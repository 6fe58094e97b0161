"""Replaces batching.py when BATCHING is off, to measure the effect of batching."""

from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Generic, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


class Unbatched(Generic[Request, Result]):
    """Runs each request by itself, at once."""

    def __init__(self, run: Callable[[Sequence[Request]], Awaitable[Sequence[Result]]]) -> None:
        self._run = run

    async def submit(self, request: Request) -> Result:
        """Return the request's result, or raise its error."""
        (result,) = await self._run([request])
        return result

    async def drain(self) -> None:
        """Return at once: no request waits here."""


class UnsharedReads:
    """Runs every read."""

    async def read(self, key: Hashable, run: Callable[[], Awaitable[Result]]) -> Result:
        """Return the result of this run."""
        return await run()
