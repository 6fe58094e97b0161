"""Notices: who is told of what, once, and in which words."""

import psycopg

from tests.support.rows import add_event, add_user, book, in_days, rows, value

RETURNED = "Anything you have paid is returned by the organiser."
ASK = "If you have paid, the organiser says what is returned."


def notices(db: psycopg.Connection) -> list[tuple[int, str, str]]:
    """Fan the facts out, and return whom was told what."""
    db.execute("SELECT fan_out_facts()")
    found = rows(db, "SELECT user_id, kind, notice_text(notices) AS text FROM notices ORDER BY id")
    return [(row["user_id"], row["kind"], row["text"]) for row in found]


def change(db: psycopg.Connection, event_id: int, **fields: str) -> None:
    (field,) = fields
    statement = psycopg.sql.SQL("UPDATE events SET {} = %s WHERE id = %s")
    db.execute(statement.format(psycopg.sql.Identifier(field)), [fields[field], event_id])


def test_only_guests_at_the_time_of_a_change_are_told_of_it(db: psycopg.Connection) -> None:
    event_id = add_event(db, venue="Town Hall")
    guest, later, gone, stranger = (add_user(db) for _ in range(4))
    book(db, guest, event_id, 1)
    book(db, guest, event_id, 2)
    cancelled = book(db, gone, event_id, 1)
    db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], gone])
    change(db, event_id, venue="Old Barn")
    book(db, later, event_id, 1)
    book(db, stranger, add_event(db), 1)

    text = "Jazz Night has changed. It now takes place at Old Barn instead of Town Hall. "
    text += "You can cancel your booking until it begins."
    assert notices(db) == [(guest, "event-changed", text)]
    assert notices(db) == [(guest, "event-changed", text)]


def test_a_guest_who_cancels_after_the_change_is_told_of_it(db: psycopg.Connection) -> None:
    event_id, guest = add_event(db), add_user(db)
    booking = book(db, guest, event_id, 1)
    change(db, event_id, doors_open="18:30")
    db.execute("SELECT cancel_booking(%s, %s)", [booking["id"], guest])

    assert notices(db) == [
        (guest, "event-changed", "Jazz Night has changed. The doors now open at 18:30.")
    ]


def test_guests_read_what_was_and_what_is(db: psycopg.Connection) -> None:
    event_id, guest = add_event(db, date_time="2031-05-06 18:00:00+00"), add_user(db)
    book(db, guest, event_id, 1)
    change(db, event_id, doors_open="18:30")
    change(db, event_id, doors_open="19:00")
    db.execute("UPDATE events SET doors_open = NULL WHERE id = %s", [event_id])
    change(db, event_id, date_time="2031-05-07 17:30:00+00")

    moved = "It now begins on Wednesday, 7 May 2031, 19:30 instead of Tuesday, 6 May 2031, 20:00."
    said = [text.removeprefix("Jazz Night has changed. ") for _, _, text in notices(db)]
    assert said == [
        "The doors now open at 18:30.",
        "The doors now open at 19:00 instead of 18:30.",
        "No time for the doors is given any more.",
        f"{moved} You can cancel your booking until it begins.",
    ]


def test_a_change_that_guests_need_not_know_is_not_told(db: psycopg.Connection) -> None:
    event_id, guest = add_event(db), add_user(db)
    book(db, guest, event_id, 1)
    change(db, event_id, capacity="500")
    change(db, event_id, price="99.00")

    assert notices(db) == []


def test_guests_of_a_cancelled_event_are_told_the_reason(db: psycopg.Connection) -> None:
    event_id = add_event(db, date_time="2031-05-06 18:00:00+00")
    guest, gone = add_user(db), add_user(db)
    book(db, guest, event_id, 1)
    cancelled = book(db, gone, event_id, 1)
    db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], gone])
    db.execute(
        "UPDATE events SET status = 'cancelled', cancellation_reason = 'The band is ill.'"
        " WHERE id = %s",
        [event_id],
    )

    assert notices(db) == [
        (
            guest,
            "event-cancelled",
            "Jazz Night on Tuesday, 6 May 2031, 20:00 is cancelled. The band is ill. " + RETURNED,
        )
    ]


def test_a_cancellation_says_what_becomes_of_the_money(db: psycopg.Connection) -> None:
    contact = {"organiser_contact": "box@example.org"}
    event_id, free = add_event(db, **contact), add_event(db, price=0, **contact)
    guest = add_user(db, email="ada@example.org", email_verified_at=in_days(-1))
    for event in (event_id, free):
        cancelled = book(db, guest, event, 1)
        db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], guest])
        book(db, guest, event, 1)
        db.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", [event])

    ends = [
        text.rpartition(" cancelled")[2] for _, kind, text in notices(db) if "cancelled" in kind
    ]

    assert ends == [
        " as you asked. If you have paid, the organiser says what is returned: box@example.org.",
        ". Anything you have paid is returned by the organiser: box@example.org.",
        " as you asked.",
        ".",
    ]


def test_names_of_right_to_left_scripts_leave_the_words_around_them(
    db: psycopg.Connection,
) -> None:
    event_id, guest = add_event(db, title="\u05d2\u05f3\u05d0\u05d6 3", venue="Hall"), add_user(db)
    book(db, guest, event_id, 1)
    change(db, event_id, venue="\u0642\u0627\u0639\u0629")
    texts = [text for _, _, text in notices(db)]
    sentence = value(
        db,
        "SELECT notice_text(jsonb_populate_record(NULL::notices, %s))",
        f'{{"kind": "booking-confirmed", "event_id": {event_id}, "detail": {{"quantity": 1}}}}',
    )

    title = "\u2068\u05d2\u05f3\u05d0\u05d6 3\u2069"
    venue = "\u2068\u0642\u0627\u0639\u0629\u2069"
    assert f" for {title}, " in sentence
    assert sentence.endswith(f", {venue}.")
    assert texts[0].startswith(
        f"{title} has changed. It now takes place at {venue} instead of Hall."
    )


def test_each_line_of_a_message_keeps_its_direction(db: psycopg.Connection) -> None:
    said = value(db, "SELECT isolated(%s)", "A ramp.\n\u05e8\u05de\u05e4\u05d4.\nA lift.")
    turned = value(db, "SELECT isolated(%s)", "\u202e\u05e8\u05de\u05e4\u05d4\u2069")

    assert said == "A ramp.\n\u2068\u05e8\u05de\u05e4\u05d4.\u2069\nA lift."
    # What turns the direction itself is left out.
    assert turned == "\u2068\u05e8\u05de\u05e4\u05d4\u2069"


def test_customers_are_told_what_others_did_with_their_bookings(db: psycopg.Connection) -> None:
    admin, customer = add_user(db, role="admin"), add_user(db)
    event_id = add_event(db)
    own = book(db, customer, event_id, 1)
    booking = book(db, customer, event_id, 2, None, admin)
    db.execute("SELECT cancel_booking(%s, %s)", [own["id"], customer])
    db.execute("SELECT cancel_booking(%s, %s)", [booking["id"], admin])

    texts = [text for _, _, text in notices(db)]

    assert [text.split(":")[0] for text in texts] == [
        f"Booking {booking['id']} is confirmed",
        f"Booking {booking['id']} for Jazz Night was cancelled by the organiser. {ASK}",
    ]
    assert "2 tickets for Jazz Night" in texts[0]


def test_a_verified_address_gets_a_mail_with_each_notice(db: psycopg.Connection) -> None:
    event_id = add_event(db)
    verified = add_user(db, email="ada@example.org", email_verified_at="2026-01-01 00:00+00")
    unverified = add_user(db, email="bob@example.org")
    for customer in (verified, unverified):
        book(db, customer, event_id, 1)
    change(db, event_id, venue="Old Barn")
    notices(db)

    found = rows(
        db,
        "SELECT address, kind, read_at IS NOT NULL AS read"
        " FROM mails JOIN notices ON notices.id = notice_id ORDER BY mails.id",
    )

    # A booking of one's own is told by mail, and is no news in the app.
    assert [(row["address"], row["kind"], row["read"]) for row in found] == [
        ("ada@example.org", "booking-confirmed", True),
        ("ada@example.org", "event-changed", False),
    ]
    assert value(db, "SELECT count(*) FROM notices WHERE user_id = %s", unverified) == 1


def test_only_an_endpoint_that_names_it_gets_phone_numbers(db: psycopg.Connection) -> None:
    db.execute(
        "INSERT INTO webhook_endpoints (url, secret, types) VALUES"
        " ('https://a.example/', sha256('a'), '{}'),"
        " ('https://b.example/', sha256('b'), '{customer.notice}')"
    )
    event_id, guest = add_event(db), add_user(db, phone="+4930123456")
    book(db, guest, event_id, 1)
    notices(db)

    found = rows(
        db,
        "SELECT url, type, body LIKE '%%+4930123456%%' AS phone FROM webhook_deliveries"
        " JOIN webhook_endpoints ON webhook_endpoints.id = endpoint_id ORDER BY url, type",
    )

    assert [(row["url"], row["type"], row["phone"]) for row in found] == [
        ("https://a.example/", "booking.confirmed", False),
        ("https://a.example/", "event.created", False),
        ("https://b.example/", "customer.notice", True),
    ]
