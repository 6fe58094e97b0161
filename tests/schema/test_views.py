"""The views answer the usual questions, with one definition for each number."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import psycopg
import pytest

from tests.support.event_edits import update
from tests.support.rows import (
    PASSWORD_HASH,
    add_booking,
    add_event,
    add_started_event,
    add_user,
    book,
    in_days,
    repair,
    rows,
)


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, name="Ada Lovelace", phone="+4915112345678")


def test_availability_shows_remaining_tickets_and_bookability(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    add_booking(rolled_back, customer, add_event(rolled_back, capacity=5), 3)
    add_booking(rolled_back, customer, add_event(rolled_back, capacity=3), 3)
    add_started_event(rolled_back)
    add_event(rolled_back, status="cancelled")
    add_event(rolled_back, status="completed")

    found = rows(
        rolled_back,
        "SELECT tickets_available, bookable FROM event_details ORDER BY event_id",
    )

    assert [tuple(row.values()) for row in found] == [
        (2, True),
        (0, True),
        (100, False),
        (100, False),
        (100, False),
    ]


def test_sales_count_confirmed_bookings_and_no_shows(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    for event_id in (add_event(rolled_back, capacity=8), add_started_event(rolled_back)):
        add_booking(rolled_back, customer, event_id, 3)
        add_booking(rolled_back, customer, event_id, 2, status="cancelled", cancelled_at=in_days(1))
    rolled_back.execute(
        "UPDATE tickets SET status = 'used', used_at = now() WHERE id IN"
        " (SELECT min(id) FROM tickets GROUP BY booking_id) AND status = 'active'"
    )

    found = rows(
        rolled_back,
        "SELECT bookings, tickets_sold, percent_sold, tickets_checked_in, no_shows, revenue"
        " FROM event_sales ORDER BY event_id",
    )

    assert [tuple(row.values()) for row in found] == [
        (1, 3, Decimal("37.5"), 1, None, Decimal(60)),
        (1, 3, Decimal("3.0"), 1, 2, Decimal(60)),
    ]


def test_daily_sales_are_by_days_at_the_venue(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    tokyo = add_event(rolled_back, time_zone="Asia/Tokyo")
    new_york = add_event(rolled_back, time_zone="America/New_York")
    for event_id in (tokyo, new_york):
        for hour in ("2026-03-10 02:00+00", "2026-03-10 18:00+00"):
            add_booking(rolled_back, customer, event_id, 2, booking_date=hour)
        add_booking(
            rolled_back,
            customer,
            event_id,
            5,
            booking_date="2026-03-10 18:00+00",
            status="cancelled",
            cancelled_at="2026-03-11 00:00+00",
        )

    found = rows(
        rolled_back,
        "SELECT event_id, date, bookings, tickets, revenue FROM daily_sales ORDER BY 1, 2",
    )

    assert [tuple(row.values()) for row in found] == [
        (tokyo, date(2026, 3, 10), 1, 2, Decimal(40)),
        (tokyo, date(2026, 3, 11), 1, 2, Decimal(40)),
        (new_york, date(2026, 3, 9), 1, 2, Decimal(40)),
        (new_york, date(2026, 3, 10), 1, 2, Decimal(40)),
    ]


def test_views_agree_with_each_other(rolled_back: psycopg.Connection, customer: int) -> None:
    event_id = add_event(rolled_back)
    for quantity in (1, 2, 3):
        book(rolled_back, customer, event_id, quantity)

    (sums,) = rows(
        rolled_back,
        "SELECT (SELECT sum(tickets) FROM daily_sales) AS by_day,"
        " (SELECT sum(tickets_sold) FROM event_sales) AS by_event,"
        " (SELECT sum(quantity) FROM booking_details WHERE status = 'confirmed') AS by_booking,"
        " (SELECT count(*) FROM ticket_details WHERE status <> 'cancelled') AS by_ticket,"
        " (SELECT sum(capacity - tickets_available) FROM event_details) AS taken",
    )

    assert set(sums.values()) == {6}


def test_details_mask_phones_and_codes_and_name_the_seller(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    admin_id = add_user(rolled_back, role="admin", name="Grace Hopper")
    event_id = add_event(rolled_back)
    (code,) = book(rolled_back, customer, event_id, 1, None, admin_id)["ticket_codes"]

    (booking,) = rows(rolled_back, "SELECT * FROM booking_details")
    (ticket,) = rows(rolled_back, "SELECT * FROM ticket_details")

    assert (booking["customer_name"], booking["customer_phone"]) == (
        "Ada Lovelace",
        "+49*********78",
    )
    assert (booking["booked_by_name"], booking["box_office"]) == ("Grace Hopper", True)
    assert ticket["ticket_code"] == f"{code[:5]}-*****-*****-*****-*"
    assert (ticket["customer_name"], ticket["booking_status"]) == ("Ada Lovelace", "confirmed")


def test_activity_shows_who_cancelled_an_event(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    admin_id = add_user(rolled_back, role="admin", name="Grace Hopper")
    event_id = add_event(rolled_back, title="Jazz Night")
    book(rolled_back, customer, event_id, 2)

    update(rolled_back, event_id, 1, admin_id, status="cancelled")

    (created, entry) = rows(rolled_back, "SELECT * FROM recent_activity ORDER BY activity_id")
    assert (created["action"], created["event_title"]) == ("event-created", "Jazz Night")
    assert (entry["actor_name"], entry["action"], entry["event_title"]) == (
        "Grace Hopper",
        "event-cancelled",
        "Jazz Night",
    )
    assert entry["detail"]["was"] == {"status": "active"}


def test_percent_sold_is_rounded_down(rolled_back: psycopg.Connection, customer: int) -> None:
    event_id = add_event(rolled_back, capacity=3001)
    for _ in range(30):
        add_booking(rolled_back, customer, event_id, 100)
    full_id = add_event(rolled_back, capacity=1)
    add_booking(rolled_back, customer, full_id)

    found = rows(rolled_back, "SELECT percent_sold FROM event_sales ORDER BY event_id")

    assert [row["percent_sold"] for row in found] == [Decimal("99.9"), Decimal(100)]


def test_customers_shows_everyone_with_their_purchases(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    db = rolled_back
    event_id = add_event(db)
    admin = add_user(db, name="Grace Hopper", role="admin", password_hash=PASSWORD_HASH)
    add_booking(db, customer, event_id, 2, booking_date="2026-03-10 10:00+00")
    add_booking(db, customer, event_id, 3, booking_date="2026-03-12 10:00+00")
    cancelled = {"status": "cancelled", "cancelled_at": "2026-03-14 12:00+00"}
    add_booking(db, customer, event_id, 4, booking_date="2026-03-14 10:00+00", **cancelled)

    (bought,) = rows(db, "SELECT * FROM customers WHERE user_id = %s", customer)
    (never,) = rows(db, "SELECT * FROM customers WHERE bookings = 0")

    assert bought.pop("since") is not None
    assert bought == {
        "user_id": customer,
        "name": "Ada Lovelace",
        "phone": "+49*********78",
        "role": "customer",
        "can_sign_in": False,
        "first_booking": datetime(2026, 3, 10, 10, tzinfo=UTC),
        "last_booking": datetime(2026, 3, 14, 10, tzinfo=UTC),
        "bookings": 2,
        "cancellations": 1,
        "tickets": 5,
        "spent": Decimal(100),
    }
    assert (never["user_id"], never["role"], never["can_sign_in"]) == (admin, "admin", True)
    assert (never["first_booking"], never["last_booking"], never["spent"]) == (None, None, 0)


def test_sign_in_trouble_counts_recent_failures_by_phone(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    for phone, address, age in (
        ("+4915112345678", "::1", "1 minute"),
        ("+4915112345678", "::2", "14 minutes"),
        ("+4915112345678", "::3", "16 minutes"),
        ("+4930999999", "::1", "1 minute"),
    ):
        rolled_back.execute(
            "INSERT INTO sign_in_failures (phone, address, at)"
            " VALUES (%s, %s, now() - %s::interval)",
            (phone, address, age),
        )

    found = rows(
        rolled_back,
        "SELECT phone, user_id, failures, addresses, last_at - first_at AS during"
        " FROM sign_in_trouble ORDER BY failures DESC",
    )

    assert [tuple(row.values()) for row in found] == [
        ("+49*********78", customer, 2, 2, timedelta(minutes=13)),
        ("+49******99", None, 1, 1, timedelta(0)),
    ]


@pytest.mark.leaves_contradictions
def test_rows_without_their_references_are_still_shown(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    add_booking(rolled_back, customer, add_event(rolled_back), 2)
    with repair(rolled_back):
        rolled_back.execute(
            "ALTER TABLE bookings DROP CONSTRAINT bookings_user_id_fkey;"
            "ALTER TABLE bookings DROP CONSTRAINT bookings_booked_by_fkey;"
            "ALTER TABLE bookings DROP CONSTRAINT bookings_event_id_fkey;"
            "DELETE FROM users; DELETE FROM events"
        )

    (counted,) = rows(
        rolled_back,
        "SELECT (SELECT count(*) FROM booking_details) AS bookings,"
        " (SELECT count(*) FROM ticket_details) AS tickets,"
        " (SELECT sum(tickets) FROM daily_sales) AS sold,"
        " (SELECT sum(tickets_net) FROM daily_ledger) AS net",
    )

    assert counted == {"bookings": 1, "tickets": 2, "sold": 2, "net": 2}
