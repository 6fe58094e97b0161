"""What one API process shares between its requests."""

from collections.abc import AsyncIterator, Awaitable, Callable, Hashable, Sequence
from contextlib import asynccontextmanager
from decimal import Decimal
from typing import NamedTuple, TypeVar

import asyncpg

from app.data.batching import Batches, Failure, QueueFull, SharedReads
from app.data.database import Database
from app.data.errors import BusyError, DatabaseAwayError
from app.data.passwords import Passwords
from app.data.turns import Places, Turns
from app.metrics import BATCHES, WAITING
from app.settings import Settings

# How many statements at once may wait for a locked event: bookings of slow events, other changes.
SLOW_BOOKINGS = 2
SLOW_CHANGES = 2
# How many sign-ins at once are counted, and how many admins at once search.
COUNTED_ATTEMPTS = 2
ADMIN_SEARCHES = 2
TURN_SECONDS = 1
# A sign-in may wait longer for its turn than a change to a locked event.
ATTEMPT_SECONDS = 4

Result = TypeVar("Result")


class BookingRequest(NamedTuple):
    """A booking_request of the database: its fields, in their order."""

    user_id: int
    event_id: int
    quantity: int
    idempotency_key: str | None
    booked_by: int
    expected_total: Decimal | None


class Application:
    """What one API process shares between its requests; no state that another would miss."""

    def __init__(self, settings: Settings, database: Database, passwords: Passwords) -> None:
        self.settings = settings
        self.database = database
        self.passwords = passwords
        self.bookings = Batches(
            self._book,
            failure=_failure,
            key=lambda request: request.event_id,
            repeatable=lambda request: request.idempotency_key is not None,
            began=_recorder("bookings"),
            slow_lanes=SLOW_BOOKINGS,
        )
        self.sessions = Batches(
            self._find_sessions,
            failure=_failure,
            began=_recorder("sessions"),
        )
        self.reads = SharedReads()
        self._changes = Turns(SLOW_CHANGES, TURN_SECONDS)
        self._attempts = Turns(COUNTED_ATTEMPTS, ATTEMPT_SECONDS)
        self._searches = Places(ADMIN_SEARCHES, TURN_SECONDS)

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Application"]:
        """Connect; when leaving, answer what was begun and disconnect."""
        async with Database.connect(settings.database_url.get_secret_value()) as database:
            passwords = Passwords()
            application = cls(settings, database, passwords)
            yield application
            await application.bookings.drain()
            await application.sessions.drain()
            passwords.close()

    async def book(self, request: BookingRequest) -> asyncpg.Record:
        """Return what book_tickets() answers to this request: a booking or a refusal."""
        if not self.settings.batching:
            return (await self._book([request]))[0]
        try:
            return await self.bookings.submit(request)
        except QueueFull:
            raise BusyError from None

    @asynccontextmanager
    async def change(self, event_id: int | None) -> AsyncIterator[None]:
        """Take a turn at changing what an event's lock protects.

        The database would let one in at a time, too, but each of the others with a connection.
        """
        try:
            async with self._changes.turn(event_id):
                yield
        except TimeoutError:
            raise BusyError from None

    @asynccontextmanager
    async def sign_in_attempt(self, address: Hashable) -> AsyncIterator[None]:
        """Take a turn at counting a sign-in attempt from an address.

        The database counts one at a time as well, but there each of the others would hold a
        connection while it waits.
        """
        try:
            async with self._attempts.turn(address):
                yield
        except TimeoutError:
            raise BusyError from None

    @asynccontextmanager
    async def searching(self, search: str | None) -> AsyncIterator[None]:
        """Let few admins search at once, so that connections are left for everybody else."""
        if search is None:
            yield
            return
        try:
            async with self._searches.place():
                yield
        except TimeoutError:
            raise BusyError from None

    async def find_session(self, token_hash: bytes) -> asyncpg.Record | None:
        """Return the session with this hash and its user, if it has not expired."""
        if not self.settings.batching:
            return (await self._find_sessions([token_hash]))[0]
        try:
            return await self.sessions.submit(token_hash)
        except QueueFull:
            raise BusyError from None

    async def share(self, key: Hashable, read: Callable[[], Awaitable[Result]]) -> Result:
        """Return what a read returns, from a run that identical reads may share."""
        if not self.settings.batching:
            return await read()
        return await self.reads.read(key, read)

    async def _book(self, requests: Sequence[BookingRequest]) -> Sequence[asyncpg.Record]:
        return await self.database.rows("book_tickets", list(requests))

    async def _find_sessions(self, hashes: Sequence[bytes]) -> Sequence[asyncpg.Record | None]:
        rows = await self.database.rows("find_sessions", list(set(hashes)))
        found = {row["token_hash"]: row for row in rows}
        return [found.get(token_hash) for token_hash in hashes]


def _recorder(batch: str) -> Callable[[int, int], None]:
    """Return what records the batches of this name."""
    sizes, still_waiting = BATCHES.labels(batch), WAITING.labels(batch)

    def record(size: int, waiting: int) -> None:
        sizes.observe(size)
        still_waiting.set(waiting)

    return record


def _failure(error: Exception) -> Failure:
    """Say what a failed batch calls for."""
    if isinstance(error, asyncpg.LockNotAvailableError):
        return Failure.SPLIT_BY_KEY
    if isinstance(error, asyncpg.QueryCanceledError):
        return Failure.GIVE_UP
    if isinstance(error, DatabaseAwayError):
        return Failure.RETRY
    if isinstance(error, BusyError):
        return Failure.GIVE_UP
    if isinstance(error, asyncpg.PostgresError) and (error.sqlstate or "")[:2] in {"08", "57"}:
        return Failure.RETRY
    return Failure.SPLIT
