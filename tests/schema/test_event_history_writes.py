"""Every change of an event is written into its history, by functions and by hand."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import LiteralString

import psycopg
import pytest

from tests.schema.history import as_of, assert_present, now
from tests.support.event_edits import event, refusal, update
from tests.support.locks import await_lock_waiters, raise_lock_timeout
from tests.support.programs import psql
from tests.support.rows import (
    add_booking,
    add_event,
    add_user,
    book,
    repair,
    rows,
    value,
)


def test_a_manual_edit_is_recorded_like_any_edit(db: psycopg.Connection) -> None:
    event_id = add_event(db, capacity=100)
    seen = event(db, event_id)

    db.execute("UPDATE events SET capacity = 90, title = 'Swing' WHERE id = %s", [event_id])

    edited = event(db, event_id)
    assert edited["version"] == seen["version"] + 1
    assert edited["updated_at"] > seen["updated_at"]
    (line,) = rows(db, "SELECT * FROM activity WHERE action = 'event-edited'")
    assert (line["actor_id"], line["event_id"]) == (None, event_id)
    assert line["detail"] == {
        "was": {"title": "Jazz Night", "capacity": 100},
        "became": {"title": "Swing", "capacity": 90},
        "login": "owner",
    }
    (kept,) = rows(db, "SELECT * FROM event_versions WHERE event_id = %s AND version = 2", event_id)
    assert (kept["login"], kept["actor_id"], kept["at"]) == ("owner", None, edited["updated_at"])
    # An admin whose form still shows the previous version is refused.
    assert refusal(db, event_id, version=seen["version"], title="Jazz Night!") == (
        "TK018",
        {"version": 2},
    )


def test_an_edit_names_the_admin_who_made_it(db: psycopg.Connection) -> None:
    admin, event_id = add_user(db, role="admin"), add_event(db)
    with db.transaction():
        update(db, event_id, actor=admin, title="One")
        db.execute("UPDATE events SET title = 'Two' WHERE id = %s", [event_id])

    versions = rows(
        db, "SELECT actor_id FROM event_versions WHERE event_id = %s ORDER BY version", event_id
    )
    assert [row["actor_id"] for row in versions] == [None, admin, None]


def test_the_same_price_written_otherwise_is_not_an_edit(db: psycopg.Connection) -> None:
    event_id = add_event(db, price="12.50")
    for same in ("12.5", "12.500"):
        db.execute("UPDATE events SET price = %s", [same])
    assert value(db, "SELECT version FROM events") == 1
    db.execute("UPDATE events SET price = 12.505")
    query: LiteralString = (
        "SELECT fields ->> 'price' FROM event_versions WHERE event_id = %s ORDER BY version"
    )
    assert [row[0] for row in db.execute(query, [event_id])] == ["12.50", "12.505"]


def test_an_update_without_changes_is_not_an_edit(db: psycopg.Connection) -> None:
    event_id = add_event(db)
    was = event(db, event_id)

    db.execute("UPDATE events SET title = title, price = price, status = status")

    assert event(db, event_id) == was
    assert value(db, "SELECT count(*) FROM event_versions") == 1


@pytest.mark.parametrize(
    "change",
    (
        "UPDATE tickets SET status = 'used' WHERE booking_id = {booking}",
        "UPDATE bookings SET status = 'cancelled' WHERE id = {booking}",
        "UPDATE events SET capacity = 50 WHERE id = {event}",
        (
            "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount,"
            " booked_by, booking_date) VALUES ({customer}, {event}, 1, 20, 20, {customer},"
            " clock_timestamp())"
        ),
        "SELECT id FROM book_tickets({customer}, {event}, 1)",
        "SELECT cancel_booking({booking}, {customer})",
    ),
)
def test_a_change_is_dated_after_the_one_it_waited_for(
    db: psycopg.Connection, database_url: str, change: str
) -> None:
    raise_lock_timeout(db)
    customer, event_id = add_user(db), add_event(db)
    booking = book(db, customer, event_id, 2)["id"]
    statement = change.format(booking=booking, event=event_id, customer=customer)
    with psycopg.connect(database_url) as looking, ThreadPoolExecutor() as threads:
        # This session changes nothing, so the one that waits for it does not read the row again.
        looking.execute("SELECT FROM events FOR NO KEY UPDATE")
        changing = threads.submit(psql, database_url, statement)
        await_lock_waiters(db)
        seen, at = event(looking, event_id), now(looking)
        looking.rollback()
        changing.result()

    assert as_of(db, event_id, at) == seen
    assert event(db, event_id) != seen
    assert_present(db)
    for row in rows(db, "SELECT * FROM bookings WHERE id <> %s", booking):
        assert row["booking_date"] > at


def test_times_increase_when_the_clock_is_set_back(db: psycopg.Connection) -> None:
    customer, event_id = add_user(db), add_event(db)
    ahead = now(db) + timedelta(hours=1)
    with repair(db):  # As if the clock had been an hour ahead.
        db.execute(
            "UPDATE events SET counted_at = %s, updated_at = %s, version = 2, title = 'Two'",
            [ahead, ahead],
        )

    book(db, customer, event_id, 2)
    add_booking(db, customer, event_id, 1)
    db.execute("UPDATE events SET title = 'Three'")
    db.execute("UPDATE bookings SET status = 'cancelled' WHERE quantity = 1")

    (row,) = rows(db, "SELECT * FROM events")
    figures = rows(db, "SELECT at, tickets_sold FROM event_figures ORDER BY at")
    assert [figure["tickets_sold"] for figure in figures] == [2, 3, 2]
    assert ahead < figures[0]["at"] < figures[1]["at"] < row["updated_at"] < row["counted_at"]
    assert as_of(db, event_id, row["counted_at"]) == row
    assert as_of(db, event_id, figures[1]["at"]) != row
    # The booking date itself is the time of the clock.
    assert value(db, "SELECT max(booking_date) FROM bookings") < ahead


def test_each_change_of_a_transaction_is_recorded(db: psycopg.Connection) -> None:
    customer, event_id = add_user(db), add_event(db)
    with db.transaction():
        for quantity in (1, 2, 3):
            book(db, customer, event_id, quantity)

    figures = rows(db, "SELECT at, tickets_sold FROM event_figures ORDER BY at")
    assert [figure["tickets_sold"] for figure in figures] == [1, 3, 6]
    assert len({figure["at"] for figure in figures}) == 3


def test_rolled_back_changes_are_not_recorded(db: psycopg.Connection) -> None:
    customer, event_id = add_user(db), add_event(db)
    with db.transaction(force_rollback=True):
        book(db, customer, event_id, 2)
        db.execute("UPDATE events SET title = 'Gone'")

    assert value(db, "SELECT count(*) FROM event_figures") == 0
    assert value(db, "SELECT count(*) FROM event_versions") == 1
    assert_present(db)


def test_the_figures_equal_those_computed_from_the_bookings(db: psycopg.Connection) -> None:
    customer, admin, event_id = add_user(db), add_user(db, role="admin"), add_event(db)
    for quantity in (1, 2, 3):
        booking = book(db, customer, event_id, quantity)
        if quantity == 2:
            db.execute("SELECT cancel_booking(%s, %s)", [booking["id"], customer])
    db.execute("SELECT check_in_ticket(%s, NULL, %s)", [booking["ticket_codes"][0], admin])

    columns: LiteralString = "bookings_count, tickets_sold, revenue, tickets_checked_in"
    told = [
        db.execute(f"SELECT {columns} FROM {source} WHERE event_id = %s ORDER BY at", [event_id])
        for source in ("event_figures", "event_figures_by_ledger")
    ]

    assert told[0].fetchall() == told[1].fetchall()


def test_every_editable_column_is_in_the_history(db: psycopg.Connection) -> None:
    """A new column of events must be added to one of these, or event_as_of() lacks it.

    An editable one goes into editable_fields() and into the list of events_raise_version. Any other
    one goes into event_as_of() itself.
    """
    editable = set(value(db, "SELECT array(SELECT jsonb_object_keys(editable_fields(NULL)))"))
    columns = rows(
        db,
        "SELECT attname::text AS name, attnum = ANY (tgattr) AS raises"
        " FROM pg_attribute, pg_trigger"
        " WHERE attrelid = 'events'::regclass AND attnum > 0 AND NOT attisdropped"
        " AND tgname = 'events_raise_version'",
    )
    written = value(db, "SELECT prosrc FROM pg_proc WHERE proname = 'event_as_of'")

    assert {row["name"] for row in columns if row["raises"]} == editable
    missing = {row["name"] for row in columns} - editable
    assert {name for name in missing if f"'{name}'" not in written} == set()


def test_a_column_added_later_is_null_in_the_past_before_it(db: psycopg.Connection) -> None:
    event_id = add_event(db)
    at = now(db)
    source = value(db, "SELECT pg_get_functiondef('editable_fields(events)'::regprocedure)")
    db.execute("ALTER TABLE events ADD COLUMN hall text")
    db.execute(source.replace("'title',", "'hall', p_event.hall, 'title',", 1).encode())
    db.execute(
        "CREATE OR REPLACE TRIGGER events_raise_version"
        " BEFORE UPDATE OF title, description, venue, date_time, time_zone, capacity, price,"
        " max_tickets_per_booking, status, hall ON events"
        " FOR EACH ROW EXECUTE FUNCTION raise_event_version()"
    )

    db.execute("UPDATE events SET hall = 'Great Hall'")

    assert_present(db)
    past = as_of(db, event_id, at)
    assert past is not None
    assert (past["hall"], past["title"]) == (None, "Jazz Night")
    assert event(db, event_id)["version"] == 2
