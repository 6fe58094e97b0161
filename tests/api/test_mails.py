"""Mails on their way: a real mail server on loopback gets them."""

from collections.abc import AsyncIterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import icalendar
import psycopg
import pytest

from app.background.mail_messages import _subject
from app.background.mails import send_due_mails
from app.data.database import Database
from app.settings import Settings
from tests.support.calendars import ReadEntry, read_calendar
from tests.support.mail_server import Postbox, free_port, mail_server, text_of
from tests.support.rows import add_event, add_user, book, in_days, rows

ADDRESS = "ada@example.org"


def settings(port: int) -> Settings:
    return Settings.model_validate(
        {
            "database_url": "postgresql://localhost/none",
            "smtp_url": f"smtp://127.0.0.1:{port}",
            "mail_from": "Marquee <tickets@tickets.example>",
            "public_url": "https://tickets.example",
        }
    )


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.connect(database_url) as connected:
        yield connected


def tell(db: psycopg.Connection, kind: str, **event: Any) -> int:
    """Write a notice of this kind with its mail."""
    user_id = add_user(
        db, name="<b>Ada</b>\u200fevil", email=ADDRESS, email_verified_at=in_days(-1)
    )
    event_id = add_event(db, **event)
    booking = book(db, user_id, event_id, 1)
    db.execute(
        "SELECT tell_customers(ARRAY[ROW(NULL, %s, %s, %s, %s, %s, %s, now(), NULL)::notices])",
        [
            user_id,
            kind,
            event_id,
            booking["id"],
            kind,
            '{"quantity": 1, "text": "Hi", "became": {}}',
        ],
    )
    return user_id


KINDS = (
    *("booking-confirmed", "booking-cancelled", "event-changed", "event-cancelled"),
    *("event-message", "event-reminder"),
)


@pytest.mark.parametrize("kind", KINDS)
async def test_every_kind_of_notice_arrives_escaped(
    db: psycopg.Connection, database: Database, kind: str
) -> None:
    tell(db, kind, title="<i>Jazz</i> \u200f\u05e9\u05dc\u2028Bcc: all@example.org")
    postbox = Postbox()
    with mail_server(postbox) as port:
        assert await send_due_mails(database, settings(port)) == 1

    (mail,) = postbox.mails
    assert (mail["To"], mail["Bcc"], mail["Auto-Submitted"]) == (ADDRESS, None, "auto-generated")
    assert "\u200f" not in mail["Subject"]
    assert "<i>Jazz</i>" in text_of(mail)
    assert "Hello <b>Ada</b>evil," in text_of(mail)
    assert "&lt;b&gt;Ada&lt;/b&gt;" in text_of(mail, "html")
    assert "<i>" not in text_of(mail, "html")
    assert (mail["List-Unsubscribe-Post"] is not None) == (
        kind in {"event-message", "event-reminder"}
    )
    assert rows(db, "SELECT sent_at IS NULL AS unsent FROM mails") == [{"unsent": False}]


async def test_a_mail_keeps_its_words_in_order_beside_a_right_to_left_title(
    db: psycopg.Connection, database: Database
) -> None:
    tell(
        db, "event-cancelled", title="\u05d2\u05f3\u05d0\u05d6", date_time="2031-05-06 18:00:00+00"
    )
    db.execute("UPDATE users SET name = '\u0646\u0648\u0631'")
    postbox = Postbox()
    with mail_server(postbox) as port:
        await send_due_mails(database, settings(port))

    (mail,) = postbox.mails
    title = "\u2068\u05d2\u05f3\u05d0\u05d6\u2069"
    sentence = f"{title} on Tuesday, 6 May 2031, 20:00 is cancelled."
    assert mail["Subject"] == f"{title} is cancelled"
    assert text_of(mail).startswith("Hello \u2068\u0646\u0648\u0631\u2069,")
    assert sentence in text_of(mail)
    assert f'<p dir="ltr">{sentence}' in text_of(mail, "html")


def test_a_long_title_is_cut_inside_its_subject() -> None:
    mail = {"kind": "event-cancelled", "purpose": "notice", "event_title": "\u05d2" * 200}

    subject = _subject(mail)

    assert subject == "\u2068" + "\u05d2" * 136 + "…\u2069 is cancelled"


async def test_the_link_in_a_mail_verifies_the_address(
    db: psycopg.Connection, database: Database
) -> None:
    user_id = add_user(db)
    db.execute("SELECT set_email(%s, %s, %s)", [user_id, ADDRESS, user_id])
    postbox = Postbox()
    with mail_server(postbox) as port:
        await send_due_mails(database, settings(port))

    (mail,) = postbox.mails
    link = text_of(mail).partition("https://tickets.example/verify-email#token=")[2]
    used = rows(db, "SELECT verify_email(sha256(convert_to(%s, 'UTF8')))", link.split()[0])
    assert used == [{"verify_email": True}]


async def test_a_mail_that_is_refused_is_sent_later_with_the_same_message_id(
    db: psycopg.Connection, database: Database
) -> None:
    tell(db, "event-changed")
    postbox = Postbox()
    with mail_server(postbox) as port:
        # As after a process that was killed between its claim and finish_mail().
        await send_due_mails(database, settings(port))
        db.execute("UPDATE mails SET sent_at = NULL, next_attempt_at = now(), last_error = NULL")
        postbox.answer = "451 Try later, ada@example.org"
        await send_due_mails(database, settings(port))
        assert rows(db, "SELECT last_error FROM mails") == [{"last_error": "SMTPDataError 451"}]
        db.execute("UPDATE mails SET next_attempt_at = now()")
        postbox.answer = "250 OK"
        await send_due_mails(database, settings(port))

    first, second = postbox.mails
    assert first["Message-ID"] == second["Message-ID"]


async def test_a_mail_server_that_is_away_is_tried_again(
    db: psycopg.Connection, database: Database
) -> None:
    tell(db, "event-changed")

    assert await send_due_mails(database, settings(free_port())) == 1
    (row,) = rows(db, "SELECT last_error, next_attempt_at > now() AS again FROM mails")
    assert row == {"last_error": "SMTPConnectError", "again": True}


async def test_the_entry_of_a_booking_comes_with_its_mails_moves_and_is_struck_out(
    db: psycopg.Connection, database: Database
) -> None:
    user_id = add_user(db, email=ADDRESS, email_verified_at=in_days(-1))
    event_id = add_event(db)
    first, second, third = (book(db, user_id, event_id, 1)["id"] for _ in range(3))
    postbox = Postbox()
    with mail_server(postbox) as port:

        async def entries() -> list[tuple[int, str, str, ReadEntry]]:
            """Return what the new mails bring into a calendar: booking, method, status, entry."""
            postbox.mails.clear()
            db.execute("SELECT fan_out_facts()")
            await send_due_mails(database, settings(port))
            return [read_attachment(part) for mail in postbox.mails for part in attached(mail)]

        confirmed = await entries()
        db.execute("UPDATE bookings SET status = 'cancelled' WHERE id = %s", [second])
        struck_out = await entries()
        db.execute(
            "UPDATE events SET date_time = date_time + interval '3 days' WHERE id = %s", [event_id]
        )
        moved = await entries()
        db.execute("UPDATE events SET status = 'cancelled' WHERE id = %s", [event_id])
        cancelled = await entries()

    assert told(confirmed) == [
        (booking_id, "PUBLISH", "CONFIRMED", 1) for booking_id in (first, second, third)
    ]
    assert told(struck_out) == [(second, "CANCEL", "CANCELLED", 2)]
    assert told(moved) == [(first, "PUBLISH", "CONFIRMED", 2), (third, "PUBLISH", "CONFIRMED", 2)]
    assert told(cancelled) == [
        (first, "CANCEL", "CANCELLED", 4),
        (third, "CANCEL", "CANCELLED", 4),
    ]
    assert moved[0][3].begin - confirmed[0][3].begin == timedelta(days=3)


def told(entries: list[tuple[int, str, str, ReadEntry]]) -> list[tuple[int, str, str, int]]:
    return sorted(
        (booking, method, status, entry.sequence) for booking, method, status, entry in entries
    )


def attached(mail: EmailMessage) -> list[EmailMessage]:
    return list(mail.iter_attachments())


def read_attachment(part: EmailMessage) -> tuple[int, str, str, ReadEntry]:
    """Read an entry with three programs: icalendar, vobject and ics."""
    content = part.get_payload(decode=True)
    assert isinstance(content, bytes)
    (entry,) = read_calendar(content)
    calendar = icalendar.Calendar.from_ical(content)
    (event,) = calendar.walk("VEVENT")
    assert (part.get_content_type(), part.get_param("method")) == (
        "text/calendar",
        str(calendar["METHOD"]),
    )
    assert (str(event["UID"]), event.decoded("SEQUENCE")) == (entry.uid, entry.sequence)
    assert event.decoded("DTSTART") == entry.begin
    booking_id = entry.uid.removeprefix("booking-").removesuffix("@tickets.example")
    assert part.get_filename() == f"marquee-booking-{booking_id}.ics"
    return int(booking_id), str(calendar["METHOD"]), str(event["STATUS"]), entry


async def test_a_mail_about_something_else_has_no_entry(
    db: psycopg.Connection, database: Database
) -> None:
    tell(db, "event-message")
    tell_again(db)
    postbox = Postbox()
    with mail_server(postbox) as port:
        assert await send_due_mails(database, settings(port)) == 2
    assert [attached(mail) for mail in postbox.mails] == [[], []]


def tell_again(db: psycopg.Connection) -> None:
    """Write a mail without a notice."""
    user_id = add_user(db)
    db.execute("SELECT set_email(%s, %s, %s)", [user_id, ADDRESS, user_id])
