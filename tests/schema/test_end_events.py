"""update_event to cancelled or completed: both are final."""

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import psycopg
import pytest

from tests.support.event_edits import event, refusal, update
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.refusals import problem
from tests.support.rows import add_booking, add_event, add_user, book, in_days, logged, rows, value


@pytest.fixture
def admin(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, role="admin")


@pytest.mark.parametrize("final", ("cancelled", "completed"))
def test_a_final_status_makes_the_event_read_only(
    rolled_back: psycopg.Connection, final: str
) -> None:
    event_id = add_event(rolled_back)
    update(rolled_back, event_id, status=final)

    for change in ({"title": "x"}, {"status": "active"}, {"capacity": 99}):
        assert refusal(rolled_back, event_id, **change) == ("TK013", {"event_status": final})
    update(rolled_back, event_id)


def test_cancelling_an_event_cancels_its_bookings_and_unused_tickets(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id, other_event_id = add_event(rolled_back), add_event(rolled_back)
    used = book(rolled_back, admin, event_id, 2)
    book(rolled_back, admin, event_id, 3)
    before = book(rolled_back, admin, event_id, 1)
    rolled_back.execute("SELECT cancel_booking(%s, %s)", [before["id"], admin])
    kept = book(rolled_back, admin, other_event_id, 1)
    rolled_back.execute("SELECT check_in_ticket(%s, NULL, %s)", [used["ticket_codes"][0], admin])

    update(rolled_back, event_id, 1, admin, status="cancelled")

    statuses = rows(
        rolled_back,
        "SELECT bookings.event_id, bookings.status AS booking, tickets.status AS ticket, count(*)"
        " FROM bookings JOIN tickets ON booking_id = bookings.id GROUP BY 1, 2, 3 ORDER BY 1, 3",
    )
    assert [tuple(row.values()) for row in statuses] == [
        (event_id, "cancelled", "used", 1),
        (event_id, "cancelled", "cancelled", 5),
        (other_event_id, "confirmed", "active", 1),
    ]
    found = event(rolled_back, event_id)
    counters = ("tickets_sold", "bookings_count", "revenue", "tickets_checked_in")
    assert [found[name] for name in counters] == [0, 0, 0, 0]
    entry = rows(rolled_back, "SELECT * FROM activity WHERE event_id = %s", event_id)[-1]
    assert entry["action"] == "event-cancelled"
    assert entry["detail"] == {
        "was": {"status": "active"},
        "became": {"status": "cancelled"},
        "bookings_cancelled": 2,
        "tickets_cancelled": 4,
    }
    assert kept["status"] == "confirmed"


def test_completing_an_event_keeps_its_bookings(
    rolled_back: psycopg.Connection, admin: int
) -> None:
    event_id = add_event(rolled_back)
    book(rolled_back, admin, event_id, 2)

    update(rolled_back, event_id, status="completed")

    assert value(rolled_back, "SELECT tickets_sold FROM events") == 2
    (entry,) = logged(rolled_back)
    assert entry["action"] == "event-completed"


def test_a_booking_made_during_the_cancellation_is_cancelled(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id, event_id = add_user(db), add_event(db)
    with psycopg.connect(database_url) as early:
        began = value(early, "SELECT now()")
        assert book(db, user_id, event_id, 1)["booking_date"] > began

        update(early, event_id, status="cancelled")

    (booking,) = rows(db, "SELECT * FROM bookings")
    assert booking["status"] == "cancelled"
    assert booking["cancelled_at"] > booking["booking_date"]


@pytest.mark.parametrize("status", ("cancelled", "completed"))
def test_a_booking_that_waited_for_the_end_of_sales_is_refused(
    database_url: str, db: psycopg.Connection, status: str
) -> None:
    raise_lock_timeout(db)
    user_id, event_id = add_user(db), add_event(db)

    def try_booking() -> tuple[str | None, Any]:
        with psycopg.connect(database_url, autocommit=True) as connection:
            return problem(connection, "SELECT book_tickets(%s, %s, 1)", user_id, event_id)

    with ThreadPoolExecutor() as threads, psycopg.connect(database_url) as admins:
        update(admins, event_id, status=status)
        booking = threads.submit(try_booking)
        await_lock_waiters(db)
        admins.commit()

        assert booking.result() == ("TK003", {"reason": status})


def test_a_booking_dated_in_the_future_is_cancelled_with_its_event(
    rolled_back: psycopg.Connection,
) -> None:
    event_id = add_event(rolled_back)
    add_booking(rolled_back, add_user(rolled_back), event_id, booking_date=in_days(1))

    update(rolled_back, event_id, status="cancelled")

    (booking,) = rows(rolled_back, "SELECT * FROM bookings")
    assert booking["cancelled_at"] == booking["booking_date"]


def test_cancelling_with_many_bookings_is_one_pass(db: psycopg.Connection) -> None:
    user_id, event_id = add_user(db), add_event(db, capacity=3000)
    add_booking(db, user_id, event_id)
    db.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT %s, %s, 1, 20, 20, %s FROM generate_series(2, 2000)",
        [user_id, event_id, user_id],
    )

    update(db, event_id, status="cancelled")

    assert value(db, "SELECT count(*) FROM bookings WHERE status = 'cancelled'") == 2000
    assert value(db, "SELECT count(*) FROM tickets WHERE status = 'cancelled'") == 2000
    (entry,) = logged(db)
    assert entry["detail"]["bookings_cancelled"] == 2000
