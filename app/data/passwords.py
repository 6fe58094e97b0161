"""Password hashing: argon2id, off the event loop, a few at a time.

Parameters: OWASP Password Storage Cheat Sheet, argon2id with 19 MiB, two passes.
"""

import asyncio
import os
import sys
import threading
import unicodedata
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from enum import Enum, auto
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.data.errors import BusyError
from app.data.turns import Places

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 2
# People who choose a password without being signed in have threads of their own, so that sign-ins
# never wait for them.
CHOSEN_AT_ONCE = 1
# How much less of a busy processor those threads get, as the command nice(1) counts.
CHOSEN_NICENESS = 10
# After waiting this long for a place, a request is answered with 503.
WAIT_SECONDS = 3

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Verdict(Enum):
    """The result of checking a password."""

    WRONG = auto()
    RIGHT = auto()
    # Right, but its hash was made with other parameters, or before passwords were normalised.
    OUTDATED = auto()


class Hashing:
    """Some threads that hash. At most as many hashes run; others wait here, for a limited time."""

    def __init__(self, threads: ThreadPoolExecutor, at_once: int) -> None:
        self._threads = threads
        self._places = Places(at_once, WAIT_SECONDS)

    async def run(self, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Do the work in a thread; raise BusyError when none becomes free in time."""
        try:
            async with self._places.place():
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        except TimeoutError:
            raise BusyError from None

    def close(self) -> None:
        """Wait for the work in progress."""
        self._threads.shutdown()


class Passwords:
    """Hashes and verifies passwords without stopping the event loop."""

    def __init__(self) -> None:
        self._sign_ins = Hashing(ThreadPoolExecutor(AT_ONCE, "password"), AT_ONCE)
        chosen = ThreadPoolExecutor(CHOSEN_AT_ONCE, "chosen-password", _yield_to_others)
        self._chosen = Hashing(chosen, CHOSEN_AT_ONCE)
        # Verified when nobody has the phone, so that this takes as long as a wrong password.
        self._nobody = HASHER.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the encoded hash of a password that a signed-in user chooses."""
        return await self._sign_ins.run(hash_password, password)

    async def hash_for_anyone(self, password: str) -> str:
        """Return the encoded hash of a password that somebody chooses who is not signed in."""
        return await self._chosen.run(hash_password, password)

    async def verify(self, hashed: str | None, password: str) -> Verdict:
        """Say whether the password is right; WRONG, after the same time, when there is no hash."""
        verdict = await self._sign_ins.run(_verify, hashed or self._nobody, password)
        return verdict if hashed is not None else Verdict.WRONG

    def close(self) -> None:
        """Wait for the hashes in progress."""
        self._sign_ins.close()
        self._chosen.close()


def normalised(password: str) -> str:
    """Return the password in the form that is hashed.

    Keyboards differ in how they write one character, such as ü: RFC 8265 and NIST SP 800-63B ask
    for a normal form before hashing. NFKC also joins full-width letters to ordinary ones.
    """
    return unicodedata.normalize("NFKC", password)


def hash_password(password: str) -> str:
    """Return the encoded hash of a password. This takes some 20 ms."""
    return HASHER.hash(normalised(password))


def _verify(hashed: str, password: str) -> Verdict:
    if _is_right(hashed, normalised(password)):
        return Verdict.OUTDATED if HASHER.check_needs_rehash(hashed) else Verdict.RIGHT
    # Earlier releases hashed what was typed. For most passwords these forms are the one that was
    # tried; that others take longer says nothing about an account.
    typed = {password, unicodedata.normalize("NFD", password)} - {normalised(password)}
    if any(_is_right(hashed, form) for form in sorted(typed)):
        return Verdict.OUTDATED
    return Verdict.WRONG


def _is_right(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False


def _yield_to_others() -> None:
    """Give this thread less of a busy processor, on Linux, where a thread has its own priority."""
    if sys.platform == "linux":
        thread = threading.get_native_id()
        niceness = os.getpriority(os.PRIO_PROCESS, thread) + CHOSEN_NICENESS
        os.setpriority(os.PRIO_PROCESS, thread, min(niceness, 19))
