"""A person of whom the database knows everything it can know: a row in each table.

Name, phone and address are strings that stand nowhere else, so that a search of a dump finds them.
"""

import hashlib
import re
from dataclasses import dataclass
from datetime import timedelta

import psycopg
from psycopg.types.json import Jsonb

from tests.support.rows import (
    PASSWORD_HASH,
    add_event,
    add_mail_link,
    add_user,
    book,
    in_days,
    insert,
    start_event,
    value,
)
from tests.support.tokens import add_token

NAME = "Zephyrine Quillfeather"
PHONE = "+4915777654321"
EMAIL = "Zephyrine@Quillfeather.example"
EARLIER_EMAIL = "zq@elsewhere.example"
EARLIER_NAME = "Zephyrine Oldbourne"
# As they may stand in any table: names are folded for searches, phones also have national forms.
TRACES = ("zephyrine", "quillfeather", "oldbourne", "15777654321", "elsewhere.example")


@dataclass(frozen=True)
class KnownPerson:
    """The ids of the person and of what belongs to them."""

    id: int
    other_admin: int
    guest: int
    event: int
    booking: int


def traces_in(text: str) -> set[str]:
    """Return what of the person stands in a text."""
    return {trace for trace in TRACES if trace in text.lower()}


def tables_with_traces(dumped: str) -> set[str]:
    """Return the tables of a plain dump in whose rows something of the person stands."""
    blocks = re.findall(r"^COPY public\.(\w+) .*?\n(.*?)^\\\.$", dumped, re.MULTILINE | re.DOTALL)
    return {re.sub(r"_20\d\d_\d\d$", "", table) for table, lines in blocks if traces_in(lines)}


def add_known_person(db: psycopg.Connection, **columns: object) -> KnownPerson:
    """Add an admin who is also a guest, with a booking of an event that has started."""
    person = add_user(
        db,
        name=NAME,
        phone=PHONE,
        **{"role": "admin", "email": EMAIL, "email_verified_at": in_days(-1), **columns},
    )
    db.execute("UPDATE users SET password_hash = %s WHERE id = %s", [PASSWORD_HASH, person])
    other_admin = add_user(db, name="Theo Admin", role="admin", password_hash=PASSWORD_HASH)
    guest = add_user(db, name="Ben Winter")
    _add_webhook(db)
    fields = {
        "title": "Gala",
        "venue": "Hall",
        "date_time": in_days(9).isoformat(),
        "time_zone": "UTC",
        "capacity": 9,
        "price": 5,
    }
    event = value(
        db, "SELECT (event).id FROM create_event_once(%s, %s, 'gala')", Jsonb(fields), person
    )
    db.execute(
        "SELECT update_event(%s, %s, NULL, %s)", [event, Jsonb({"venue": "Old Barn"}), person]
    )
    booking = book(db, person, event, 2, "key")
    for_guest = book(db, guest, event, 1, None, person)
    db.execute("SELECT send_event_message(%s, 'Bring a coat.', 'a', %s)", [event, person])
    db.execute("SELECT fan_out_facts()")
    for code in (booking["ticket_codes"][0], for_guest["ticket_codes"][0]):
        db.execute("SELECT check_in_ticket(%s, NULL, %s)", [code, other_admin])
    cancelled = book(db, person, add_event(db), 1)
    db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], other_admin])
    db.execute("SELECT fan_out_facts()")
    start_event(db, event)
    _add_other_rows(db, person)
    return KnownPerson(person, other_admin, guest, event, booking["id"])


def _add_webhook(db: psycopg.Connection) -> None:
    types = ["customer.notice", "booking.confirmed", "user.erased"]
    db.execute("SELECT create_webhook_endpoint('https://a.example/', %s, NULL, NULL)", [types])


def _add_other_rows(db: psycopg.Connection, person: int) -> None:
    db.execute("SELECT update_user(%s, %s, NULL, NULL)", [person, NAME])
    # As earlier releases wrote them.
    for action, detail in (
        ("user-created", {"name": EARLIER_NAME, "role": "admin"}),
        ("user-changed", {"was": {"name": EARLIER_NAME}, "became": {"name": NAME}}),
    ):
        insert(db, "activity", action=action, user_id=person, detail=Jsonb(detail))
    db.execute(
        "INSERT INTO sessions (token_hash, user_id, network, browser)"
        " VALUES (sha256('session'), %s, '192.0.2.1', 'Firefox on Android')",
        [person],
    )
    db.execute(
        "INSERT INTO known_devices (token_hash, user_id, network)"
        " VALUES (sha256('device'), %s, '192.0.2.1')",
        [person],
    )
    db.execute(
        "INSERT INTO phone_codes (token_hash, code_hash, phone, user_id)"
        " VALUES (sha256('code'), sha256('042317'), %s, %s)",
        [PHONE, person],
    )
    db.execute(
        "INSERT INTO password_codes (user_id, code_hash) VALUES (%s, sha256('code'))", [person]
    )
    db.execute(
        "INSERT INTO second_factors (user_id, secret) VALUES (%s, repeat('A', 32))", [person]
    )
    db.execute(
        "INSERT INTO recovery_codes (user_id, code_hash) VALUES (%s, sha256('code'))", [person]
    )
    insert(db, "phone_code_requests", phone=PHONE, user_id=person, network="192.0.2.1")
    add_token(db, person, name=NAME)
    db.execute("SELECT make_calendar(%s, %s)", [person, hashlib.sha256(b"calendar").digest()])
    add_mail_link(db, person, "unsubscription", "link", EARLIER_EMAIL)
    insert(
        db,
        "mails",
        user_id=person,
        address=EARLIER_EMAIL,
        purpose="email-verification",
        next_attempt_at=None,
        sent_at=in_days(-1),
    )
    for account in (PHONE, EMAIL.lower(), EARLIER_EMAIL):
        insert(db, "password_reset_requests", account=account, network="192.0.2.1")
    insert(db, "sign_in_failures", phone=PHONE, address="192.0.2.1")
    insert(db, "sign_in_failures", email=EMAIL.lower(), address="192.0.2.1")
    db.execute(
        "INSERT INTO integrity_findings (kind, table_name, row_id, expected, actual, found_at)"
        " VALUES ('search-text-differs', 'users', %s, %s, %s, now() - %s)",
        [person, NAME.lower(), EARLIER_NAME.lower(), timedelta(hours=1)],
    )
