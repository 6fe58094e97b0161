"""Messages to the guests of an event: sent once, in the log, and append-only."""

import time

import psycopg
import pytest

from tests.support.rows import add_event, add_user, book, rows, value


def send(
    db: psycopg.Connection, event_id: int, actor: int, text: str = "Bring a coat.", key: str = "k"
) -> tuple[int, bool]:
    (found,) = rows(
        db,
        "SELECT (message).people, replayed FROM send_event_message(%s, %s, %s, %s)",
        event_id,
        text,
        key,
        actor,
    )
    return found["people"], found["replayed"]


def test_guests_are_told_once_and_the_log_names_the_sender(db: psycopg.Connection) -> None:
    admin, guest, gone, stranger = add_user(db, role="admin"), *(add_user(db) for _ in range(3))
    event_id = add_event(db)
    book(db, guest, event_id, 1)
    book(db, guest, event_id, 2)
    book(db, stranger, add_event(db), 1)
    cancelled = book(db, gone, event_id, 1)
    db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], gone])

    (preview,) = rows(db, "SELECT * FROM preview_event_message(%s, 'Bring a coat.')", event_id)
    assert send(db, event_id, admin) == (1, False)
    assert send(db, event_id, admin) == (1, True)
    db.execute("SELECT fan_out_facts()")

    told = rows(db, "SELECT user_id, matter, notice_text(notices) AS text FROM notices")
    message_id = value(db, "SELECT id FROM event_messages")
    assert preview == {"text": "Jazz Night: Bring a coat.", "people": 1, "tickets": 3}
    assert told == [
        {"user_id": guest, "matter": f"message/{message_id}", "text": "Jazz Night: Bring a coat."}
    ]
    log = rows(
        db,
        "SELECT actor_id, event_id, detail FROM activity WHERE action = 'event-message-sent'",
    )
    detail = {"message_id": message_id, "people": 1}
    assert log == [{"actor_id": admin, "event_id": event_id, "detail": detail}]
    body = value(db, "SELECT fact_body(facts) FROM facts WHERE type = 'event.message-sent'")
    assert "coat" not in body
    assert f'"message_id": {message_id}' in body


def test_a_key_sends_one_message(db: psycopg.Connection) -> None:
    admin, event_id = add_user(db, role="admin"), add_event(db)
    send(db, event_id, admin)

    for text, event in (("Something else.", event_id), ("Bring a coat.", add_event(db))):
        with pytest.raises(psycopg.Error, match="idempotency-key-reused"):
            send(db, event, admin, text)


@pytest.mark.parametrize(
    ("actor", "event", "refused"),
    (("customer", "event", "not-allowed"), ("admin", "nothing", "event-not-found")),
)
def test_only_an_admin_writes_to_guests_of_an_event(
    db: psycopg.Connection, actor: str, event: str, refused: str
) -> None:
    ids = {
        "customer": add_user(db),
        "admin": add_user(db, role="admin"),
        "event": add_event(db),
        "nothing": 0,
    }
    with pytest.raises(psycopg.Error, match=refused):
        send(db, ids[event], ids[actor])
    assert value(db, "SELECT count(*) FROM event_messages") == 0


def test_nobody_rewrites_a_message(db: psycopg.Connection) -> None:
    send(db, add_event(db), add_user(db, role="admin"))
    for statement in (
        "UPDATE event_messages SET text = 'x'",
        "DELETE FROM event_messages",
        "TRUNCATE event_messages",
    ):
        with pytest.raises(psycopg.errors.RestrictViolation, match="append-only"):
            db.execute(statement)


def test_ten_thousand_guests_are_told_within_seconds(db: psycopg.Connection) -> None:
    admin, event_id = add_user(db, role="admin"), add_event(db, capacity=10_000, price="0")
    db.execute(
        "INSERT INTO users (name, phone) SELECT 'Guest', '+4930' || 1000000 + n"
        " FROM generate_series(1, 10000) AS n"
    )
    db.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT id, %s, 1, 0, 0, id FROM users WHERE name = 'Guest'",
        [event_id],
    )
    began = time.monotonic()

    assert send(db, event_id, admin) == (10_000, False)

    took = time.monotonic() - began
    assert took < 5, took
    assert value(db, "SELECT count(*) FROM notices") == 10_000


def test_reading_marks_only_what_was_shown_and_only_ones_own(db: psycopg.Connection) -> None:
    admin, guest, other = add_user(db, role="admin"), add_user(db), add_user(db)
    event_id = add_event(db)
    for customer in (guest, other):
        book(db, customer, event_id, 1)
    send(db, event_id, admin, key="1")
    seen = value(db, "SELECT max(id) FROM notices WHERE user_id = %s", guest)
    send(db, event_id, admin, key="2")

    of_another = value(db, "SELECT max(id) FROM notices WHERE user_id = %s", other)
    shown = [seen, of_another]

    marked = rows(db, "SELECT id FROM mark_notices_read(%s, %s)", guest, shown)
    again = rows(db, "SELECT id FROM mark_notices_read(%s, %s)", guest, shown)

    unread = rows(
        db,
        "SELECT user_id, count(*) FROM notices WHERE read_at IS NULL"
        " GROUP BY user_id ORDER BY user_id",
    )
    assert (marked, again) == ([{"id": seen}], [])
    assert unread == [{"user_id": guest, "count": 1}, {"user_id": other, "count": 2}]
