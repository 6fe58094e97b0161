"""Connections that book, cancel, edit and check in at once: no deadlock, no contradiction."""

import asyncio
import random
from collections import Counter
from contextlib import AsyncExitStack

import asyncpg
import psycopg

from tests.support.locks import raise_lock_timeout
from tests.support.rows import add_event, add_user, value

CONNECTIONS = 6
STEPS = 300
STEPS_A_MINUTE = 500
EVENTS, CUSTOMERS = 3, 3
BATCH = "SELECT error_code, (booking).id FROM book_tickets($1::booking_request[])"
# Few rows, so that many workers want the same one.
RECENT = "SELECT id FROM bookings WHERE event_id = $2 ORDER BY id DESC LIMIT 3"
UPDATE = (
    "SELECT update_event(id, $2, description, venue, date_time, time_zone, $3, $4,"
    " max_tickets_per_booking, $5, NULL, $6) FROM events WHERE id = $1"
)


class Worker:
    """One connection and its random changes."""

    def __init__(
        self,
        connection: asyncpg.Connection,
        chance: random.Random,
        people: list[int],
        events: list[int],
    ) -> None:
        self._connection = connection
        self._chance = chance
        self._customers, self._admin = people[:-1], people[-1]
        self._events = events
        self.outcomes: Counter[str] = Counter()

    async def step(self) -> None:
        (act,) = self._chance.choices(
            (self.book, self.book_batch, self.cancel, self.check_in, self.edit, self.replace),
            (5, 5, 4, 4, 2, 0.3),
        )
        try:
            await act()
        except asyncpg.PostgresError as error:
            # Refusals are expected; a deadlock or any other error is not.
            if not (error.sqlstate or "").startswith("TK"):
                raise
            self.outcomes[error.sqlstate or ""] += 1
        else:
            self.outcomes[act.__name__] += 1

    async def book(self) -> None:
        await self._connection.fetch(
            "SELECT id FROM book_tickets($1::bigint, $2, $3, $4)", *self._request()
        )

    async def book_batch(self) -> None:
        requests = [self._request() for _ in range(self._chance.randint(2, 12))]
        filled = [(*request, None, None) for request in requests]
        for row in await self._connection.fetch(BATCH, filled):
            assert row["error_code"] is None or row["error_code"].startswith("TK")

    async def cancel(self) -> None:
        await self._connection.execute(
            f"SELECT cancel_booking(id, $1) FROM ({RECENT}) AS booking ORDER BY random() LIMIT 1",
            self._admin,
            self._chance.choice(self._events),
        )

    async def check_in(self) -> None:
        code = await self._connection.fetchval(
            f"SELECT ticket_code FROM ({RECENT}) AS booking"
            " JOIN tickets ON booking_id = booking.id AND $1::bigint > 0 ORDER BY random() LIMIT 1",
            self._admin,
            self._chance.choice(self._events),
        )
        if code:
            await self._connection.execute(
                "SELECT check_in_ticket($1, NULL, $2)", code, self._admin
            )

    async def edit(self) -> None:
        await self._change("active", self._chance.choice(self._events))

    async def replace(self) -> None:
        """End an event, with or without its bookings; another event replaces it."""
        place = self._chance.randrange(len(self._events))
        old = self._events[place]
        self._events[place] = await self._connection.fetchval(
            "SELECT create_event($1, '', 'Hall', now() + interval '9 days', 'UTC', 30, 5, 3, $2)",
            self._title(),
            self._admin,
        )
        await self._change(self._chance.choice(["cancelled", "completed"]), old)

    async def _change(self, status: str, event_id: int) -> None:
        capacity, price = self._chance.randint(5, 40), self._chance.randint(0, 9)
        await self._connection.execute(
            UPDATE, event_id, self._title(), capacity, price, status, self._admin
        )

    def _title(self) -> str:
        # The same words in another order, because events share the rows of words.
        return " ".join(self._chance.sample(["Jazz", "Blues", "Swing", "Bop"], 3))

    def _request(self) -> tuple[int, int, int, str | None]:
        chance = self._chance
        key = chance.choice([None, f"key-{chance.randrange(40)}"])
        return (
            chance.choice(self._customers),
            chance.choice(self._events),
            chance.randint(1, 4),
            key,
        )


async def test_concurrent_changes_neither_deadlock_nor_contradict(
    db: psycopg.Connection, database_url: str, minutes: float
) -> None:
    raise_lock_timeout(db)
    seed = random.randrange(2**32) if minutes else 4711
    print(f"seed {seed}")
    people = [add_user(db) for _ in range(CUSTOMERS)] + [add_user(db, role="admin")]
    events = [add_event(db, capacity=30, max_tickets_per_booking=3) for _ in range(EVENTS)]
    async with AsyncExitStack() as connections:
        workers = []
        for number in range(CONNECTIONS):
            connection = await asyncpg.connect(database_url)
            connections.push_async_callback(connection.close)
            workers.append(Worker(connection, random.Random(seed + number), people, events))

        async def work(worker: Worker) -> None:
            for _ in range(STEPS + int(STEPS_A_MINUTE * minutes)):
                await worker.step()

        await asyncio.gather(*map(work, workers))

    outcomes = sum((worker.outcomes for worker in workers), Counter[str]())
    assert outcomes.keys() >= {"book", "book_batch", "cancel", "check_in", "edit", "TK001"}, (
        outcomes
    )
    assert value(db, "SELECT count(*) FROM events WHERE tickets_sold > capacity") == 0
    assert value(db, "SELECT count(*) - count(DISTINCT ticket_code) FROM tickets") == 0
    assert (
        value(db, "SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()") == 0
    )
