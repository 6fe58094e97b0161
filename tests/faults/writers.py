"""Connections that sell, cancel, admit and edit, through functions and by manual statements."""

import random
import re
from collections import Counter
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

import asyncpg

ISOLATION: tuple[Literal["read_committed", "repeatable_read", "serializable"], ...] = (
    "read_committed",
    "repeatable_read",
    "serializable",
)
BATCH = "SELECT error_code FROM book_tickets($1::booking_request[])"
# Few rows, so that many writers want the same one.
RECENT = "(SELECT id FROM bookings WHERE event_id = $1 ORDER BY id DESC LIMIT 4)"
RECENT_TICKETS = f"(SELECT id FROM tickets WHERE booking_id IN {RECENT} ORDER BY random() LIMIT 2)"
COLUMNS = "(user_id, event_id, quantity, unit_price, total_amount, booked_by, idempotency_key"
ROW = "$1::bigint, $2::bigint, $3::integer, 5, 5 * $3::integer, $1::bigint, $4::text"
# Statements about one event that must always be refused.
FORBIDDEN = (
    f"DELETE FROM bookings WHERE id IN {RECENT}",
    f"UPDATE bookings SET quantity = 1, total_amount = unit_price WHERE id IN {RECENT}",
    f"UPDATE bookings SET booking_date = booking_date - interval '1 day' WHERE id IN {RECENT}",
    "UPDATE events SET tickets_sold = 0, bookings_count = 0 WHERE id = $1",
    (
        "INSERT INTO tickets (booking_id, ticket_code)"
        f" SELECT id, new_ticket_code($1) FROM {RECENT} AS booking"
    ),
    "DELETE FROM event_figures WHERE event_id = $1",
    "UPDATE event_versions SET at = at WHERE event_id = $1",
)


@dataclass
class SharedState:
    """What all connections share: users, events on sale, and what was observed when."""

    customers: Sequence[int]
    admin: int
    events: list[int]
    seen: list[tuple[int, datetime, str]] = field(default_factory=list)
    manual_writers: set[int] = field(default_factory=set)  # process ids


class Writer:
    """A connection whose transactions are each one call of a function."""

    def __init__(
        self, connection: asyncpg.Connection, chance: random.Random, shared: SharedState
    ) -> None:
        self.outcomes: Counter[str] = Counter()
        self._db, self._chance, self._shared = connection, chance, shared

    def _acts(self) -> dict[Callable[[], Awaitable[object]], float]:
        return {
            self.book: 5,
            self.book_batch: 4,
            self.cancel: 3,
            self.check_in: 3,
            self.edit: 2,
            self.replace: 0.2,
            self.observe: 2,
        }

    def _expects(self, sqlstate: str) -> bool:
        return sqlstate.startswith("TK") or sqlstate == "40001"

    async def step(self) -> None:
        """Make one change at a random isolation level; roll back one in ten."""
        acts = self._acts()
        (act,) = self._chance.choices(list(acts), list(acts.values()))
        name = act.__name__
        transaction = self._db.transaction(isolation=self._chance.choice(ISOLATION))
        await transaction.start()
        try:
            await act()
        except asyncpg.PostgresError as error:
            await transaction.rollback()
            if isinstance(error, asyncpg.DeadlockDetectedError):
                self._assert_manual_writer_involved(error)
            elif not self._expects(error.sqlstate or ""):
                raise
            self.outcomes[error.sqlstate or ""] += 1
            return
        if self._chance.random() < 0.1:
            await transaction.rollback()
            self.outcomes["rolled back"] += 1
            return
        try:
            await transaction.commit()
        except asyncpg.SerializationError:
            self.outcomes["40001"] += 1
        else:
            self.outcomes[name] += 1

    def _assert_manual_writer_involved(self, error: asyncpg.DeadlockDetectedError) -> None:
        """PostgreSQL may end any session of a deadlock: a manual writer must be one of them."""
        waiting = {int(number) for number in re.findall(r"Process (\d+) waits", error.detail or "")}
        assert waiting & self._shared.manual_writers, error.detail

    def _event(self) -> int:
        return self._chance.choice(self._shared.events)

    def _request(self) -> tuple[int, int, int, str | None]:
        key = self._chance.choice([None, f"key-{self._chance.randrange(60)}"])
        customer = self._chance.choice(self._shared.customers)
        return customer, self._event(), self._chance.randint(1, 4), key

    async def book(self) -> None:
        await self._db.fetch(
            "SELECT id FROM book_tickets($1::bigint, $2, $3, $4)", *self._request()
        )

    async def book_batch(self) -> None:
        requests = [self._request() for _ in range(self._chance.randint(2, 10))]
        answers = await self._db.fetch(BATCH, [(*request, None, None) for request in requests])
        assert all((row["error_code"] or "TK").startswith("TK") for row in answers)

    async def cancel(self) -> None:
        await self._db.execute(
            f"SELECT cancel_booking(id, $2) FROM {RECENT} AS booking ORDER BY random() LIMIT 1",
            self._event(),
            self._shared.admin,
        )

    async def check_in(self) -> None:
        await self._db.execute(
            "SELECT check_in_ticket(ticket_code, NULL, $2) FROM tickets"
            f" WHERE id = (SELECT id FROM {RECENT_TICKETS} AS ticket LIMIT 1)",
            self._event(),
            self._shared.admin,
        )

    async def edit(self) -> None:
        await self._db.execute(
            "SELECT update_event($1, jsonb_build_object('capacity', $2::integer, 'title',"
            " $3::text), NULL, $4)",
            self._event(),
            self._chance.randint(20, 80),
            self._title(),
            self._shared.admin,
        )

    async def replace(self) -> None:
        """Cancel an event with its bookings; another event replaces it after the commit."""
        place = self._chance.randrange(len(self._shared.events))
        old = self._shared.events[place]
        status = self._chance.choice(["cancelled", "completed"])
        await self._db.execute(
            "SELECT update_event($1, jsonb_build_object('status', $2::text), NULL, $3)",
            old,
            status,
            self._shared.admin,
        )

    async def observe(self) -> None:
        """Record the figures of an event while its row is locked."""
        event_id = self._event()
        row = await self._db.fetchval(
            "SELECT to_jsonb(events)::text FROM events WHERE id = $1 FOR NO KEY UPDATE", event_id
        )
        at = await self._db.fetchval("SELECT clock_timestamp()")
        self._shared.seen.append((event_id, at, row))

    def _title(self) -> str:
        # The same words in another order, since words are rows that events share.
        return " ".join(self._chance.sample(["Jazz", "Blues", "Swing", "Bop"], 3))


class ManualWriter(Writer):
    """A connection that also writes manually, several changes in a transaction."""

    def _acts(self) -> dict[Callable[[], Awaitable[object]], float]:
        return {
            self.book: 1,
            self.several: 3,
            self.insert: 5,
            self.insert_many: 2,
            self.insert_or_cancel: 2,
            self.merge: 2,
            self.cancel_manually: 3,
            self.admit_manually: 3,
            self.admit_and_cancel: 1,
            self.edit_manually: 2,
            self.forbidden: 3,
            self.truncate: 0.3,
        }

    def _expects(self, sqlstate: str) -> bool:
        # Refused by a guard, a CHECK or a key, or in conflict with another session. 23503: an event
        # that was created after a repeatable read began is not there for it.
        return super()._expects(sqlstate) or sqlstate in {
            "23001",
            "23503",
            "23514",
            "23505",
            "55P03",
            "0A000",
        }

    async def several(self) -> None:
        for act in self._chance.choices(
            (self.insert, self.cancel_manually, self.edit_manually), k=2
        ):
            await act()

    async def insert(self) -> None:
        moment = self._chance.choice(
            ("NULL", "clock_timestamp()", "statement_timestamp()", "'2001-01-01'", "'2098-01-01'")
        )
        await self._db.execute(
            f"INSERT INTO bookings {COLUMNS}, booking_date) VALUES ({ROW}, {moment})",
            *self._request(),
        )

    async def insert_many(self) -> None:
        customer, _, quantity, _ = self._request()
        await self._db.execute(
            f"INSERT INTO bookings {COLUMNS})"
            " SELECT $1::bigint, id, $2::integer, price, price * $2::integer, $1::bigint, NULL"
            " FROM events WHERE id = ANY ($3::bigint[]) ORDER BY random()",
            customer,
            quantity,
            [self._event(), self._event()],
        )

    async def insert_or_cancel(self) -> None:
        await self._db.execute(
            f"INSERT INTO bookings {COLUMNS}) VALUES ({ROW})"
            " ON CONFLICT (user_id, idempotency_key) WHERE idempotency_key IS NOT NULL"
            " DO UPDATE SET status = 'cancelled'",
            *self._request(),
        )

    async def merge(self) -> None:
        await self._db.execute(
            "MERGE INTO bookings USING (VALUES ($1::bigint, $4::text)) AS given (customer, key)"
            " ON bookings.user_id = given.customer AND bookings.idempotency_key = given.key"
            " WHEN MATCHED AND status = 'confirmed' THEN UPDATE SET status = 'cancelled'"
            f" WHEN NOT MATCHED THEN INSERT {COLUMNS}) VALUES ({ROW})",
            *self._request(),
        )

    async def cancel_manually(self) -> None:
        await self._db.execute(
            f"UPDATE bookings SET status = 'cancelled' WHERE id IN {RECENT}"
            " AND status = 'confirmed' AND tickets_checked_in = 0",
            self._event(),
        )

    async def admit_manually(self) -> None:
        await self._db.execute(
            f"UPDATE tickets SET status = 'used' WHERE id IN {RECENT_TICKETS}"
            " AND status = 'active'",
            self._event(),
        )

    async def admit_and_cancel(self) -> None:
        await self._db.execute(
            "WITH admitted AS (UPDATE tickets SET status = 'used'"
            f" WHERE id IN {RECENT_TICKETS} AND status = 'active' RETURNING booking_id)"
            " UPDATE bookings SET status = 'cancelled'"
            " WHERE id IN (SELECT booking_id FROM admitted)",
            self._event(),
        )

    async def edit_manually(self) -> None:
        await self._db.execute(
            "UPDATE events SET capacity = $2, title = $3 WHERE id = $1",
            self._event(),
            self._chance.randint(20, 80),
            self._title(),
        )

    async def forbidden(self) -> None:
        statement = self._chance.choice(FORBIDDEN)
        await self._db.execute(statement, self._event())
        # This is allowed only if no row matched.
        assert "bookings SET" in statement, statement

    async def truncate(self) -> None:
        await self._db.execute("SET LOCAL lock_timeout = '20ms'")
        await self._db.execute("TRUNCATE bookings, tickets")
        raise AssertionError("the ledger was truncated")
