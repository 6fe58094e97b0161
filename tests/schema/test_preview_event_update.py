"""What guests will be told of an edit, before it is saved, is what they are told afterwards."""

import json

import psycopg
import pytest

from tests.support.rows import add_event, add_user, book, rows, value


@pytest.mark.parametrize(
    "fields",
    (
        {"venue": "Old Barn", "address": "Main Street 1"},
        {"date_time": "2031-05-07T18:30:00Z"},
        {"doors_open": "18:30", "capacity": 50},
    ),
    ids=["venue", "date", "doors"],
)
def test_the_preview_has_the_words_of_the_notice(
    db: psycopg.Connection, fields: dict[str, object]
) -> None:
    event_id, admin = add_event(db), add_user(db, role="admin")
    guest, other = add_user(db), add_user(db)
    for customer, quantity in ((guest, 1), (guest, 2), (other, 1)):
        book(db, customer, event_id, quantity)
    given = json.dumps(fields)

    (preview,) = rows(db, "SELECT * FROM preview_event_update(%s, %s)", event_id, given)
    assert value(db, "SELECT version FROM events WHERE id = %s", event_id) == 1
    db.execute("SELECT update_event(%s, %s, NULL, %s)", [event_id, given, admin])
    db.execute("SELECT fan_out_facts()")

    told = rows(db, "SELECT DISTINCT notice_text(notices) AS text FROM notices")
    assert told == [{"text": preview["text"]}]
    assert (preview["people"], preview["bookings"], preview["tickets"]) == (2, 3, 4)
    start = value(db, "SELECT date_time FROM events WHERE id = %s", event_id)
    assert preview["cancellable_until"] == start
    assert ("You can cancel" in preview["text"]) == ("doors_open" not in fields)


@pytest.mark.parametrize("fields", ({}, {"capacity": 50}, {"venue": "Town Hall"}))
def test_guests_are_not_told_of_what_they_need_not_know(
    db: psycopg.Connection, fields: dict[str, object]
) -> None:
    event_id = add_event(db, venue="Town Hall")
    book(db, add_user(db), event_id, 1)

    (preview,) = rows(
        db, "SELECT * FROM preview_event_update(%s, %s)", event_id, json.dumps(fields)
    )
    assert preview == {
        "people": 0,
        "bookings": 0,
        "tickets": 0,
        "text": None,
        "cancellable_until": None,
        "sale_starts_at": None,
        "sale_ends_at": None,
    }


def test_an_event_does_not_move_into_the_past(db: psycopg.Connection) -> None:
    fields = json.dumps({"date_time": "2021-05-07T18:30:00Z"})
    with pytest.raises(psycopg.Error, match="date-time-in-past"):
        db.execute("SELECT * FROM preview_event_update(%s, %s)", [add_event(db), fields])


def test_an_unknown_event_is_not_found(db: psycopg.Connection) -> None:
    with pytest.raises(psycopg.Error, match="event-not-found"):
        db.execute("SELECT * FROM preview_event_update(0, '{}')")
