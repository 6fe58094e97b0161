"""Rows with sensible defaults, and calls of the functions that write them."""

import itertools
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
from psycopg import sql
from psycopg.rows import dict_row

PASSWORD_HASH = "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHQ$aGFzaA"
_numbers = itertools.count(1)


def in_days(days: float) -> datetime:
    """Return the time in this many days, in whole seconds as events start."""
    return (datetime.now(UTC) + timedelta(days=days)).replace(microsecond=0)


def value(db: psycopg.Connection, query: LiteralString, *parameters: object) -> Any:
    """Return the single value of a result."""
    row = db.execute(query, parameters).fetchone()
    assert row is not None
    return row[0]


def rows(db: psycopg.Connection, query: LiteralString, *parameters: object) -> list[dict[str, Any]]:
    """Return the result as dictionaries."""
    return db.cursor(row_factory=dict_row).execute(query, parameters).fetchall()


def insert(db: psycopg.Connection, table: str, **columns: object) -> int:
    """Insert one row and return its id."""
    statement = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
        sql.Identifier(table),
        sql.SQL(", ").join(map(sql.Identifier, columns)),
        sql.SQL(", ").join(sql.Placeholder() * len(columns)),
    )
    row = db.execute(statement, list(columns.values())).fetchone()
    assert row is not None
    return int(row[0])


def add_user(db: psycopg.Connection, **columns: object) -> int:
    given = {"name": "Ada Lovelace", "phone": f"+4915{next(_numbers):09}"}
    return insert(db, "users", **{**given, **columns})


def add_mail_link(
    db: psycopg.Connection, user_id: int, purpose: str, token: str, address: str = "a@example.org"
) -> None:
    """Insert the link of a mail that was sent."""
    db.execute(
        "INSERT INTO mail_links (token_hash, user_id, purpose, address, expires_at)"
        " VALUES (sha256(convert_to(%s, 'UTF8')), %s, %s, %s, now() + interval '1 hour')",
        [token, user_id, purpose, address],
    )


def add_event(db: psycopg.Connection, **columns: object) -> int:
    given: dict[str, object] = {
        "title": "Jazz Night",
        "venue": "Town Hall",
        "date_time": in_days(30),
        "time_zone": "Europe/Berlin",
        "capacity": 100,
        "price": Decimal("20.00"),
    }
    return insert(db, "events", **{**given, **columns})


def add_started_event(db: psycopg.Connection, **columns: object) -> int:
    given = {"created_at": in_days(-60), "date_time": in_days(-1)}
    return add_event(db, **{**given, **columns})


@contextmanager
def repair(db: psycopg.Connection) -> Iterator[None]:
    """Let the statements inside write what the guards of the ledger refuse otherwise."""
    with db.transaction():
        db.execute("SELECT begin_repair('a test')")
        yield
        db.execute("SELECT end_repair()")


def add_booking(
    db: psycopg.Connection, user_id: int, event_id: int, quantity: int = 1, **columns: object
) -> int:
    """Insert a booking at the event's price; its tickets are added by a trigger.

    A time or a status is written as in an import of old bookings.
    """
    price = value(db, "SELECT price FROM events WHERE id = %s", event_id)
    given = {
        "user_id": user_id,
        "event_id": event_id,
        "quantity": quantity,
        "unit_price": price,
        "total_amount": price * quantity,
        "booked_by": user_id,
    }
    if columns.keys() & {"status", "cancelled_at", "booking_date"}:
        given = {"booking_date": datetime.now(UTC), **given}
        with repair(db):
            booking_id = insert(db, "bookings", **{**given, **columns})
            if columns.get("status") == "cancelled":
                db.execute(
                    "INSERT INTO activity (action, event_id, booking_id)"
                    " VALUES ('booking-cancelled', %s, %s)",
                    (event_id, booking_id),
                )
            return booking_id
    return insert(db, "bookings", **{**given, **columns})


def start_event(db: psycopg.Connection, event_id: int) -> None:
    """Let an event start a moment ago, as if time had passed, without an edit."""
    with db.transaction():
        db.execute("ALTER TABLE events DISABLE TRIGGER USER")
        db.execute(
            "UPDATE events SET created_at = now() - interval '2 days',"
            " date_time = now() - interval '1 second',"
            " local_date_time = timezone('UTC', now() - interval '1 second') + events.utc_offset"
            " WHERE id = %s",
            [event_id],
        )
        db.execute("ALTER TABLE events ENABLE TRIGGER USER")


def book(db: psycopg.Connection, *arguments: object) -> dict[str, Any]:
    """Call the single form of book_tickets."""
    marks = sql.SQL(", ").join(sql.Placeholder() * len(arguments))
    query = sql.SQL("SELECT * FROM book_tickets({})").format(marks)
    row = db.cursor(row_factory=dict_row).execute(query, arguments).fetchone()
    assert row is not None
    return row


def sweep_all(db: psycopg.Connection, slice_size: int = 10_000) -> int:
    """Call sweep_integrity until a pass has ended, and return the number of slices."""
    for slices in itertools.count(1):
        (position,) = rows(db, "SELECT * FROM sweep_integrity(%s)", slice_size)
        if position["area"] is None:
            return slices
    raise AssertionError("unreachable")


def codes_of(db: psycopg.Connection, booking_id: int) -> list[str]:
    found = rows(
        db, "SELECT ticket_code FROM tickets WHERE booking_id = %s ORDER BY id", booking_id
    )
    return [row["ticket_code"] for row in found]


def logged(db: psycopg.Connection) -> list[dict[str, Any]]:
    """Return the activity log, without the creation of events."""
    return rows(db, "SELECT * FROM activity WHERE action <> 'event-created' ORDER BY id")


def is_now(db: psycopg.Connection, moment: object) -> bool:
    """Return whether a time is from the clock after the start of this transaction."""
    return bool(value(db, "SELECT %s > now() AND %s <= clock_timestamp()", moment, moment))


def batch(db: psycopg.Connection, requests: Sequence[Sequence[object]]) -> list[dict[str, Any]]:
    """Call the batch form of book_tickets.

    A request is (user, event, quantity, key, booked_by, expected_total); missing values are NULL.
    """
    return rows(
        db,
        "SELECT request_no, replayed, error_code, error_detail, (booking).*"
        " FROM book_tickets(%s::booking_request[])",
        [(*request, *[None] * (6 - len(request))) for request in requests],
    )
