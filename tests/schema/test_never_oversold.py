"""An oversold event cannot be written by anyone, by any means."""

import psycopg
import pytest

from tests.support.programs import run_program
from tests.support.rows import add_booking, add_event, add_user, value

INSERT = """
INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)
SELECT {user}, {event}, {quantity}, 20, 20 * {quantity}, {user} FROM generate_series(1, {times});
"""

# One string of several statements is one transaction.
REPAIR = "SELECT begin_repair('a test');"


@pytest.mark.parametrize("who", ("database_url", "superuser_url"))
def test_an_insert_beyond_capacity_is_refused(
    request: pytest.FixtureRequest, db: psycopg.Connection, who: str
) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=10)
    add_booking(db, user_id, event_id, 8)
    insert = INSERT.format(user=user_id, event=event_id, quantity=3, times=1)

    result = run_program("psql", request.getfixturevalue(who), "-X", "-c", insert)

    assert result.returncode != 0
    assert 'violates check constraint "events_never_oversold"' in result.stderr
    assert value(db, "SELECT count(*) FROM bookings") == 1
    assert value(db, "SELECT tickets_sold FROM events") == 8


def test_an_insert_up_to_capacity_is_accepted(database_url: str, db: psycopg.Connection) -> None:
    insert = INSERT.format(user=add_user(db), event=add_event(db, capacity=10), quantity=5, times=2)

    result = run_program("psql", database_url, "-X", "-c", insert)

    assert result.returncode == 0, result.stderr
    assert value(db, "SELECT tickets_sold FROM events") == 10
    assert value(db, "SELECT count(*) FROM tickets") == 10


def test_the_rows_of_one_statement_are_counted_together(
    database_url: str, db: psycopg.Connection
) -> None:
    event_id = add_event(db, capacity=10)
    insert = INSERT.format(user=add_user(db), event=event_id, quantity=1, times=11)

    result = run_program("psql", database_url, "-X", "-c", insert)

    assert "events_never_oversold" in result.stderr
    assert value(db, "SELECT count(*) FROM bookings") == 0


def test_copied_rows_are_counted(database_url: str, db: psycopg.Connection) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=1)
    row = f"{user_id}\t{event_id}\t2\t20\t40\t{user_id}\n"

    result = run_program(
        "psql",
        database_url,
        "-X",
        "-c",
        r"\copy bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " FROM stdin",
        script=row,
    )

    assert "events_never_oversold" in result.stderr
    assert value(db, "SELECT count(*) FROM bookings") == 0


def test_a_manual_quantity_beyond_capacity_is_refused(
    database_url: str, db: psycopg.Connection
) -> None:
    add_booking(db, add_user(db), add_event(db, capacity=10), 8)
    statement = "UPDATE bookings SET quantity = 11, total_amount = 220"

    plain = run_program("psql", database_url, "-X", "-c", statement)
    repairing = run_program("psql", database_url, "-X", "-c", f"{REPAIR} {statement}")

    assert "a sale is never rewritten: cancel the booking and book again" in plain.stderr
    assert "events_never_oversold" in repairing.stderr
    assert value(db, "SELECT tickets_sold FROM events") == 8


def test_confirming_a_cancelled_booking_needs_capacity(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=10)
    cancelled = add_booking(
        db, user_id, event_id, 4, status="cancelled", cancelled_at="2100-01-01 00:00:00+00"
    )
    add_booking(db, user_id, event_id, 8)

    statement = (
        f"UPDATE bookings SET status = 'confirmed', cancelled_at = NULL WHERE id = {cancelled}"
    )

    plain = run_program("psql", database_url, "-X", "-c", statement)
    repairing = run_program("psql", database_url, "-X", "-c", f"{REPAIR} {statement}")

    assert "a cancelled booking stays cancelled" in plain.stderr
    assert "events_never_oversold" in repairing.stderr
    assert value(db, "SELECT tickets_sold FROM events") == 8


def test_two_manual_inserts_cannot_both_take_the_last_tickets(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=10)
    insert = INSERT.format(user=user_id, event=event_id, quantity=6, times=1)
    with psycopg.connect(database_url) as first:
        first.execute("SET lock_timeout = '20s'")
        add_booking(first, user_id, event_id, 6)
        # The other session waits for the counters of the first, or comes later. Both are refused.
        second = psycopg.connect(database_url, autocommit=True)
        with second:
            second.execute("SET lock_timeout = '1ms'")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                psycopg.ClientCursor(second).execute(insert.encode())
            first.commit()
            with pytest.raises(psycopg.errors.CheckViolation) as caught:
                psycopg.ClientCursor(second).execute(insert.encode())

    assert caught.value.diag.constraint_name == "events_never_oversold"
