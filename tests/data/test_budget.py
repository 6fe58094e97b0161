"""A budget: one at a time, and only for a share of the time. The clock is set by the tests."""

import asyncio
from dataclasses import dataclass

import pytest

from app.data.turns import Budget


@dataclass
class Clock:
    """What the event loop takes for the time, in seconds."""

    now: float = 1000.0

    def time(self) -> float:
        return self.now

    async def advance(self, seconds: float) -> None:
        """Let time pass, and run the tasks that are due."""
        self.now += seconds
        for _ in range(5):
            await asyncio.sleep(0)


@pytest.fixture
async def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    clock = Clock()
    monkeypatch.setattr(asyncio.get_running_loop(), "time", clock.time)
    return clock


async def use(budget: Budget, clock: Clock, seconds: float) -> None:
    async with budget.place():
        clock.now += seconds


async def test_it_rests_so_long_that_the_share_is_kept(clock: Clock) -> None:
    budget = Budget(share=1 / 4, seconds=60, longest_rest=60)
    await use(budget, clock, seconds=2)
    after = asyncio.create_task(use(budget, clock, seconds=0))
    await clock.advance(5.9)
    assert not after.done()
    await clock.advance(0.2)
    assert after.done()


async def test_it_rests_only_while_it_is_not_quiet(clock: Clock) -> None:
    quiet = [True, False]
    budget = Budget(share=1 / 4, seconds=60, longest_rest=60, is_quiet=lambda: quiet.pop(0))
    await use(budget, clock, seconds=2)
    await clock.advance(0)
    await use(budget, clock, seconds=2)
    after = asyncio.create_task(use(budget, clock, seconds=0))
    await clock.advance(5.9)
    assert not after.done()
    quiet.append(True)
    await clock.advance(0.2)
    assert after.done()


async def test_it_rests_no_longer_than_somebody_waits(clock: Clock) -> None:
    budget = Budget(share=1 / 4, seconds=2, longest_rest=1)
    await use(budget, clock, seconds=30)
    after = asyncio.create_task(use(budget, clock, seconds=0))
    await clock.advance(1.1)
    await after


async def test_anyone_who_waits_too_long_is_refused_and_the_next_gets_in(clock: Clock) -> None:
    budget = Budget(share=1, seconds=2, longest_rest=1)
    async with budget.place():
        refused = asyncio.create_task(use(budget, clock, seconds=0))
        await clock.advance(0)
        await clock.advance(2.1)
        with pytest.raises(TimeoutError):
            await refused
    await use(budget, clock, seconds=0)


async def test_an_error_inside_ends_the_place(clock: Clock) -> None:
    budget = Budget(share=1, seconds=2, longest_rest=1)
    with pytest.raises(ValueError, match="no such word"):
        async with budget.place():
            raise ValueError("no such word")
    await clock.advance(0)
    await use(budget, clock, seconds=0)
