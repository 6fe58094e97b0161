"""Limits on concurrent work. A request that waits here holds no connection."""

import asyncio
from collections.abc import AsyncIterator, Callable, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from weakref import WeakValueDictionary


class Places:
    """Lets a limited number of requests run at once."""

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


class Budget:
    """Lets one request run at a time, and only for a share of the time.

    After each request nothing runs for a while. The work may use a whole core, and anyone may ask
    for it: these pauses leave the core to all other work.
    """

    def __init__(
        self,
        share: float,
        seconds: float,
        longest_rest: float,
        is_quiet: Callable[[], bool] = lambda: False,
    ) -> None:
        """`share` is the share of the time, and `seconds` is how long a request waits for a place.

        A pause takes at most `longest_rest` seconds. Choose less than `seconds`, so that a request
        that arrives at the beginning of the longest pause still gets the place. `is_quiet` says at
        the end of a request that no other work needs the core: the next request then begins at
        once.
        """
        self._free = asyncio.Semaphore(1)
        self._rest = 1 / share - 1
        self._seconds = seconds
        self._longest_rest = longest_rest
        self._is_quiet = is_quiet

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """Wait for the place and have it; raise TimeoutError when it is not free in time."""
        async with asyncio.timeout(self._seconds):
            await self._free.acquire()
        loop = asyncio.get_running_loop()
        began = loop.time()
        try:
            yield
        finally:
            rest = 0 if self._is_quiet() else (loop.time() - began) * self._rest
            loop.call_later(min(rest, self._longest_rest), self._free.release)


class Turns:
    """Lets one request run at a time for each key, and a limited number for all keys together."""

    def __init__(self, at_once: int, seconds: float) -> None:
        """`seconds` is how long a request waits for a turn."""
        self._places = asyncio.Semaphore(at_once)
        self._seconds = seconds
        # A key is forgotten when nobody has it or waits for it.
        self._locks: WeakValueDictionary[Hashable, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def turn(self, key: Hashable) -> AsyncIterator[None]:
        """Wait for a turn and have it; raise TimeoutError when it does not come in time."""
        lock = self._locks.setdefault(key, asyncio.Lock())
        async with AsyncExitStack() as held:
            async with asyncio.timeout(self._seconds):
                await held.enter_async_context(lock)
                await held.enter_async_context(self._places)
            yield
