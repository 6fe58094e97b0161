"""Identical reads share a run, but never one that began before they arrived."""

import asyncio

import pytest

from app.data.batching import SharedReads


class Snapshots:
    """Runs that the test ends, numbered in the order of their start."""

    def __init__(self) -> None:
        self.begun: list[tuple[str, asyncio.Future[str]]] = []
        self.changed = asyncio.Event()

    def read(self, reads: SharedReads, key: str) -> "asyncio.Task[str]":
        return asyncio.create_task(reads.read(key, lambda: self.run(key)))

    async def run(self, key: str) -> str:
        outcome: asyncio.Future[str] = asyncio.get_running_loop().create_future()
        self.begun.append((key, outcome))
        self.changed.set()
        return await outcome

    async def nth(self, number: int) -> asyncio.Future[str]:
        async with asyncio.timeout(5):
            while len(self.begun) < number:
                self.changed.clear()
                await self.changed.wait()
        return self.begun[number - 1][1]


@pytest.fixture
def snapshots() -> Snapshots:
    return Snapshots()


@pytest.fixture
def reads() -> SharedReads:
    return SharedReads()


async def test_a_read_never_shares_an_earlier_run(snapshots: Snapshots, reads: SharedReads) -> None:
    early = snapshots.read(reads, "list")
    first = await snapshots.nth(1)
    late = [snapshots.read(reads, "list") for _ in range(3)]
    await asyncio.sleep(0)
    first.set_result("old")
    second = await snapshots.nth(2)
    assert await early == "old"
    second.set_result("new")
    assert await asyncio.gather(*late) == ["new"] * 3
    assert len(snapshots.begun) == 2, "the three shared one run"


async def test_different_reads_do_not_wait_for_each_other(
    snapshots: Snapshots, reads: SharedReads
) -> None:
    one = snapshots.read(reads, "one")
    other = snapshots.read(reads, "other")
    await snapshots.nth(2)
    snapshots.begun[1][1].set_result("other's")
    assert await other == "other's"
    snapshots.begun[0][1].set_result("one's")
    assert await one == "one's"


async def test_a_failed_run_fails_its_readers_only(
    snapshots: Snapshots, reads: SharedReads
) -> None:
    early = snapshots.read(reads, "list")
    first = await snapshots.nth(1)
    late = snapshots.read(reads, "list")
    await asyncio.sleep(0)
    first.set_exception(OSError("gone"))
    with pytest.raises(OSError, match="gone"):
        await early
    (await snapshots.nth(2)).set_result("back")
    assert await late == "back"


async def test_a_cancelled_read_does_not_affect_others(
    snapshots: Snapshots, reads: SharedReads
) -> None:
    gone = snapshots.read(reads, "list")
    first = await snapshots.nth(1)
    stays = snapshots.read(reads, "list")
    await asyncio.sleep(0)
    gone.cancel()
    first.set_result("old")
    (await snapshots.nth(2)).set_result("new")
    assert await stays == "new"


async def test_nothing_is_kept_after_the_last_read(
    snapshots: Snapshots, reads: SharedReads
) -> None:
    for number in (1, 2):
        reader = snapshots.read(reads, "list")
        (await snapshots.nth(number)).set_result(f"run {number}")
        assert await reader == f"run {number}"
