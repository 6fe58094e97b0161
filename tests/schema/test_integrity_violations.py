"""Every contradiction planted by hand, its guard dropped first, is named and located."""

import re
from typing import LiteralString

import psycopg
import pytest

from tests import conftest
from tests.schema.editing import update
from tests.schema.support import add_booking, add_event, add_user, book, rows, value

pytestmark = pytest.mark.plants_contradictions

NO_TRIGGERS: LiteralString = (
    "ALTER TABLE events DISABLE TRIGGER USER; ALTER TABLE bookings DISABLE TRIGGER USER;"
    "ALTER TABLE tickets DISABLE TRIGGER USER;"
)

# What is planted, by whom it is guarded, and what the view says: kind, table, expected, actual.
PLANTED: list[tuple[LiteralString, tuple[str, str, str, str | None]]] = [
    (
        NO_TRIGGERS + "UPDATE events SET tickets_sold = tickets_sold + 1",
        ("tickets-sold-differs", "events", "3", "4"),
    ),
    (
        NO_TRIGGERS + "UPDATE events SET bookings_count = 2",
        ("bookings-count-differs", "events", "1", "2"),
    ),
    (
        NO_TRIGGERS + "UPDATE events SET revenue = 59.99",
        ("revenue-differs", "events", "60.00", "59.99"),
    ),
    (
        NO_TRIGGERS + "UPDATE events SET tickets_checked_in = 1",
        ("tickets-checked-in-differs", "events", "0", "1"),
    ),
    (
        ("ALTER TABLE events DROP CONSTRAINT events_never_oversold;UPDATE events SET capacity = 2"),
        ("sold-beyond-capacity", "events", "2", "3"),
    ),
    (
        NO_TRIGGERS + "DELETE FROM tickets WHERE id = (SELECT min(id) FROM tickets)",
        ("quantity-differs-from-tickets", "bookings", "3", "2"),
    ),
    (
        NO_TRIGGERS + "INSERT INTO tickets (booking_id, ticket_code)"
        " SELECT id, new_ticket_code(event_id) FROM bookings",
        ("quantity-differs-from-tickets", "bookings", "3", "4"),
    ),
    (NO_TRIGGERS + "DELETE FROM tickets", ("quantity-differs-from-tickets", "bookings", "3", "0")),
    (
        (
            NO_TRIGGERS
            + "ALTER TABLE bookings DROP CONSTRAINT bookings_total_amount_is_price_times_quantity;"
            "UPDATE bookings SET total_amount = 61"
        ),
        ("total-amount-differs", "bookings", "60.00", "61.00"),
    ),
    (
        NO_TRIGGERS + "UPDATE tickets SET status = 'used', used_at = now()"
        " WHERE id = (SELECT min(id) FROM tickets)",
        ("booking-checked-in-differs", "bookings", "1", "0"),
    ),
    (
        NO_TRIGGERS + "UPDATE bookings SET status = 'cancelled', cancelled_at = booking_date",
        ("active-ticket-of-cancelled-booking", "bookings", "0", "3"),
    ),
    (
        NO_TRIGGERS + "UPDATE tickets SET status = 'cancelled'"
        " WHERE id = (SELECT min(id) FROM tickets)",
        ("cancelled-ticket-of-confirmed-booking", "bookings", "0", "1"),
    ),
    (
        NO_TRIGGERS + "UPDATE events SET status = 'cancelled'",
        ("confirmed-booking-of-cancelled-event", "bookings", "cancelled", "confirmed"),
    ),
    (
        NO_TRIGGERS + "ALTER TABLE tickets DROP CONSTRAINT tickets_booking_id_fkey;"
        "DELETE FROM bookings",
        ("orphan-ticket", "tickets", "1", None),
    ),
    (
        NO_TRIGGERS + "ALTER TABLE bookings DROP CONSTRAINT bookings_event_id_fkey;"
        "DELETE FROM events",
        ("orphan-booking", "bookings", "1", None),
    ),
]


@pytest.fixture
def booked(db: psycopg.Connection) -> None:
    """One booking of three tickets at 20, with the id 1, as everything else."""
    add_booking(db, add_user(db), add_event(db), 3)


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("plant", "finding"),
    [pytest.param(*case, id=f"{case[1][0]}-{number}") for number, case in enumerate(PLANTED, 1)],
)
def test_it_is_named_and_located(
    db: psycopg.Connection,
    plant: LiteralString,
    finding: tuple[str, str, str, str | None],
) -> None:
    assert rows(db, "SELECT * FROM integrity_violations") == []

    db.execute(plant)

    kind, table, expected, actual = finding
    found = rows(db, "SELECT * FROM integrity_violations WHERE kind = %s ORDER BY row_id", kind)
    assert found[0] == {
        "kind": kind,
        "table_name": table,
        "row_id": 1,
        "expected": expected,
        "actual": actual,
    }


def test_every_kind_has_a_case(db: psycopg.Connection) -> None:
    definition = value(db, "SELECT pg_get_viewdef('integrity_violations'::regclass)")

    # All that is quoted and hyphenated in the view is a kind.
    assert {finding[0] for _, finding in PLANTED} == set(
        re.findall(r"'(\w+(?:-\w+)+)'", definition)
    )


@pytest.mark.usefixtures("booked")
def test_the_fixtures_of_all_tests_would_notice(database_url: str, db: psycopg.Connection) -> None:
    assert conftest.contradictions(database_url) == []

    db.execute(NO_TRIGGERS + "UPDATE events SET revenue = 1")

    assert [row["kind"] for row in conftest.contradictions(database_url)] == ["revenue-differs"]


def test_what_the_functions_do_contradicts_nothing(db: psycopg.Connection) -> None:
    user_id, event_id = add_user(db, role="admin"), add_event(db)
    booking = book(db, user_id, event_id, 3)
    db.execute("SELECT check_in_ticket(%s, NULL, %s)", [booking["ticket_codes"][0], user_id])
    update(db, event_id, status="cancelled")

    assert rows(db, "SELECT * FROM integrity_violations") == []
