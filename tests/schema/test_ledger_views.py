"""daily_ledger and ledger_entries: what was booked and cancelled, and when."""

from datetime import date
from decimal import Decimal
from typing import LiteralString

import psycopg
import pytest

from tests.support.rows import (
    add_booking,
    add_event,
    add_user,
    rows,
)


@pytest.fixture
def customer(rolled_back: psycopg.Connection) -> int:
    return add_user(rolled_back, name="Ada Lovelace", phone="+4915112345678")


def test_the_ledger_of_a_past_day_never_changes(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    db = rolled_back
    event_id = add_event(db, time_zone="Asia/Tokyo")
    # In Tokyo a day begins at 15:00 UTC of the previous day.
    add_booking(db, customer, event_id, 2, booking_date="2026-03-10 14:59+00")
    cancelled = {"status": "cancelled", "cancelled_at": "2026-03-10 15:00+00"}
    add_booking(db, customer, event_id, 5, booking_date="2026-03-10 10:00+00", **cancelled)
    question: LiteralString = (
        "SELECT date, bookings_booked, bookings_cancelled, tickets_booked, tickets_cancelled,"
        " tickets_net, amount_booked, amount_cancelled, amount_net FROM daily_ledger"
        " WHERE event_id = %s ORDER BY date"
    )

    found = [tuple(row.values()) for row in rows(db, question, event_id)]

    assert found == [
        (date(2026, 3, 10), 2, 0, 7, 0, 7, Decimal(140), Decimal(0), Decimal(140)),
        (date(2026, 3, 11), 0, 1, 0, 5, -5, Decimal(0), Decimal(100), Decimal(-100)),
    ]
    (sold,) = rows(db, "SELECT date, tickets FROM daily_sales WHERE event_id = %s", event_id)
    assert sold == {"date": date(2026, 3, 10), "tickets": 2}


def test_ledger_entries_until_a_moment_equal_its_sales(
    rolled_back: psycopg.Connection, customer: int
) -> None:
    db = rolled_back
    event_id = add_event(db)
    add_booking(db, customer, event_id, 2, booking_date="2026-03-10 10:00+00")
    cancelled = {"status": "cancelled", "cancelled_at": "2026-03-10 12:00+00"}
    add_booking(db, customer, event_id, 5, booking_date="2026-03-10 11:00+00", **cancelled)

    def sold(moment: str) -> tuple[object, ...]:
        question: LiteralString = (
            "SELECT sum(tickets) AS tickets, sum(amount) AS amount FROM ledger_entries"
            " WHERE event_id = %s AND at <= %s"
        )
        return tuple(rows(db, question, event_id, moment)[0].values())

    assert sold("2026-03-10 10:30+00") == (2, Decimal(40))
    assert sold("2026-03-10 11:00+00") == (7, Decimal(140))
    assert sold("2026-03-10 12:00+00") == (2, Decimal(40))
    entries = rows(db, "SELECT entry, tickets, amount, user_id FROM ledger_entries ORDER BY at")
    assert [tuple(entry.values()) for entry in entries] == [
        ("booked", 2, Decimal(40), customer),
        ("booked", 5, Decimal(100), customer),
        ("cancelled", -5, Decimal(-100), customer),
    ]
