"""Passwords are hashed in a few threads, and waiting for one is limited."""

import asyncio
import os
import sys
import threading
from collections.abc import Iterator

import pytest

from app.data import passwords
from app.data.errors import BusyError
from app.data.passwords import Passwords, Verdict


class SlowHasher:
    """Hashes until the test lets it finish, and verifies immediately."""

    def __init__(self) -> None:
        self.goes_on = threading.Event()

    def hash(self, password: str) -> str:
        assert self.goes_on.wait(30)
        return password

    def verify(self, hashed: str, password: str) -> bool:
        return hashed == password

    def check_needs_rehash(self, hashed: str) -> bool:
        return hashed == "old"


def niceness(_: str) -> str:
    """Return how nice this thread is, instead of a hash."""
    return str(os.getpriority(os.PRIO_PROCESS, threading.get_native_id()))


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
    signing_up = [asyncio.create_task(hashing.hash_for_anyone("new")) for _ in range(10)]
    await asyncio.sleep(0)

    assert await hashing.verify("right", "right") is Verdict.RIGHT
    assert not any(task.done() for task in signing_up)
    slow_hasher.goes_on.set()
    assert await asyncio.gather(*signing_up) == ["new"] * 10
    hashing.close()


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has priorities of threads")
async def test_hashing_for_people_who_sign_up_leaves_the_processor_to_others(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(passwords, "hash_password", niceness)
    hashing = Passwords()
    usual = os.getpriority(os.PRIO_PROCESS, 0)

    assert await hashing.hash("mine") == str(usual)
    nicer = min(usual + passwords.CHOSEN_NICENESS, 19)
    assert await hashing.hash_for_anyone("new") == str(nicer)
    assert await hashing.hash("mine") == str(usual)
    hashing.close()


async def test_waiting_for_a_hash_times_out(
    slow_hasher: SlowHasher, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(passwords, "WAIT_SECONDS", 0.05)
    hashing = Passwords()
    slow_hasher.goes_on.clear()
    first = asyncio.create_task(hashing.hash_for_anyone("first"))
    await asyncio.sleep(0)

    with pytest.raises(BusyError):
        await hashing.hash_for_anyone("second")
    slow_hasher.goes_on.set()
    assert await first == "first"
    hashing.close()


@pytest.mark.parametrize(
    ("set_as", "typed"),
    (
        ("Sch\u00f6n und gut", "Scho\u0308n und gut"),
        ("Scho\u0308n und gut", "Sch\u00f6n und gut"),
        ("\uff50\uff41\uff53\uff53word", "password"),
        ("\ufb01sh and chips", "fish and chips"),
        ("\u1112\u1161\u11ab\u1100\u1173\u11af", "\ud55c\uae00"),
    ),
)
async def test_a_password_is_the_same_from_every_keyboard(
    slow_hasher: SlowHasher, set_as: str, typed: str
) -> None:
    hashing = Passwords()
    hashed = await hashing.hash(set_as)

    assert await hashing.verify(hashed, typed) is Verdict.RIGHT
    assert await hashing.verify(hashed, set_as) is Verdict.RIGHT
    assert await hashing.verify(hashed, f"{typed}!") is Verdict.WRONG
    assert await hashing.verify(None, typed) is Verdict.WRONG
    hashing.close()


@pytest.mark.parametrize("typed", ("Sch\u00f6n", "Scho\u0308n"))
async def test_a_hash_of_an_earlier_release_is_right_and_outdated(
    slow_hasher: SlowHasher, typed: str
) -> None:
    hashing = Passwords()

    assert await hashing.verify("Scho\u0308n", typed) is Verdict.OUTDATED
    assert await hashing.verify("old", "old") is Verdict.OUTDATED
    hashing.close()
