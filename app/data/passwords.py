"""Password hashing: argon2id, off the event loop, two at a time.

Parameters: OWASP Password Storage Cheat Sheet, argon2id with 19 MiB, two passes.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError

from app.data.errors import BusyError
from app.data.turns import Places

P = ParamSpec("P")
T = TypeVar("T")

AT_ONCE = 2
# Of these, sign-ups take at most this many, so that sign-ins always find one.
SIGN_UPS_AT_ONCE = 1
# After waiting this long for a place, a request is answered with 503.
WAIT_SECONDS = 3

HASHER = PasswordHasher(time_cost=2, memory_cost=19 * 1024, parallelism=1)


class Passwords:
    """Hashes and verifies passwords without stopping the event loop."""

    def __init__(self) -> None:
        self._threads = ThreadPoolExecutor(AT_ONCE, thread_name_prefix="password")
        # At most as many hashes run as there are threads; all others wait here, for a limited time.
        self._sign_ins = Places(AT_ONCE, WAIT_SECONDS)
        self._sign_ups = Places(SIGN_UPS_AT_ONCE, WAIT_SECONDS)
        # Verified when nobody has the phone, so that this takes as long as a wrong password.
        self._nobody = HASHER.hash("nobody has this password")

    async def hash(self, password: str) -> str:
        """Return the encoded hash of a password that a signed-in user chooses."""
        return await self._run(self._sign_ins, HASHER.hash, password)

    async def hash_for_sign_up(self, password: str) -> str:
        """Return the encoded hash of a password that somebody chooses when signing up."""
        return await self._run(self._sign_ups, HASHER.hash, password)

    async def verify(self, hashed: str | None, password: str) -> bool:
        """Say whether the password is right; False, after the same time, when there is no hash."""
        right = await self._run(self._sign_ins, _verify, hashed or self._nobody, password)
        return right and hashed is not None

    def close(self) -> None:
        """Wait for what is being hashed."""
        self._threads.shutdown()

    async def _run(
        self, places: Places, work: Callable[P, T], *args: P.args, **kwargs: P.kwargs
    ) -> T:
        try:
            async with places.place():
                loop = asyncio.get_running_loop()
                return await loop.run_in_executor(self._threads, lambda: work(*args, **kwargs))
        except TimeoutError:
            raise BusyError from None


def outdated(hashed: str) -> bool:
    """Say whether a hash was made with other parameters than new ones are."""
    return HASHER.check_needs_rehash(hashed)


def _verify(hashed: str, password: str) -> bool:
    try:
        return HASHER.verify(hashed, password)
    except (VerificationError, InvalidHashError):
        return False
