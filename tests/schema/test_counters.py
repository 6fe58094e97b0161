"""The counters of events and bookings stay correct after any manual statement.

The fixtures check integrity_violations after every test; the tests check the figures.
"""

from decimal import Decimal
from typing import LiteralString

import psycopg
import pytest

from tests.support.refusals import refused_change
from tests.support.rows import add_booking, add_event, add_user, in_days, repair, rows, value

pytestmark = pytest.mark.usefixtures("two_events")


@pytest.fixture
def two_events(rolled_back: psycopg.Connection) -> tuple[int, int]:
    """Two events at 20 and 5, each with bookings of 1, 2 and 3 tickets."""
    user_id = add_user(rolled_back)
    events = add_event(rolled_back), add_event(rolled_back, price=5)
    for event_id in events:
        for quantity in (1, 2, 3):
            add_booking(rolled_back, user_id, event_id, quantity)
    return events


def counters(db: psycopg.Connection) -> list[tuple[object, ...]]:
    """Return bookings, tickets, revenue and used tickets of each event."""
    return db.execute(
        "SELECT bookings_count, tickets_sold, revenue, tickets_checked_in FROM events ORDER BY id"
    ).fetchall()


def recount(db: psycopg.Connection) -> None:
    """Recount all events, as the owner does at the end of a repair."""
    db.execute("SELECT recount_event(id) FROM events ORDER BY id")


def is_consistent(db: psycopg.Connection) -> bool:
    return rows(db, "SELECT * FROM integrity_violations") == []


def test_inserted_bookings_are_counted(rolled_back: psycopg.Connection) -> None:
    assert counters(rolled_back) == [(3, 6, Decimal(120), 0), (3, 6, Decimal(30), 0)]
    assert is_consistent(rolled_back)


def test_cancelled_bookings_are_not_counted(rolled_back: psycopg.Connection) -> None:
    event_id = value(rolled_back, "SELECT min(id) FROM events")
    add_booking(
        rolled_back, add_user(rolled_back), event_id, 5, status="cancelled", cancelled_at=in_days(1)
    )

    assert counters(rolled_back)[0] == (3, 6, Decimal(120), 0)


def test_a_statement_over_several_events_is_counted_for_each(
    rolled_back: psycopg.Connection,
) -> None:
    rolled_back.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT user_id, event_id, quantity, 7, quantity * 7, booked_by FROM bookings"
    )

    assert value(rolled_back, "SELECT count(*) FROM tickets") == 24
    assert counters(rolled_back) == [(6, 12, Decimal(162), 0), (6, 12, Decimal(72), 0)]


def test_a_sale_is_changed_in_a_repair_only_and_recounted(
    rolled_back: psycopg.Connection,
) -> None:
    update: LiteralString = (
        "UPDATE bookings SET quantity = quantity + 1, total_amount = unit_price * (quantity + 1)"
    )
    assert refused_change(rolled_back, update) == (
        "a sale is never rewritten: cancel the booking and book again"
    )

    with repair(rolled_back):
        rolled_back.execute(update)
        rolled_back.execute(
            "INSERT INTO tickets (booking_id, ticket_code)"
            " SELECT id, new_ticket_code(event_id) FROM bookings"
        )

    assert counters(rolled_back) == [(3, 9, Decimal(180), 0), (3, 9, Decimal(45), 0)]


def test_manually_cancelled_bookings_free_their_tickets(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute(
        "UPDATE bookings SET status = 'cancelled', cancelled_at = booking_date WHERE quantity > 1"
    )

    cancelled = rows(
        rolled_back,
        "SELECT DISTINCT quantity > 1 AS cancelled, tickets.status FROM tickets"
        " JOIN bookings ON bookings.id = booking_id",
    )
    assert {row["cancelled"]: row["status"] for row in cancelled} == {
        True: "cancelled",
        False: "active",
    }
    assert len(cancelled) == 2
    assert counters(rolled_back) == [(1, 1, Decimal(20), 0), (1, 1, Decimal(5), 0)]
    assert is_consistent(rolled_back)


def test_used_tickets_are_counted_for_their_booking_and_event(
    rolled_back: psycopg.Connection,
) -> None:
    rolled_back.execute("UPDATE tickets SET status = 'used', used_at = now() WHERE id % 2 = 0")

    used = value(rolled_back, "SELECT count(*) FROM tickets WHERE status = 'used'")
    assert used == 6
    assert value(rolled_back, "SELECT sum(tickets_checked_in) FROM bookings") == used
    assert value(rolled_back, "SELECT sum(tickets_checked_in) FROM events") == used
    assert is_consistent(rolled_back)


def test_a_used_ticket_becomes_active_in_a_repair_only(
    rolled_back: psycopg.Connection,
) -> None:
    rolled_back.execute("UPDATE tickets SET status = 'used', used_at = now()")
    update: LiteralString = (
        "UPDATE tickets SET status = 'active', used_at = NULL WHERE mod(id, 3) = 0"
    )
    assert refused_change(rolled_back, update) == "a used or cancelled ticket stays so"

    with repair(rolled_back):
        rolled_back.execute(update)

    assert value(rolled_back, "SELECT sum(tickets_checked_in) FROM events") == 8
    assert is_consistent(rolled_back)


def test_used_tickets_are_inserted_in_a_repair_only(
    rolled_back: psycopg.Connection,
) -> None:
    delete: LiteralString = "DELETE FROM tickets"
    insert: LiteralString = (
        "INSERT INTO tickets (booking_id, ticket_code, status, used_at)"
        " SELECT bookings.id, new_ticket_code(event_id), 'used', now()"
        " FROM bookings, generate_series(1, quantity)"
    )
    assert refused_change(rolled_back, delete) == "tickets are the ledger: cancel their booking"
    assert refused_change(rolled_back, insert) == (
        "tickets are written with their booking: insert a booking"
    )

    with repair(rolled_back):
        rolled_back.execute(delete)
        rolled_back.execute(insert)
        recount(rolled_back)

    assert [row[3] for row in counters(rolled_back)] == [6, 6]
    assert is_consistent(rolled_back)


@pytest.mark.leaves_contradictions  # a booking with fewer tickets than its quantity
def test_used_tickets_deleted_in_a_repair_are_not_counted(
    rolled_back: psycopg.Connection,
) -> None:
    rolled_back.execute("UPDATE tickets SET status = 'used', used_at = now()")
    delete: LiteralString = "DELETE FROM tickets WHERE id IN (SELECT min(id) FROM tickets)"
    assert refused_change(rolled_back, delete) == "tickets are the ledger: cancel their booking"

    with repair(rolled_back):
        rolled_back.execute(delete)
        recount(rolled_back)

    assert [row[3] for row in counters(rolled_back)] == [5, 6]


def test_bookings_deleted_in_a_repair_delete_their_used_tickets(
    rolled_back: psycopg.Connection,
) -> None:
    rolled_back.execute("UPDATE tickets SET status = 'used', used_at = now() WHERE id % 2 = 0")
    for delete in ("DELETE FROM bookings WHERE quantity < 3", "DELETE FROM bookings"):
        assert refused_change(rolled_back, delete) == "bookings are the ledger: cancel them"

    with repair(rolled_back):
        rolled_back.execute("DELETE FROM bookings WHERE quantity < 3")
        recount(rolled_back)

    assert [row[:3] for row in counters(rolled_back)] == [
        (1, 3, Decimal(60)),
        (1, 3, Decimal(15)),
    ]
    assert is_consistent(rolled_back)
    with repair(rolled_back):
        rolled_back.execute("DELETE FROM bookings")
        recount(rolled_back)
    assert counters(rolled_back) == [(0, 0, Decimal(0), 0), (0, 0, Decimal(0), 0)]
    assert value(rolled_back, "SELECT count(*) FROM tickets") == 0


def test_used_tickets_of_a_cancelled_booking_are_not_counted(
    rolled_back: psycopg.Connection,
) -> None:
    rolled_back.execute("UPDATE tickets SET status = 'used', used_at = now()")
    cancel: LiteralString = "UPDATE bookings SET status = 'cancelled', cancelled_at = booking_date"
    revive: LiteralString = "UPDATE bookings SET status = 'confirmed', cancelled_at = NULL"
    assert refused_change(rolled_back, cancel) == (
        "a booking of which a ticket was used cannot be cancelled"
    )

    with repair(rolled_back):
        rolled_back.execute(cancel)

    assert counters(rolled_back) == [(0, 0, Decimal(0), 0), (0, 0, Decimal(0), 0)]
    # The counters are correct. The violations name the unlogged used tickets of cancelled bookings.
    kinds = {row["kind"] for row in rows(rolled_back, "SELECT kind FROM integrity_violations")}
    assert kinds == {"used-ticket-of-cancelled-booking", "cancelled-booking-without-activity"}
    assert refused_change(rolled_back, revive) == "a cancelled booking stays cancelled"
    with repair(rolled_back):
        rolled_back.execute(revive)
    assert [row[3] for row in counters(rolled_back)] == [6, 6]
    assert is_consistent(rolled_back)


def test_statements_without_rows_change_no_counter(rolled_back: psycopg.Connection) -> None:
    before = counters(rolled_back)
    rolled_back.execute("UPDATE bookings SET quantity = 9 WHERE false")
    rolled_back.execute("UPDATE tickets SET status = 'cancelled' WHERE false")
    delete: LiteralString = "DELETE FROM bookings WHERE false"
    assert refused_change(rolled_back, delete) == "bookings are the ledger: cancel them"
    with repair(rolled_back):
        rolled_back.execute(delete)

    assert counters(rolled_back) == before


def test_counting_keeps_the_version_of_an_event(rolled_back: psycopg.Connection) -> None:
    assert value(rolled_back, "SELECT array_agg(DISTINCT version) FROM events") == [1]
