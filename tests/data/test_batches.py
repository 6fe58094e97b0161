"""Batches sends requests that arrive during a statement as the next one, in order of arrival."""

import asyncio

from app.data.batching import Batches
from tests.data.fake_database import (
    FakeDatabase,
    answers,
    assert_refused,
    send,
)


async def test_a_single_request_is_sent_immediately(
    database: FakeDatabase, batches: Batches[str, str]
) -> None:
    tasks = await send(batches, "a1")
    statement = await database.next()
    assert statement.requests == ["a1"]
    statement.succeed()
    assert await answers(tasks) == ["a1 done"]


async def test_later_requests_share_the_next_batch_in_order_of_arrival(
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


async def test_a_cancelled_waiting_request_is_not_run(
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


async def test_a_request_in_flight_completes_after_its_client_left(
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


async def test_a_full_queue_refuses_new_requests_only(
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


async def test_draining_refuses_new_requests_and_answers_accepted_ones(
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
