"""Every place with personal data is decided: what the export has, and what an erasure leaves.

A new table with a reference to users, or with a column of one of these names, fails here until it
is decided in export_user(), in erase_user(), and in the tables below.
"""

from typing import Any, LiteralString

import psycopg
import pytest

from tests.support.known_person import (
    EARLIER_EMAIL,
    EMAIL,
    NAME,
    PHONE,
    KnownPerson,
    add_known_person,
)
from tests.support.rows import rows, value

# Foreign keys to users, and columns that by their name hold a person, or where one was.
PERSONAL: LiteralString = r"""
    SELECT conrelid::regclass::text || '.' || attname
    FROM pg_constraint
    JOIN pg_attribute ON attrelid = conrelid AND attnum = ANY (conkey)
    WHERE contype = 'f' AND confrelid = 'users'::regclass
    UNION
    SELECT relname || '.' || attname
    FROM pg_attribute
    JOIN pg_class ON pg_class.oid = attrelid
    WHERE relnamespace = 'public'::regnamespace
        AND relkind IN ('r', 'p')
        AND NOT relispartition
        AND relname !~ 'yoyo'
        AND attnum > 0
        AND NOT attisdropped
        AND attname ~ '^(user_id|\w*_by|actor_id|phone|email|address|network|account|ip|\w*agent)$'
    UNION
    SELECT 'users.' || attname
    FROM pg_attribute
    WHERE attrelid = 'users'::regclass AND attnum > 0 AND NOT attisdropped
"""
# Where the export has it: the name of a list, or of a member of the account.
EXPORTED = {
    "users.id": "account",
    "users.name": "account",
    "users.phone": "account",
    "users.role": "account",
    "users.created_at": "account",
    "users.email": "account",
    "users.email_verified_at": "account",
    "users.optional_mail": "account",
    "users.phone_verified_at": "account",
    "users.phone_lost_at": "account",
    "users.disabled_at": "account",
    "bookings.user_id": "bookings",
    "bookings.booked_by": "booked_for_others",
    "sessions.user_id": "sessions",
    "calendars.user_id": "calendar_since",
    "notices.user_id": "notices",
    "mails.user_id": "mails",
    "mails.address": "mails",
    "mail_links.user_id": "mail_links",
    "mail_links.address": "mail_links",
    "event_creations.actor_id": "event_requests",
    "event_messages.actor_id": "messages_sent",
    "activity.user_id": "log",
    "activity.actor_id": "log",
    "sessions.network": "sessions",
    "known_devices.user_id": "known_devices",
    "known_devices.network": "known_devices",
    "api_tokens.user_id": "api_tokens",
    "phone_code_requests.user_id": "phone_code_requests",
    "phone_code_requests.phone": "phone_code_requests",
    "phone_code_requests.network": "phone_code_requests",
    "sign_in_failures.phone": "failed_sign_ins",
    "sign_in_failures.email": "failed_sign_ins",
    "sign_in_failures.address": "failed_sign_ins",
    "password_reset_requests.account": "password_reset_requests",
    "password_reset_requests.network": "password_reset_requests",
}
LEFT_OUT = {
    "events.address": "where a venue is",
    "users.password_hash": "a hash says nothing; has_password says that there is one",
    "users.search_text": "it is made from name and phone",
    "users.erased_at": "nobody who is erased can ask",
    "event_versions.actor_id": "the same edits are in the log",
    "password_codes.user_id": "the log says when it was made; it is deleted after 15 minutes",
    "second_factors.user_id": "the log says when it was turned on; its secret is shown once",
    "recovery_codes.user_id": "hashes say nothing",
    "phone_codes.user_id": "its request is in phone_code_requests; it is deleted once it is used",
    "phone_codes.phone": "its request is in phone_code_requests; it is deleted once it is used",
    "sign_ups.network": "it names no user, and is deleted after 15 minutes",
}
# What still names the user by id after an erasure: the ledger and the log.
STAYS = {
    "bookings.user_id",
    "bookings.booked_by",
    "activity.user_id",
    "activity.actor_id",
    "event_messages.actor_id",
    "event_versions.actor_id",
}


@pytest.fixture
def person(db: psycopg.Connection) -> KnownPerson:
    return add_known_person(db)


@pytest.fixture
def exported(db: psycopg.Connection, person: KnownPerson) -> dict[str, Any]:
    data: dict[str, Any] = value(db, "SELECT export_user(%s)", person.id)
    return data


def test_every_place_with_personal_data_is_decided(rolled_back: psycopg.Connection) -> None:
    found = {name for (name,) in rolled_back.execute(PERSONAL)}

    assert found == EXPORTED.keys() | LEFT_OUT.keys()
    assert EXPORTED.keys() & LEFT_OUT.keys() == set()


def test_the_person_of_these_tests_has_a_row_in_every_place(
    db: psycopg.Connection, person: KnownPerson
) -> None:
    for place in (EXPORTED.keys() | LEFT_OUT.keys()) - {"sign_ups.network"}:
        table, column = place.split(".")
        if column in {"user_id", "actor_id", "booked_by"}:
            query = f"SELECT count(*) FROM {table} WHERE {column} = {int(person.id)}"
        else:
            query = f"SELECT count(*) FROM {table}"
        assert value(db, query) > 0, place


def test_the_export_has_every_decided_place(exported: dict[str, Any]) -> None:
    for place, name in EXPORTED.items():
        assert exported[name], place
    told = {place.partition(".")[2] for place in EXPORTED if place.startswith("users.")}
    assert exported["account"].keys() == told | {"has_password"}


def test_the_export_says_what_the_rows_say(
    db: psycopg.Connection, person: KnownPerson, exported: dict[str, Any]
) -> None:
    account = exported["account"]
    assert (account["name"], account["phone"], account["email"]) == (NAME, PHONE, EMAIL)
    codes = value(
        db,
        "SELECT array_agg(ticket_code ORDER BY tickets.id) FROM tickets"
        " JOIN bookings ON bookings.id = booking_id WHERE user_id = %s",
        person.id,
    )
    shown = [ticket for booking in exported["bookings"] for ticket in booking["tickets"]]
    assert [ticket["ticket_code"] for ticket in shown] == codes
    assert {ticket["status"] for ticket in shown} == {"active", "used", "cancelled"}
    assert {booking["status"] for booking in exported["bookings"]} == {"confirmed", "cancelled"}
    assert {mail["address"] for mail in exported["mails"]} == {EMAIL, EARLIER_EMAIL}
    assert "Gala: Bring a coat." in [notice["text"] for notice in exported["notices"]]
    assert len(exported["webhook_messages"]) == len(exported["notices"])
    assert all(PHONE in message["body"] for message in exported["webhook_messages"])
    assert [line["text"] for line in exported["messages_sent"]] == ["Bring a coat."]
    assert [row["account"] for row in exported["password_reset_requests"]] == [
        PHONE,
        EMAIL.lower(),
    ]
    assert exported["event_requests"] == [{"event_id": person.event, "idempotency_key": "gala"}]
    done = {(line["action"], line["by_you"]) for line in exported["log"]}
    assert done >= {
        ("event-created", True),
        ("event-edited", True),
        ("event-message-sent", True),
        ("user-created", False),
        ("user-changed", False),
        ("ticket-admitted", False),
        ("booking-cancelled", False),
    }


def test_the_export_has_no_hashes_and_nothing_of_other_people(
    db: psycopg.Connection, person: KnownPerson, exported: dict[str, Any]
) -> None:
    db.execute("SELECT update_user(%s, 'Ben Frost', NULL, %s)", [person.guest, person.id])
    text = str(value(db, "SELECT export_user(%s)", person.id))

    assert "argon2id" not in text
    assert "\\x" not in text
    assert "Ben" not in text
    assert value(db, "SELECT phone FROM users WHERE id = %s", person.guest) not in text
    theirs = "SELECT count(*) FROM bookings WHERE user_id = %s"
    assert len(exported["bookings"]) == value(db, theirs, person.id)


def test_the_export_of_nobody_is_null(rolled_back: psycopg.Connection) -> None:
    assert value(rolled_back, "SELECT export_user(%s)", 10**9) is None


def test_an_erasure_leaves_ids_in_the_ledger_and_the_log_only(
    db: psycopg.Connection, person: KnownPerson
) -> None:
    db.execute("SELECT erase_user(%s, %s)", [person.id, person.other_admin])

    found = {name for (name,) in db.execute(PERSONAL)}
    references = {
        place
        for place in found
        if place.split(".")[1] in {"user_id", "actor_id", "booked_by"} or "_by" in place
    }
    left = {
        place
        for place in references
        if rows(
            db,
            f"SELECT FROM {place.split('.')[0]} WHERE {place.split('.')[1]} = {int(person.id)}",
        )
    }
    assert left == STAYS
