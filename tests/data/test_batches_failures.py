"""Batches keeps a failing request or a locked key away from the other requests."""

from app.data.batching import Batches, Failure
from tests.data.fake_database import (
    ConnectionLostError,
    FakeDatabase,
    LockTimeoutError,
    PoisonError,
    Statement,
    answers,
    assert_refused,
    send,
)


async def test_a_failing_request_does_not_affect_its_batch(
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


async def test_requests_of_a_locked_key_are_separated(
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


async def test_a_locked_key_stays_separate_until_it_is_free(
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


async def test_only_repeatable_requests_are_retried_after_a_lost_connection(
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


async def test_a_locked_key_does_not_fill_the_queue_of_others(
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


async def test_an_unexpected_error_is_answered_and_batching_goes_on(
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


async def test_too_few_results_are_an_error(
    batches: Batches[str, str], database: FakeDatabase
) -> None:
    tasks = await send(batches, "a1", "a2")
    (await database.next()).outcome.set_result(["only one"])
    first, second = await answers(tasks)
    assert first == "only one"
    assert isinstance(second, ValueError)
