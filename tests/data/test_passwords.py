"""Passwords are hashed in a few threads, and waiting for one is limited."""

import asyncio
import threading
from collections.abc import Iterator

import pytest

from app.data import passwords
from app.data.errors import BusyError
from app.data.passwords import Passwords


class SlowHasher:
    """Hashes until the test lets it finish, and verifies immediately."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def hash(self, password: str) -> str:
        assert self.goes_on.wait(30)
        return password

    def verify(self, hashed: str, password: str) -> bool:
        return hashed == password


@pytest.fixture
def slow_hasher(monkeypatch: pytest.MonkeyPatch) -> Iterator[SlowHasher]:
    hasher = SlowHasher()
    hasher.goes_on.set()
    monkeypatch.setattr(passwords, "HASHER", hasher)
    yield hasher
    hasher.goes_on.set()


async def test_sign_ups_leave_a_thread_for_sign_ins(
    slow_hasher: SlowHasher,
) -> None:
    hashing = Passwords()
    slow_hasher.goes_on.clear()
    signing_up = [asyncio.create_task(hashing.hash_for_sign_up("new")) for _ in range(10)]
    await asyncio.sleep(0)

    assert await hashing.verify("right", "right")
    assert not any(task.done() for task in signing_up)
    slow_hasher.goes_on.set()
    assert await asyncio.gather(*signing_up) == ["new"] * 10
    hashing.close()


async def test_waiting_for_a_hash_times_out(
    slow_hasher: SlowHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    hashing = Passwords()
    slow_hasher.goes_on.clear()
    first = asyncio.create_task(hashing.hash_for_sign_up("first"))
    await asyncio.sleep(0)

    with pytest.raises(BusyError):
        await hashing.hash_for_sign_up("second")
    slow_hasher.goes_on.set()
    assert await first == "first"
    hashing.close()
