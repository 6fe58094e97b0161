"""The past of events can be asked for, at a moment and before an edit."""

from collections.abc import Callable
from typing import LiteralString

import psycopg

from tests.schema.history import as_of, assert_present, now
from tests.support.event_edits import event, update
from tests.support.rows import (
    add_booking,
    add_event,
    add_user,
    book,
    codes_of,
    in_days,
    rows,
)

# Queries that a DBA would use.
SOLD: LiteralString = """
SELECT id, title, bookings_count, tickets_sold, revenue
FROM events_as_of(%(at)s)
ORDER BY id
"""
LEFT: LiteralString = """
SELECT capacity, tickets_sold, past.tickets_available
FROM event_as_of(%(event)s, %(at)s) AS past
"""
BEFORE_THE_EDIT: LiteralString = """
SELECT past.*
FROM event_versions AS edit
CROSS JOIN LATERAL event_as_of(edit.event_id, edit.at - interval '1 microsecond') AS past
WHERE edit.event_id = %(event)s
    AND edit.version = %(version)s
"""


def test_the_state_at_each_moment_can_be_asked_for(db: psycopg.Connection) -> None:
    customer, admin = add_user(db), add_user(db, role="admin")
    event_id, other_id = add_event(db, capacity=9), add_event(db)
    sale: list[int] = []
    steps: list[Callable[[], object]] = [
        lambda: sale.append(book(db, customer, event_id, 3)["id"]),
        lambda: sale.append(add_booking(db, customer, event_id, 2)),
        lambda: update(db, event_id, actor=admin, title="Jazz Night II", capacity=7),
        lambda: db.execute("UPDATE events SET price = 30 WHERE id = %s", [event_id]),
        lambda: db.execute("SELECT cancel_booking(%s, %s)", [sale[0], customer]),
        lambda: db.execute(
            "SELECT check_in_ticket(%s, NULL, %s)", [codes_of(db, sale[1])[0], admin]
        ),
        lambda: book(db, customer, other_id, 1),
        lambda: db.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", [event_id]),
    ]
    remembered = []
    for step in steps:
        step()
        remembered.append((now(db), rows(db, "SELECT * FROM events ORDER BY id")))
        assert_present(db)

    for at, was in remembered:
        assert rows(db, "SELECT * FROM events_as_of(%s) ORDER BY id", at) == was
        assert as_of(db, event_id, at) == was[0]


def test_an_event_does_not_exist_before_its_creation(db: psycopg.Connection) -> None:
    before = now(db)
    event_id = add_event(db)

    assert as_of(db, event_id, before) is None
    assert rows(db, "SELECT * FROM events_as_of(%s)", before) == []
    assert as_of(db, event_id + 1, "infinity") is None


def test_the_sales_of_a_moment_can_be_asked_for(db: psycopg.Connection) -> None:
    customer, event_id = add_user(db), add_event(db)
    booking = book(db, customer, event_id, 3)
    at = now(db)
    db.execute("SELECT cancel_booking(%s, %s)", [booking["id"], customer])

    (sold,) = db.execute(SOLD, {"at": at}).fetchall()

    assert sold == (event_id, "Jazz Night", 1, 3, 60)


def test_the_remaining_tickets_of_a_moment_can_be_asked_for(db: psycopg.Connection) -> None:
    customer, event_id = add_user(db), add_event(db, capacity=10)
    book(db, customer, event_id, 3)
    at = now(db)
    book(db, customer, event_id, 2)
    db.execute("UPDATE events SET capacity = 5 WHERE id = %s", [event_id])

    assert db.execute(LEFT, {"event": event_id, "at": at}).fetchall() == [(10, 3, 7)]


def test_the_state_before_an_edit_can_be_asked_for(db: psycopg.Connection) -> None:
    customer, event_id = add_user(db), add_event(db)
    book(db, customer, event_id, 3)
    was = event(db, event_id)
    update(db, event_id, title="Another", price=9, date_time=in_days(40))

    (past,) = db.cursor(row_factory=psycopg.rows.dict_row).execute(
        BEFORE_THE_EDIT, {"event": event_id, "version": 2}
    )

    assert past == was
