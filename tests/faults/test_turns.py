"""Turns at a locked event: one at a time for each, few for all, and nobody waits for ever."""

import asyncio

import pytest

from app.data.turns import Turns


async def test_one_key_lets_one_in_and_leaves_room_for_others() -> None:
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


async def test_who_waits_too_long_is_told_and_takes_nothing() -> None:
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


async def test_an_error_inside_ends_the_turn() -> None:
    turns = Turns(at_once=1, seconds=1)
    with pytest.raises(ValueError, match="sold"):
        async with turns.turn("jazz"):
            raise ValueError("sold")
    async with turns.turn("jazz"):
        pass
