"""Batches: natural batching of writes, with a fake database whose statements the test ends."""

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


@pytest.fixture
def database() -> FakeDatabase:
    return FakeDatabase()


@pytest.fixture
def batches(database: FakeDatabase) -> Batches[str, str]:
    return Batches(
        database.run,
        failure=lambda error: FAILURES.get(type(error), Failure.GIVE_UP),
        key=lambda request: request[0],
        repeatable=lambda request: not request.endswith("!"),
        largest=4,
        most_waiting=10,
    )


async def send(batches: Batches[str, str], *requests: str) -> list[asyncio.Task[str]]:
    """Submit requests in this order; they are taken before this returns."""
    tasks = [asyncio.create_task(batches.submit(request)) for request in requests]
    await asyncio.sleep(0)  # every new task runs to where it waits
    return tasks


async def answers(tasks: Sequence[asyncio.Task[str]]) -> list[str | BaseException]:
    async with asyncio.timeout(5):
        return await asyncio.gather(*tasks, return_exceptions=True)


async def assert_refused(batches: Batches[str, str], request: str) -> None:
    async with asyncio.timeout(5):
        with pytest.raises(QueueFull):
            await batches.submit(request)


async def test_a_lone_request_goes_at_once_and_alone(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1")
    statement = await database.next()
    assert statement.requests == ["a1"]
    statement.succeed()
    assert await answers(tasks) == ["a1 done"]


async def test_whoever_arrives_meanwhile_goes_in_the_next_batch_in_order_of_arrival(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    first = await send(batches, "a1")
    statement = await database.next()
    rest = await send(batches, "b1", "a2", "c1", "a3", "b2")
    assert database.begun.empty(), "only one batch is in flight"
    statement.succeed()
    second = await database.next()
    assert second.requests == ["b1", "a2", "c1", "a3"], "up to the largest batch"
    second.succeed()
    third = await database.next()
    assert third.requests == ["b2"]
    third.succeed()
    assert await answers(first + rest) == [
        f"{request} done" for request in ("a1", "b1", "a2", "c1", "a3", "b2")
    ]


async def test_a_cancelled_waiting_request_is_not_run_and_touches_no_other(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    (first,) = await send(batches, "a1")
    statement = await database.next()
    gone, stays = await send(batches, "a2", "a3")
    gone.cancel()
    await asyncio.wait([gone])
    statement.succeed()
    second = await database.next()
    assert second.requests == ["a3"]
    second.succeed()
    assert await answers([first, stays]) == ["a1 done", "a3 done"]


async def test_a_request_whose_client_left_in_flight_is_still_carried_out(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    gone, stays = await send(batches, "a1", "a2")
    statement = await database.next()
    assert statement.requests == ["a1", "a2"]
    gone.cancel()
    await asyncio.wait([gone])
    statement.succeed()
    assert await answers([stays]) == ["a2 done"]
    again = await send(batches, "a3")
    (await database.next()).succeed()
    assert await answers(again) == ["a3 done"]


async def test_a_poisoned_request_hurts_only_itself(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1", "bad", "a2")
    (await database.next()).fail(PoisonError("together"))
    for _ in tasks:
        statement = await database.next()
        assert len(statement.requests) == 1, "each is tried alone, once"
        if statement.requests == ["bad"]:
            statement.fail(PoisonError("alone"))
        else:
            statement.succeed()
    good, bad, other = await answers(tasks)
    assert (good, other) == ("a1 done", "a2 done")
    assert isinstance(bad, PoisonError)
    assert str(bad) == "alone"


async def test_a_locked_key_is_parted_and_the_others_go_on(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1", "b1", "a2")
    together = await database.next()
    queued = await send(batches, "a3", "c1")
    together.fail(LockTimeoutError())
    apart: dict[str, Statement] = {}
    while len(apart) < 3:
        statement = await database.next()
        apart[statement.requests[0][0]] = statement
    assert apart["a"].requests == ["a1", "a2", "a3"], "what waited for the key goes with it"
    assert apart["b"].requests == ["b1"]
    assert apart["c"].requests == ["c1"], "the main lane does not wait"
    apart["b"].succeed()
    apart["c"].succeed()
    late = await send(batches, "a4", "b2")
    statement = await database.next()
    assert statement.requests == ["b2"], "the locked key's requests wait in a lane of their own"
    statement.succeed()
    apart["a"].fail(LockTimeoutError())
    statement = await database.next()
    assert statement.requests == ["a4"]
    statement.succeed()
    results = await answers([*tasks, *queued, *late])
    assert [str(result) or type(result).__name__ for result in results] == [
        "LockTimeoutError",
        "b1 done",
        "LockTimeoutError",
        "LockTimeoutError",
        "c1 done",
        "a4 done",
        "b2 done",
    ]


async def test_a_key_stays_apart_until_it_is_free_again(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1")
    (await database.next()).fail(LockTimeoutError())
    (await database.next()).fail(LockTimeoutError())
    await answers(tasks)

    locked = await send(batches, "a2", "b1")
    statements = [await database.next(), await database.next()]
    assert sorted(statement.requests for statement in statements) == [["a2"], ["b1"]]
    for statement in statements:
        statement.succeed()
    await answers(locked)

    free = await send(batches, "a3", "b2")
    statement = await database.next()
    assert statement.requests == ["a3", "b2"], "after a success it is batched with the others"
    statement.succeed()
    await answers(free)


async def test_after_a_lost_connection_only_repeatable_requests_are_repeated_once(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1", "once!", "a2")
    (await database.next()).fail(ConnectionLostError())
    again = await database.next()
    assert again.requests == ["a1", "a2"]
    again.succeed()
    first, once, second = await answers(tasks)
    assert (first, second) == ("a1 done", "a2 done")
    assert isinstance(once, ConnectionLostError), "never a guess"

    tasks = await send(batches, "a3")
    (await database.next()).fail(ConnectionLostError())
    (await database.next()).fail(ConnectionLostError())
    (lost,) = await answers(tasks)
    assert isinstance(lost, ConnectionLostError)


async def test_a_full_queue_refuses_and_those_inside_still_finish(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    inside = await send(batches, *(f"a{number}" for number in range(10)))
    await assert_refused(batches, "a10")
    served = 0
    while served < 10:
        statement = await database.next()
        served += len(statement.requests)
        statement.succeed()
    assert await answers(inside) == [f"a{number} done" for number in range(10)]
    again = await send(batches, *(f"a{number}" for number in range(10)))
    assert len((await database.next()).requests) == 4
    for task in again:
        task.cancel()


async def test_a_locked_key_cannot_fill_the_queue_for_the_others(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    first = await send(batches, "a1")
    (await database.next()).fail(LockTimeoutError())
    apart = await database.next()
    waiting = await send(batches, "a2", "a3", "a4", "a5")
    await assert_refused(batches, "a6")
    other = await send(batches, "b1")
    (await database.next()).succeed()
    assert await answers(other) == ["b1 done"]
    apart.succeed()
    (await database.next()).succeed()
    assert await answers([*first, *waiting]) == [f"a{number} done" for number in range(1, 6)]


async def test_draining_refuses_new_requests_and_answers_those_taken(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1", "a2", "a3", "a4", "a5")
    draining = asyncio.create_task(batches.drain())
    statement = await database.next()
    await assert_refused(batches, "a6")
    assert not draining.done()
    statement.succeed()
    (await database.next()).succeed()
    assert await answers(tasks) == [f"a{number} done" for number in range(1, 6)]
    async with asyncio.timeout(5):
        await draining


async def test_an_unforeseen_error_in_the_loop_leaves_nobody_waiting_and_the_loop_alive(
    database: FakeDatabase,
) -> None:
    def broken(error: Exception) -> Failure:
        raise RuntimeError("the failure's failure")

    batches = Batches(database.run, failure=broken)
    tasks = await send(batches, "a1", "a2")
    (await database.next()).fail(PoisonError())
    assert [type(result) for result in await answers(tasks)] == [RuntimeError, RuntimeError]
    again = await send(batches, "a3")
    (await database.next()).succeed()
    assert await answers(again) == ["a3 done"]


async def test_too_few_results_are_an_error_and_not_an_endless_wait(
    batches: Batches[str, str], database: FakeDatabase
) -> None:
    tasks = await send(batches, "a1", "a2")
    (await database.next()).outcome.set_result(["only one"])
    first, second = await answers(tasks)
    assert first == "only one"
    assert isinstance(second, ValueError)
