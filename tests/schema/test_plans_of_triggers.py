"""Earlier statements of a session do not slow down later ones.

PL/pgSQL keeps the plan of a statement that reads a transition table, and with it the number of rows
of the first execution.
"""

import re

import psycopg
import pytest

from tests.schema.plan_case import Case
from tests.schema.plans import plans, plans_of, tables_read_whole
from tests.support.event_edits import update
from tests.support.rows import add_event, add_user, book, value

CANCEL = Case("cancel_booking", {"booking_id": "$booking", "actor_id": "$user"}, set())
CHECK_IN = Case("check_in_ticket", {"code": "$code", "event_id": None, "actor_id": "$user"}, set())
MANY = 2_000
# Each row of one transition table is compared with each row of the other.
QUADRATIC = re.compile(
    r"Nested Loop.*\n(?: +(?:Join )?Filter:.*\n)*"
    r" +->  Named Tuplestore Scan.*\n(?: +Filter:.*\n)*"
    r" +->  (?:Materialize.*\n +->  )?Named Tuplestore Scan"
)


@pytest.fixture
def event_id(large_db: psycopg.Connection) -> int:
    """An event with many bookings of one ticket each."""
    user_id, event_id = add_user(large_db), add_event(large_db, capacity=MANY)
    large_db.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT %s, %s, 1, 20, 20, %s FROM generate_series(1, %s)",
        [user_id, event_id, user_id, MANY],
    )
    return event_id


def cancel_one(db: psycopg.Connection) -> str:
    """Cancel one booking and return the plans."""
    user_id = add_user(db)
    booking = book(db, user_id, add_event(db), 1)
    return plans(db, CANCEL, {"$booking": booking["id"], "$user": user_id})


def check_in_one(db: psycopg.Connection) -> str:
    """Check in one ticket and return the plans."""
    user_id = add_user(db, role="admin")
    (code,) = book(db, user_id, add_event(db), 1)["ticket_codes"]
    return plans(db, CHECK_IN, {"$code": code, "$user": user_id})


def test_one_row_after_very_many_reads_no_whole_table(
    large_db: psycopg.Connection, event_id: int
) -> None:
    large_db.execute(
        "UPDATE tickets SET status = 'used' FROM bookings"
        " WHERE bookings.id = booking_id AND event_id = %s",
        [event_id],
    )
    update(large_db, event_id, status="cancelled")

    plan = cancel_one(large_db) + check_in_one(large_db)

    assert tables_read_whole(plan) == set(), plan


def test_very_many_rows_after_one_are_not_quadratic(
    large_db: psycopg.Connection, event_id: int
) -> None:
    cancel_one(large_db)
    check_in_one(large_db)
    half = value(
        large_db, "SELECT max(id) - %s FROM bookings WHERE event_id = %s", MANY // 2, event_id
    )

    plan = plans_of(
        large_db,
        b"UPDATE bookings SET status = 'cancelled' WHERE event_id = $1 AND id <= $2",
        [event_id, half],
    )
    plan += plans_of(
        large_db,
        b"UPDATE tickets SET status = 'used' FROM bookings"
        b" WHERE bookings.id = booking_id AND event_id = $1 AND bookings.status = 'confirmed'",
        [event_id],
    )

    assert not QUADRATIC.search(plan), plan
    assert value(large_db, "SELECT tickets_sold FROM events WHERE id = %s", event_id) == MANY // 2
    assert (
        value(large_db, "SELECT tickets_checked_in FROM events WHERE id = %s", event_id)
        == MANY // 2
    )


def test_a_plan_for_empty_tables_still_finds_bookings_by_id(
    database_url: str, db: psycopg.Connection
) -> None:
    customer, event_id = add_user(db), add_event(db, capacity=10_000)
    db.execute("ANALYZE bookings, tickets, events, users")
    with psycopg.connect(database_url, autocommit=True) as early:
        book(early, customer, event_id, 1)
        db.execute(
            "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by) SELECT %(user)s, %(event)s, 1, 20, 20, %(user)s"
            " FROM generate_series(1, 2000)",
            {"user": customer, "event": event_id},
        )
        with early.transaction():
            book(early, customer, event_id, 1)
            fetched = value(early, "SELECT pg_stat_get_xact_tuples_fetched('bookings'::regclass)")
    assert fetched < 50
