"""What changed about an event since it was booked, for its guests."""

from typing import Any

import psycopg

from tests.support.event_edits import update
from tests.support.rows import add_event, add_user, book, in_days, value


def changes(db: psycopg.Connection, booking_id: int) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = value(
        db, "SELECT changes FROM booking_with_tickets(%s)", booking_id
    )
    return found


def test_a_booking_tells_what_changed_since(db: psycopg.Connection) -> None:
    admin, customer = add_user(db, role="admin"), add_user(db)
    start_was = in_days(30)
    event_id = add_event(db, venue="Muschelsaal", date_time=start_was)
    first = book(db, customer, event_id, 1)["id"]
    assert changes(db, first) == []
    update(db, event_id, actor=admin, title="Another title", price=30)
    assert changes(db, first) == []

    update(db, event_id, actor=admin, venue="Ersatzhalle", doors_open="10:00")
    moved = [
        {"field": "venue", "was": "Muschelsaal", "became": "Ersatzhalle"},
        {"field": "doors_open", "was": None, "became": "10:00"},
    ]
    assert changes(db, first) == moved
    # A customer who books now already knows the new facts.
    second = book(db, customer, event_id, 1)["id"]
    assert changes(db, second) == []

    update(db, event_id, actor=admin, date_time=in_days(31))
    ((start, *rest),) = (changes(db, first),)
    assert (start["field"], rest) == ("date_time", moved)
    assert start["was"] < start["became"]
    assert [change["field"] for change in changes(db, second)] == ["date_time"]

    # What has become what it was is no change.
    update(db, event_id, actor=admin, date_time=start_was, venue="Muschelsaal", doors_open=None)
    assert changes(db, first) == []


def test_a_statement_by_hand_is_a_change_like_any_other(db: psycopg.Connection) -> None:
    event_id = add_event(db, venue="Muschelsaal")
    booking_id = book(db, add_user(db), event_id, 1)["id"]
    db.execute("UPDATE events SET venue = 'Ersatzhalle' WHERE id = %s", [event_id])
    assert [change["became"] for change in changes(db, booking_id)] == ["Ersatzhalle"]
