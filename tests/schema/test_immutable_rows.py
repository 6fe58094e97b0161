"""Rows that cannot be rewritten: the ledger, the log, and the event of a booking."""

from typing import LiteralString

import psycopg
import pytest

from tests.support.refusals import error_of, refused_change
from tests.support.rows import (
    add_booking,
    add_event,
    add_started_event,
    add_user,
    insert,
    repair,
    value,
)


@pytest.mark.parametrize(
    "statement",
    (
        "UPDATE activity SET at = now()",
        "UPDATE activity SET detail = '{}' WHERE false",
        "DELETE FROM activity",
        "DELETE FROM activity WHERE id = 1",
        "TRUNCATE activity",
    ),
)
@pytest.mark.parametrize("who", ("database_url", "superuser_url"))
def test_the_activity_log_is_append_only(
    request: pytest.FixtureRequest, who: str, statement: LiteralString
) -> None:
    with psycopg.connect(request.getfixturevalue(who), autocommit=True) as connection:
        insert(connection, "activity", action="user-created")

        refusal = error_of(connection, statement)

        assert (refusal.sqlstate, refusal.message_primary) == ("23001", "activity is append-only")
        assert value(connection, "SELECT count(*) FROM activity") == 1


def test_the_event_of_a_booking_cannot_be_changed(rolled_back: psycopg.Connection) -> None:
    add_booking(rolled_back, add_user(rolled_back), add_event(rolled_back))
    other_event_id = add_event(rolled_back)

    refusal = refused_change(rolled_back, "UPDATE bookings SET event_id = %s", other_event_id)

    assert refusal == "a sale is never rewritten: cancel the booking and book again"
    rolled_back.execute("UPDATE bookings SET event_id = event_id")


@pytest.mark.parametrize("statement", ("TRUNCATE tickets", "TRUNCATE bookings, tickets"))
def test_the_ledger_cannot_be_truncated(
    rolled_back: psycopg.Connection, statement: LiteralString
) -> None:
    add_booking(rolled_back, add_user(rolled_back), add_event(rolled_back))

    refusal = error_of(rolled_back, statement)

    assert refusal.sqlstate == "23001"
    assert value(rolled_back, "SELECT count(*) FROM bookings") == 1


def test_the_booking_of_a_ticket_cannot_be_changed(rolled_back: psycopg.Connection) -> None:
    user_id, event_id = add_user(rolled_back), add_event(rolled_back)
    add_booking(rolled_back, user_id, event_id)
    other_booking_id = add_booking(rolled_back, user_id, event_id)

    refusal = refused_change(rolled_back, "UPDATE tickets SET booking_id = %s", other_booking_id)

    assert refusal == "a ticket keeps its id, its booking and its code"


def test_users_with_bookings_cannot_be_deleted(rolled_back: psycopg.Connection) -> None:
    customer_id, admin_id = add_user(rolled_back), add_user(rolled_back)
    add_booking(rolled_back, customer_id, add_event(rolled_back), booked_by=admin_id)

    for user_id, constraint in (
        (customer_id, "bookings_user_id_fkey"),
        (admin_id, "bookings_booked_by_fkey"),
    ):
        refusal = error_of(rolled_back, "DELETE FROM users WHERE id = %s", user_id)
        assert refusal.constraint_name == constraint


def test_deleting_a_user_deletes_their_sessions(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back)
    rolled_back.execute(
        "INSERT INTO sessions (token_hash, user_id) VALUES (sha256('token'), %s)", [user_id]
    )

    rolled_back.execute("DELETE FROM users WHERE id = %s", [user_id])

    assert value(rolled_back, "SELECT count(*) FROM sessions") == 0


def test_events_with_bookings_cannot_be_deleted(
    rolled_back: psycopg.Connection,
) -> None:
    event_id = add_started_event(rolled_back)
    booking_id = add_booking(rolled_back, add_user(rolled_back), event_id)
    rolled_back.execute("UPDATE bookings SET status = 'cancelled', cancelled_at = booking_date")
    delete: LiteralString = "DELETE FROM events WHERE id = %s"

    assert refused_change(rolled_back, delete, event_id) == "events are never deleted: cancel them"
    with repair(rolled_back):
        refusal = error_of(rolled_back, delete, event_id)
        assert refusal.constraint_name == "bookings_event_id_fkey"
        rolled_back.execute("DELETE FROM bookings WHERE id = %s", [booking_id])
        rolled_back.execute(delete, [event_id])
    assert value(rolled_back, "SELECT count(*) FROM events") == 0


def test_erasing_a_booking_deletes_its_tickets(rolled_back: psycopg.Connection) -> None:
    event_id = add_event(rolled_back)
    booking_id = add_booking(rolled_back, add_user(rolled_back), event_id, 3)
    delete: LiteralString = "DELETE FROM bookings WHERE id = %s"

    assert refused_change(rolled_back, delete, booking_id) == "bookings are the ledger: cancel them"
    with repair(rolled_back):
        rolled_back.execute(delete, [booking_id])
        rolled_back.execute("SELECT recount_event(%s)", [event_id])
    assert value(rolled_back, "SELECT count(*) FROM tickets") == 0


def test_log_lines_outlive_the_rows_they_name(rolled_back: psycopg.Connection) -> None:
    user_id = add_user(rolled_back)
    insert(rolled_back, "activity", action="user-created", user_id=user_id, actor_id=user_id)

    rolled_back.execute("DELETE FROM users WHERE id = %s", [user_id])

    assert value(rolled_back, "SELECT user_name FROM recent_activity") is None
