"""Places and Turns limit how many tasks run at once, and how long the others wait."""

import asyncio

import pytest

from app.data.turns import Places, Turns


async def test_a_limited_number_of_tasks_runs_at_once() -> None:
    places = Places(at_once=2, seconds=5)
    inside: list[int] = []
    leave = [asyncio.Event() for _ in range(3)]

    async def enter(number: int) -> None:
        async with places.place():
            inside.append(number)
            await leave[number].wait()

    entering = [asyncio.create_task(enter(number)) for number in range(3)]
    await asyncio.sleep(0)
    assert inside == [0, 1]
    leave[0].set()
    await entering[0]
    await asyncio.sleep(0)
    assert inside == [0, 1, 2]
    for event in leave:
        event.set()
    await asyncio.gather(*entering)


async def test_a_place_times_out_and_leaves_nothing_behind() -> None:
    places = Places(at_once=1, seconds=0.01)
    async with places.place():
        with pytest.raises(TimeoutError):
            async with places.place():
                pass
    async with places.place():
        pass


async def test_one_task_runs_for_each_key() -> None:
    turns = Turns(at_once=2, seconds=5)
    inside: list[str] = []
    leave = asyncio.Event()

    async def enter(key: str) -> None:
        async with turns.turn(key):
            inside.append(key)
            await leave.wait()

    entering = [asyncio.create_task(enter(key)) for key in ("jazz", "jazz", "jazz", "opera")]
    await asyncio.sleep(0)
    assert inside == ["jazz", "opera"]
    leave.set()
    await asyncio.gather(*entering)
    assert sorted(inside) == ["jazz", "jazz", "jazz", "opera"]


async def test_a_turn_times_out_and_leaves_nothing_behind() -> None:
    turns = Turns(at_once=1, seconds=0.01)
    async with turns.turn("jazz"):
        for key in ("jazz", "opera"):
            with pytest.raises(TimeoutError):
                async with turns.turn(key):
                    pass
    async with turns.turn("jazz"):
        pass
    async with turns.turn("opera"):
        pass


async def test_an_error_ends_the_turn() -> None:
    turns = Turns(at_once=1, seconds=1)
    with pytest.raises(ValueError, match="sold"):
        async with turns.turn("jazz"):
            raise ValueError("sold")
    async with turns.turn("jazz"):
        pass
