"""What one API process shares between its requests."""

from collections.abc import AsyncIterator, Hashable
from contextlib import AsyncExitStack, asynccontextmanager
from functools import partial

import asyncpg
from starlette.requests import Request

from app.data.batching import Batches, SharedReads
from app.data.booking_queue import BookingRequest, book_tickets, booking_batches
from app.data.database import Database
from app.data.errors import BusyError
from app.data.passwords import Passwords
from app.data.seen_sessions import SeenSessions
from app.data.session_queue import find_sessions, session_batches
from app.data.turns import Budget, Places, Turns
from app.data.unbatched import Unbatched, UnsharedReads
from app.http.poster_pictures import PosterPictures
from app.settings import Settings

# How many statements at once may wait for a locked event, beside bookings.
SLOW_CHANGES = 2
# How many statements at once may count sign-in attempts, and how many searches of admins may run.
COUNTED_ATTEMPTS = 2
COUNTED_SIGN_UPS = 1
ADMIN_SEARCHES = 2
TURN_SECONDS = 1
# A sign-in may wait longer for its turn than a change to a locked event.
ATTEMPT_SECONDS = 4
# The share of the time in which calendars are written, and how many requests may wait for it. A
# calendar program can wait: it asks again within the hour.
CALENDAR_SHARE = 0.25
CALENDARS_WAITING = 20
CALENDAR_SECONDS = 5
LONGEST_REST = 0.5
# How many exports of personal data are made at once. Each takes a connection for long work.
PERSONAL_EXPORTS = 1
PERSONAL_EXPORT_SECONDS = 5


class Services:
    """What one API process shares between its requests. Other processes do not need this state."""

    bookings: Batches[BookingRequest, asyncpg.Record] | Unbatched[BookingRequest, asyncpg.Record]
    sessions: Batches[bytes, asyncpg.Record | None] | Unbatched[bytes, asyncpg.Record | None]
    reads: SharedReads | UnsharedReads

    def __init__(self, settings: Settings, database: Database, passwords: Passwords) -> None:
        self.settings = settings
        self.database = database
        self.passwords = passwords
        self.seen_sessions = SeenSessions(database)
        self.poster_pictures = PosterPictures()
        if settings.batching:
            self.bookings = booking_batches(database)
            self.sessions = session_batches(database)
            self.reads = SharedReads()
        else:
            self.bookings = Unbatched(partial(book_tickets, database))
            self.sessions = Unbatched(partial(find_sessions, database))
            self.reads = UnsharedReads()
        self._changes = Turns(SLOW_CHANGES, TURN_SECONDS)
        self._attempts = Turns(COUNTED_ATTEMPTS, ATTEMPT_SECONDS)
        self._sign_ups = Turns(COUNTED_SIGN_UPS, ATTEMPT_SECONDS)
        self._searches = Places(ADMIN_SEARCHES, TURN_SECONDS)
        self._calendars = Turns(CALENDARS_WAITING, CALENDAR_SECONDS)
        self._personal_exports = Turns(PERSONAL_EXPORTS, PERSONAL_EXPORT_SECONDS)
        self._calendar_budget = Budget(CALENDAR_SHARE, CALENDAR_SECONDS, LONGEST_REST)

    @classmethod
    @asynccontextmanager
    async def open(cls, settings: Settings) -> AsyncIterator["Services"]:
        """Connect; when leaving, finish what was begun and disconnect."""
        async with Database.connect(settings.database_url.get_secret_value()) as database:
            passwords = Passwords()
            services = cls(settings, database, passwords)
            yield services
            await services.bookings.drain()
            await services.sessions.drain()
            await services.seen_sessions.close()
            passwords.close()

    @asynccontextmanager
    async def turn_to_change(self, event_id: int | None) -> AsyncIterator[None]:
        """Take a turn at changing what an event's lock protects.

        The database would also let one in at a time, but each of the others would hold a
        connection while it waits.
        """
        try:
            async with self._changes.turn(event_id):
                yield
        except TimeoutError:
            raise BusyError from None

    @asynccontextmanager
    async def turn_to_sign_in(self, address: Hashable) -> AsyncIterator[None]:
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
    async def turn_to_sign_up(self, address: Hashable) -> AsyncIterator[None]:
        """Take a turn at counting a sign-up from an address; sign-ins have their own turns."""
        try:
            async with self._sign_ups.turn(address):
                yield
        except TimeoutError:
            raise BusyError from None

    @asynccontextmanager
    async def turn_to_write_calendar(self, user_id: int) -> AsyncIterator[None]:
        """Take a turn at writing a customer's calendar.

        One customer's calendar is written once at a time, so that a program that asks for it
        over and over takes only one of the places.
        """
        try:
            async with AsyncExitStack() as held:
                await held.enter_async_context(self._calendars.turn(user_id))
                await held.enter_async_context(self._calendar_budget.place())
                yield
        except TimeoutError:
            raise BusyError from None

    @asynccontextmanager
    async def turn_to_export(self, user_id: int) -> AsyncIterator[None]:
        """Take a turn at collecting everything about a user, which may take long."""
        try:
            async with self._personal_exports.turn(user_id):
                yield
        except TimeoutError:
            raise BusyError from None

    @asynccontextmanager
    async def place_to_search(self, search: str | None) -> AsyncIterator[None]:
        """Limit how many admins search at once, so that other requests find a connection."""
        if search is None:
            yield
            return
        try:
            async with self._searches.place():
                yield
        except TimeoutError:
            raise BusyError from None


def services_of(request: Request) -> Services:
    """Return the services of the process that serves a request."""
    services: Services = request.scope["state"]["services"]
    return services
