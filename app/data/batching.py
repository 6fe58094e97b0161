"""Two ways of sharing database work between requests; neither knows what the work is.

`Batches` runs requests that each have their own arguments, such as bookings and look-ups of
sessions. A lane is a queue that runs one batch at a time. Requests that arrive meanwhile go into
its next batch. There is no timer: a request that arrives alone runs at once, alone. The more
requests arrive, the more of them share a statement and its commit.

`SharedReads` runs identical reads: those that arrive while one is running share the *next* run,
never the one already begun. So each answer comes from a snapshot taken after its request arrived;
there is no cache, and nothing to invalidate.
"""

import asyncio
from collections import deque
from collections.abc import Awaitable, Callable, Hashable, Sequence
from dataclasses import dataclass, field
from enum import Enum, auto
from typing import Any, Generic, TypeVar

Request = TypeVar("Request")
Result = TypeVar("Result")


class QueueFull(Exception):  # noqa: N818  (like asyncio.QueueFull)
    """The queue has no room for another request, or the process is ending."""


class Failure(Enum):
    """What to do with the requests of a batch that failed."""

    # The batch waited too long for a lock. Its requests move to slow lanes, one for each `key`
    # (such as an event, see Batches), and run there again.
    SPLIT_BY_KEY = auto()
    # One of the requests may be the cause. Each is tried once more, alone.
    SPLIT = auto()
    # The batch may or may not have been committed. Repeatable requests are tried once more.
    RETRY = auto()
    # Every request of the batch fails with the error.
    GIVE_UP = auto()


@dataclass(eq=False)
class _Waiting(Generic[Request, Result]):
    request: Request
    result: asyncio.Future[Result]


@dataclass(eq=False)
class _Lane(Generic[Request, Result]):
    """A queue with at most one batch in flight."""

    waiting: deque[_Waiting[Request, Result]] = field(default_factory=deque)
    worker: asyncio.Task[None] | None = None


class Batches(Generic[Request, Result]):
    """Runs requests in batches. Each lane runs its requests in the order in which they arrive.

    `run` runs a whole batch and returns one result for each request, in order. When a batch of the
    main lane fails the first time, `failure` chooses what to do; in a slow lane, and on a second
    attempt, its requests fail with the error. `key` returns what a request may have to wait for,
    such as its event. After a batch has waited too long, each of its keys gets a separate lane, so
    that requests with other keys do not wait behind it. The lane is removed when a batch of it has
    succeeded and no request waits in it. `repeatable` returns whether a request may be run again
    when its first run may have been committed. `began` is called with the size of each batch and
    with the number of all other requests that are not answered yet.
    """

    def __init__(
        self,
        run: Callable[[Sequence[Request]], Awaitable[Sequence[Result]]],
        *,
        failure: Callable[[Exception], Failure] = lambda _: Failure.GIVE_UP,
        key: Callable[[Request], Hashable] = lambda _: None,
        repeatable: Callable[[Request], bool] = lambda _: True,
        began: Callable[[int, int], None] = lambda size, waiting: None,
        largest: int = 200,
        most_waiting: int = 2000,
        slow_lanes: int = 2,
    ) -> None:
        self._run = run
        self._failure = failure
        self._key = key
        self._repeatable = repeatable
        self._began = began
        self._largest = largest
        self._most_waiting = most_waiting
        self._main: _Lane[Request, Result] = _Lane()
        self._slow: dict[Hashable, _Lane[Request, Result]] = {}
        self._slow_at_once = asyncio.Semaphore(slow_lanes)
        self._count = 0
        self._closed = False

    async def submit(self, request: Request) -> Result:
        """Return the result of this request, or raise the error of its batch.

        Raises QueueFull when there is no room for it, or when the process is ending. A request that
        is cancelled before its batch begins does not run. One that is cancelled later runs, and its
        result is dropped.
        """
        lane = self._slow.get(self._key(request), self._main)
        # While an event stays locked, each batch of its slow lane runs until the lock timeout. So a
        # slow lane takes no more waiting requests than fit into its next batch.
        most = self._most_waiting if lane is self._main else self._largest
        if self._closed or self._count >= self._most_waiting or len(lane.waiting) >= most:
            raise QueueFull
        waiting = _Waiting[Request, Result](request, asyncio.get_running_loop().create_future())
        self._put(lane, waiting)
        self._count += 1
        try:
            return await waiting.result
        finally:
            self._count -= 1

    async def drain(self) -> None:
        """Refuse new requests, and return when all earlier ones are answered."""
        self._closed = True
        while workers := [lane.worker for lane in self._lanes() if lane.worker]:
            await asyncio.wait(workers)

    def _lanes(self) -> list[_Lane[Request, Result]]:
        return [self._main, *self._slow.values()]

    def _put(self, lane: _Lane[Request, Result], waiting: _Waiting[Request, Result]) -> None:
        lane.waiting.append(waiting)
        if lane.worker is None:
            lane.worker = asyncio.create_task(self._work(lane, self._key(waiting.request)))

    def _take(self, lane: _Lane[Request, Result]) -> list[_Waiting[Request, Result]]:
        batch: list[_Waiting[Request, Result]] = []
        while lane.waiting and len(batch) < self._largest:
            waiting = lane.waiting.popleft()
            if not waiting.result.done():
                batch.append(waiting)
        return batch

    async def _work(self, lane: _Lane[Request, Result], key: Hashable) -> None:
        """Run a lane's requests until none is waiting; each gets a result or an error."""
        batch: list[_Waiting[Request, Result]] = []
        try:
            while batch := self._take(lane):
                try:
                    if lane is self._main:
                        await self._serve(batch)
                    else:
                        await self._serve_apart(batch, lane, key)
                except Exception as error:  # noqa: BLE001  (the requests get any error)
                    _fail(batch, error)
        finally:
            # Requests are left only when the process ends and cancels this task.
            for waiting in [*batch, *lane.waiting]:
                waiting.result.cancel()
            lane.worker = None

    async def _serve(self, batch: list[_Waiting[Request, Result]]) -> None:
        """Run a batch of the main lane; after a failure do what `failure` chooses.

        A batch of one request cannot be split. It fails with the error.
        """
        error = await self._attempt(batch)
        if error is None:
            return
        failure = self._failure(error)
        if failure is Failure.SPLIT_BY_KEY:
            self._part(batch)
        elif failure is Failure.SPLIT and len(batch) > 1:
            for waiting in batch:
                _fail([waiting], await self._attempt([waiting]))
        elif failure is Failure.RETRY:
            again = [waiting for waiting in batch if self._repeatable(waiting.request)]
            _fail([waiting for waiting in batch if waiting not in again], error)
            _fail(again, await self._attempt(again) if again else None)
        else:
            _fail(batch, error)

    async def _serve_apart(
        self, batch: list[_Waiting[Request, Result]], lane: _Lane[Request, Result], key: Hashable
    ) -> None:
        """Run a batch of a slow lane; remove the lane after a success when nothing waits in it."""
        async with self._slow_at_once:
            error = await self._attempt(batch)
        _fail(batch, error)
        if error is None and not lane.waiting:
            del self._slow[key]

    def _part(self, batch: list[_Waiting[Request, Result]]) -> None:
        """Move the batch, and waiting requests with the same keys, to one slow lane per key."""
        for waiting in batch:
            self._slow.setdefault(self._key(waiting.request), _Lane())
        stay = deque[_Waiting[Request, Result]]()
        for waiting in [*batch, *self._main.waiting]:
            lane = self._slow.get(self._key(waiting.request))
            if lane is None:
                stay.append(waiting)
            else:
                self._put(lane, waiting)
        self._main.waiting = stay

    async def _attempt(self, batch: list[_Waiting[Request, Result]]) -> Exception | None:
        """Run a batch and deliver its results; return the error if it failed as a whole."""
        self._began(len(batch), self._count - len(batch))
        try:
            results = await self._run([waiting.request for waiting in batch])
            for waiting, result in zip(batch, results, strict=True):
                if not waiting.result.done():
                    waiting.result.set_result(result)
        except Exception as error:  # noqa: BLE001  (the requests get any error)
            return error
        return None


def _fail(batch: Sequence[_Waiting[Request, Result]], error: Exception | None) -> None:
    """Give the error, if there is one, to every request without an answer."""
    for waiting in batch:
        if error is not None and not waiting.result.done():
            waiting.result.set_exception(error)


class SharedReads:
    """Runs one read at a time for each key, and shares its result."""

    def __init__(self) -> None:
        self._waiting: dict[Hashable, list[asyncio.Future[Any]]] = {}
        self._workers: set[asyncio.Task[None]] = set()

    async def read(self, key: Hashable, run: Callable[[], Awaitable[Result]]) -> Result:
        """Return the result of a run that begins after this call.

        All callers that wait with this key get the same object, so do not change it. The same key
        must always mean the same read.
        """
        result: asyncio.Future[Result] = asyncio.get_running_loop().create_future()
        if key in self._waiting:
            self._waiting[key].append(result)
        else:
            self._waiting[key] = [result]
            worker = asyncio.create_task(self._work(key, run))
            self._workers.add(worker)
            worker.add_done_callback(self._workers.discard)
        return await result

    async def _work(self, key: Hashable, run: Callable[[], Awaitable[Any]]) -> None:
        results: list[asyncio.Future[Any]] = []
        try:
            while results := self._waiting[key]:
                self._waiting[key] = []
                await _tell(results, run)
        finally:
            # Readers are left only when the process ends and cancels this task.
            for result in [*results, *self._waiting.pop(key)]:
                result.cancel()


async def _tell(results: list[asyncio.Future[Any]], run: Callable[[], Awaitable[Any]]) -> None:
    """Run a read, and give its answer or its error to every reader that still waits."""
    try:
        answer = await run()
    except Exception as error:  # noqa: BLE001  (the readers get any error)
        for result in results:
            if not result.done():
                result.set_exception(error)
    else:
        for result in results:
            if not result.done():
                result.set_result(answer)
