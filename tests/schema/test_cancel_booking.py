"""cancel_booking: who may call it, when it is refused, and what it changes."""

from typing import LiteralString

import psycopg
import pytest

from tests.support.refusals import problem
from tests.support.rows import (
    add_booking,
    add_event,
    add_started_event,
    add_user,
    book,
    in_days,
    is_now,
    logged,
    rows,
    value,
)

CANCEL: LiteralString = "SELECT cancel_booking(%s, %s)"


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back)


def test_cancelling_returns_the_tickets_to_sale(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back, capacity=3)
    booking_id = book(rolled_back, customer, event_id, 3)["id"]

    rolled_back.execute(CANCEL, [booking_id, customer])

    (booking,) = rows(rolled_back, "SELECT * FROM bookings")
    assert booking["status"] == "cancelled"
    assert is_now(rolled_back, booking["cancelled_at"])
    assert booking["cancelled_at"] > booking["booking_date"]
    assert value(rolled_back, "SELECT array_agg(DISTINCT status)::text FROM tickets") == (
        "{cancelled}"
    )
    (event,) = rows(rolled_back, "SELECT * FROM events")
    assert (event["tickets_sold"], event["bookings_count"], event["revenue"]) == (0, 0, 0)
    assert book(rolled_back, customer, event_id, 3)["id"] != booking_id


def test_cancelling_always_returns_the_booking(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    booking_id = book(rolled_back, customer, add_event(rolled_back), 2)["id"]

    for _ in range(2):
        (answer,) = rows(rolled_back, "SELECT * FROM cancel_booking(%s, %s)", booking_id, customer)
        shown = rows(rolled_back, "SELECT * FROM booking_with_tickets(%s)", booking_id)
        assert [answer] == shown
        assert (answer["id"], answer["status"], answer["cancellable"]) == (
            booking_id,
            "cancelled",
            False,
        )
        assert [ticket["status"] for ticket in answer["tickets"]] == ["cancelled"] * 2


def test_cancelling_is_in_the_activity_log_once(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    event_id = add_event(rolled_back)
    booking_id = book(rolled_back, customer, event_id, 2)["id"]

    rolled_back.execute(CANCEL, [booking_id, customer])
    rolled_back.execute(CANCEL, [booking_id, customer])

    (entry,) = logged(rolled_back)
    assert entry["action"] == "booking-cancelled"
    assert (entry["actor_id"], entry["user_id"], entry["booking_id"], entry["event_id"]) == (
        customer,
        customer,
        booking_id,
        event_id,
    )
    assert entry["detail"] == {"quantity": 2, "total_amount": "40.00"}


def test_cancelling_again_changes_nothing(rolled_back: psycopg.Connection, customer: int) -> None:
    booking_id = book(rolled_back, customer, add_event(rolled_back), 1)["id"]
    rolled_back.execute(CANCEL, [booking_id, customer])
    before = rows(rolled_back, "SELECT * FROM bookings")

    rolled_back.execute(CANCEL, [booking_id, customer])

    assert rows(rolled_back, "SELECT * FROM bookings") == before


def test_admins_may_cancel_for_a_customer(rolled_back: psycopg.Connection, customer: int) -> None:
    booking_id = book(rolled_back, customer, add_event(rolled_back), 1)["id"]
    admin_id = add_user(rolled_back, role="admin")

    rolled_back.execute(CANCEL, [booking_id, admin_id])

    (entry,) = logged(rolled_back)
    assert entry["actor_id"] == admin_id


def test_other_customers_cannot_cancel_a_booking(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    booking_id = book(rolled_back, customer, add_event(rolled_back), 1)["id"]

    assert problem(rolled_back, CANCEL, booking_id, add_user(rolled_back)) == ("TK005", {})
    assert problem(rolled_back, CANCEL, booking_id, 0) == ("TK005", {})
    assert problem(rolled_back, CANCEL, booking_id, None) == ("TK005", {})
    assert problem(rolled_back, CANCEL, 0, customer) == ("TK005", {})
    assert problem(rolled_back, CANCEL, None, customer) == ("TK005", {})


def test_a_former_admin_cannot_cancel_a_booking_they_sold(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    seller_id = add_user(rolled_back)
    booking_id = add_booking(rolled_back, customer, add_event(rolled_back), 1, booked_by=seller_id)

    assert problem(rolled_back, CANCEL, booking_id, seller_id) == ("TK005", {})


def test_a_booking_with_a_used_ticket_cannot_be_cancelled(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    booking = book(rolled_back, customer, add_event(rolled_back), 2)
    rolled_back.execute(
        "SELECT check_in_ticket(%s, NULL, %s)",
        [booking["ticket_codes"][0], add_user(rolled_back, role="admin")],
    )

    assert problem(rolled_back, CANCEL, booking["id"], customer) == (
        "TK006",
        {"reason": "ticket-used"},
    )


def test_bookings_of_a_started_event_cannot_be_cancelled(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    booking_id = add_booking(rolled_back, customer, add_started_event(rolled_back))

    assert problem(rolled_back, CANCEL, booking_id, customer) == (
        "TK006",
        {"reason": "event-started"},
    )


def test_bookings_of_a_completed_event_cannot_be_cancelled(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    booking_id = add_booking(rolled_back, customer, add_event(rolled_back, status="completed"))

    assert problem(rolled_back, CANCEL, booking_id, customer) == (
        "TK006",
        {"reason": "event-completed"},
    )


def test_a_transaction_older_than_the_booking_can_cancel_it(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id, event_id = add_user(db), add_event(db)
    with psycopg.connect(database_url) as early:
        began = value(early, "SELECT now()")
        booking = book(db, user_id, event_id, 1)
        assert booking["booking_date"] > began

        early.execute(CANCEL, [booking["id"], user_id])

    (cancelled,) = rows(db, "SELECT * FROM bookings")
    assert cancelled["status"] == "cancelled"
    assert cancelled["cancelled_at"] > cancelled["booking_date"]


def test_a_booking_dated_in_the_future_can_be_cancelled(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    booking_id = add_booking(rolled_back, customer, add_event(rolled_back), booking_date=in_days(1))

    rolled_back.execute(CANCEL, [booking_id, customer])

    (cancelled,) = rows(rolled_back, "SELECT * FROM bookings")
    assert cancelled["status"] == "cancelled"
    assert cancelled["cancelled_at"] == cancelled["booking_date"]


def test_waiting_for_a_locked_event_times_out_after_a_second(
    database_url: str, db: psycopg.Connection
) -> None:
    user_id = add_user(db)
    booking_id = book(db, user_id, add_event(db), 1)["id"]
    with psycopg.connect(database_url) as other:
        other.execute("SELECT FROM events FOR UPDATE")

        assert problem(db, CANCEL, booking_id, user_id) == ("55P03", None)
