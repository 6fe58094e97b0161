"""The views answer the usual questions: one number, one definition."""

from datetime import date
from decimal import Decimal

import psycopg
import pytest

from tests.schema.editing import update
from tests.schema.support import (
    add_booking,
    add_event,
    add_started_event,
    add_user,
    book,
    in_days,
    rows,
)


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, name="Ada Lovelace", phone="+4915112345678")


def test_availability_says_what_is_left_and_bookable(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    add_booking(rolled_back, customer, add_event(rolled_back, capacity=5), 3)
    add_booking(rolled_back, customer, add_event(rolled_back, capacity=3), 3)
    add_started_event(rolled_back)
    add_event(rolled_back, status="cancelled")
    add_event(rolled_back, status="completed")

    found = rows(
        rolled_back,
        "SELECT tickets_available, bookable FROM event_availability ORDER BY event_id",
    )

    assert [tuple(row.values()) for row in found] == [
        (2, True),
        (0, True),
        (100, False),
        (100, False),
        (100, False),
    ]


def test_sales_count_confirmed_bookings_and_no_shows_once_it_has_started(
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
        " (SELECT sum(capacity - tickets_available) FROM event_availability) AS taken",
    )

    assert set(sums.values()) == {6}


def test_details_mask_phones_and_codes_and_know_the_box_office(
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


def test_activity_says_who_cancelled_an_event_and_what_it_was_before(
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
