"""Every kind of contradiction, written without the guards, is named and located."""

import re
from typing import LiteralString

import psycopg
import pytest

from tests.support.databases import contradictions
from tests.support.event_edits import update
from tests.support.rows import add_booking, add_event, add_user, book, rows, sweep_all, value

pytestmark = pytest.mark.leaves_contradictions

# The triggers would refuse or correct most of these contradictions.
NO_TRIGGERS: LiteralString = (
    "ALTER TABLE events DISABLE TRIGGER USER;"
    "ALTER TABLE bookings DISABLE TRIGGER USER;"
    "ALTER TABLE tickets DISABLE TRIGGER USER;"
    "ALTER TABLE event_words DISABLE TRIGGER USER;"
)
CANCELLED: LiteralString = "UPDATE bookings SET status = 'cancelled', cancelled_at = booking_date;"
ANY_CODE: LiteralString = "ALTER TABLE tickets DROP CONSTRAINT tickets_code_has_check_symbol;"
WRONG_CODE: LiteralString = (
    "UPDATE tickets SET ticket_code = '00000-00000-00000-00000-1' WHERE id = 1;"
)

# The contradictions, and what the view reports: kind, table, expected, actual.
PLANTED: list[tuple[LiteralString, tuple[str, str, str, str | None]]] = [
    (
        "UPDATE events SET tickets_sold = tickets_sold + 1",
        ("tickets-sold-differs", "events", "3", "4"),
    ),
    (
        "UPDATE events SET bookings_count = 2",
        ("bookings-count-differs", "events", "1", "2"),
    ),
    ("UPDATE events SET revenue = 59.99", ("revenue-differs", "events", "60.00", "59.99")),
    (
        "UPDATE events SET tickets_checked_in = 1",
        ("tickets-checked-in-differs", "events", "0", "1"),
    ),
    (
        "ALTER TABLE events DROP CONSTRAINT events_never_oversold; UPDATE events SET capacity = 2",
        ("sold-beyond-capacity", "events", "2", "3"),
    ),
    (
        (
            "ALTER TABLE event_versions DISABLE TRIGGER USER;"
            "UPDATE events SET max_tickets_per_customer = 2;"
            """UPDATE event_versions SET fields = fields || '{"max_tickets_per_customer": 2}'"""
        ),
        ("customer-limit-exceeded", "bookings", "2", "3"),
    ),
    (
        "UPDATE events SET version = 3",
        ("edited-event-without-activity", "events", "2", "0"),
    ),
    (
        (
            "UPDATE events SET version = 3;"
            "INSERT INTO activity (action, event_id)"
            " VALUES ('event-edited', 1), ('event-created', 1)"
        ),
        ("edited-event-without-activity", "events", "2", "1"),
    ),
    # As after a change of a time zone's rules.
    (
        (
            "UPDATE events SET date_time = '2040-07-01 18:00+00', time_zone = 'UTC',"
            " local_date_time = '2040-07-01 19:00'"
        ),
        ("local-time-differs", "events", "2040-07-01 19:00:00", "2040-07-01 18:00:00"),
    ),
    # As after an upgrade of PostgreSQL with other rules for accents.
    (
        (
            "CREATE OR REPLACE FUNCTION search_text(p_text text) RETURNS text"
            " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN upper(p_text)"
        ),
        ("search-text-differs", "events", "JAZZ NIGHT TOWN HALL", "jazz night town hall"),
    ),
    (
        (
            "CREATE OR REPLACE FUNCTION search_text(p_text text) RETURNS text"
            " LANGUAGE sql IMMUTABLE PARALLEL SAFE RETURN upper(p_text)"
        ),
        ("search-text-differs", "users", "ADA +*****", "ada +*****"),
    ),
    (
        "DELETE FROM tickets WHERE id = (SELECT min(id) FROM tickets)",
        ("quantity-differs-from-tickets", "bookings", "3", "2"),
    ),
    (
        "INSERT INTO tickets (booking_id, ticket_code) SELECT id, new_ticket_code(1) FROM bookings",
        ("quantity-differs-from-tickets", "bookings", "3", "4"),
    ),
    ("DELETE FROM tickets", ("quantity-differs-from-tickets", "bookings", "3", "0")),
    (
        (
            "ALTER TABLE bookings DROP CONSTRAINT bookings_total_amount_is_price_times_quantity;"
            "UPDATE bookings SET total_amount = 61.00"
        ),
        ("total-amount-differs", "bookings", "60.00", "61.00"),
    ),
    (
        (
            "UPDATE tickets SET status = 'used', used_at = now()"
            " WHERE id = (SELECT min(id) FROM tickets)"
        ),
        ("booking-checked-in-differs", "bookings", "1", "0"),
    ),
    (CANCELLED, ("active-ticket-of-cancelled-booking", "bookings", "0", "3")),
    (
        CANCELLED + "UPDATE tickets SET status = 'used', used_at = now()",
        ("used-ticket-of-cancelled-booking", "bookings", "0", "3"),
    ),
    (
        CANCELLED + "UPDATE tickets SET status = 'cancelled'",
        ("cancelled-booking-without-activity", "bookings", "booking-cancelled", None),
    ),
    (
        "UPDATE tickets SET status = 'cancelled' WHERE id = (SELECT min(id) FROM tickets)",
        ("cancelled-ticket-of-confirmed-booking", "bookings", "0", "1"),
    ),
    (
        "UPDATE events SET status = 'cancelled'",
        ("confirmed-booking-of-cancelled-event", "bookings", "cancelled", "confirmed"),
    ),
    (
        ANY_CODE + WRONG_CODE,
        ("ticket-code-check-symbol-differs", "tickets", "0", "1"),
    ),
    # As after an upgrade that found such a code.
    (
        ANY_CODE + WRONG_CODE + "ALTER TABLE tickets ADD CONSTRAINT tickets_code_has_check_symbol"
        " CHECK (right(ticket_code, 1) ="
        " ticket_code_check_symbol(replace(left(ticket_code, 23), '-', ''))) NOT VALID",
        ("ticket-code-check-symbol-differs", "tickets", "0", "1"),
    ),
    (
        "ALTER TABLE tickets DROP CONSTRAINT tickets_booking_id_fkey; DELETE FROM bookings",
        ("orphan-ticket", "tickets", "1", None),
    ),
    (
        "ALTER TABLE bookings DROP CONSTRAINT bookings_event_id_fkey; DELETE FROM events",
        ("orphan-booking", "bookings", "1", None),
    ),
    (
        (
            "ALTER TABLE bookings DROP CONSTRAINT bookings_user_id_fkey;"
            "UPDATE bookings SET user_id = 77"
        ),
        ("booking-without-customer", "bookings", "77", None),
    ),
    (
        (
            "ALTER TABLE bookings DROP CONSTRAINT bookings_booked_by_fkey;"
            "UPDATE bookings SET booked_by = 78"
        ),
        ("booking-without-booker", "bookings", "78", None),
    ),
    (
        "DELETE FROM event_words WHERE word = 'jazz'",
        ("event-word-differs", "event_words", "jazz: 1", None),
    ),
    (
        "UPDATE event_words SET events_count = 2 WHERE word = 'jazz'",
        ("event-word-differs", "event_words", "jazz: 1", "jazz: 2"),
    ),
    (
        "INSERT INTO event_words (word, events_count) VALUES ('polka', 1)",
        ("event-word-differs", "event_words", "polka: 0", "polka: 1"),
    ),
]


@pytest.fixture
def booked(db: psycopg.Connection) -> None:
    """One booking of three tickets at 20; all ids are 1."""
    add_booking(db, add_user(db, name="Ada", phone="+49301"), add_event(db), 3)


@pytest.mark.usefixtures("booked")
@pytest.mark.parametrize(
    ("plant", "finding"),
    [pytest.param(*case, id=f"{case[1][0]}-{number}") for number, case in enumerate(PLANTED, 1)],
)
def test_a_contradiction_is_named_and_located(
    db: psycopg.Connection,
    plant: LiteralString,
    finding: tuple[str, str, str, str | None],
) -> None:
    assert rows(db, "SELECT * FROM integrity_violations") == []

    db.execute(NO_TRIGGERS + plant)

    kind, table, expected, actual = finding
    (found, *_) = rows(
        db,
        "SELECT * FROM integrity_violations WHERE kind = %s AND table_name = %s ORDER BY row_id",
        kind,
        table,
    )
    outside = table in {"users", "event_words"} or kind == "orphan-ticket"
    assert found == {
        "kind": kind,
        "table_name": table,
        "row_id": 0 if table == "event_words" else 1,
        "expected": expected,
        "actual": actual,
        "event_id": None if outside else 1,
    }
    # The sweep and the check of one event find the same.
    sweep_all(db)
    columns: LiteralString = "kind, table_name, row_id, expected, actual, event_id"
    everything = set(db.execute(f"SELECT {columns} FROM integrity_violations"))
    assert set(db.execute(f"SELECT {columns} FROM integrity_findings")) == everything
    of_one = set(db.execute("SELECT * FROM integrity_violations_of(1, 1)"))
    assert of_one == {row for row in everything if row[-1] is not None}
    assert rows(db, "SELECT * FROM integrity_violations_of(2, 9)") == []


def test_every_kind_has_a_case(db: psycopg.Connection) -> None:
    definition = value(
        db,
        "SELECT prosrc || pg_get_viewdef('integrity_violations_outside_events'::regclass)"
        " FROM pg_proc WHERE proname = 'integrity_violations_of'",
    )
    actions = {
        row["action"]
        for row in rows(db, "SELECT unnest(enum_range(NULL::activity_action))::text AS action")
    }

    # Every quoted and hyphenated text there is a kind or an action.
    named = set(re.findall(r"'(\w+(?:-\w+)+)'", definition))
    assert {finding[0] for _, finding in PLANTED} == named - actions


@pytest.mark.usefixtures("booked")
def test_the_fixtures_notice_a_contradiction(database_url: str, db: psycopg.Connection) -> None:
    assert contradictions(database_url) == []

    db.execute(NO_TRIGGERS + "UPDATE events SET revenue = 1")

    assert [row["kind"] for row in contradictions(database_url)] == ["revenue-differs"]


def test_the_functions_leave_no_contradiction(db: psycopg.Connection) -> None:
    user_id, event_id = add_user(db, role="admin"), add_event(db)
    booking = book(db, user_id, event_id, 3)
    db.execute("SELECT check_in_ticket(%s, NULL, %s)", [booking["ticket_codes"][0], user_id])
    update(db, event_id, status="cancelled")

    assert rows(db, "SELECT * FROM integrity_violations") == []
