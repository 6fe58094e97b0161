"""Taking turns at what only a few requests can have at once. Waiting here holds no connection."""

import asyncio
from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary


class Places:
    """Lets a limited number in at once."""

    def __init__(self, at_once: int, seconds: float) -> None:
        """`seconds` is how long a request waits for a place."""
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for a place and have it; raise TimeoutError when none becomes free in time."""
        async with asyncio.timeout(self._seconds):
            await self._places.acquire()
        try:
            yield
        finally:
            self._places.release()


class Turns:
    """Lets one at a time in for each key, and a limited number for all keys together."""

    def __init__(self, at_once: int, seconds: float) -> None:
        """`seconds` is how long a request waits for a turn."""
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        # A key is forgotten when nobody has it or waits for it.
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for one's turn and have it; raise TimeoutError when it does not come in time."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with AsyncExitStack() as held:
            async with asyncio.timeout(self._seconds):
                await held.enter_async_context(lock)
                await held.enter_async_context(self._places)
            yield
