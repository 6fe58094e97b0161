"""Every constraint refuses a manual statement of the owner."""

import re
import sys
import unicodedata
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from app.http import fields
from tests.schema.constraint_cases import ALLOWED, CASES
from tests.support.refusals import error_of
from tests.support.rows import add_booking, add_event, add_user, insert, value
from tests.support.tokens import add_pass, add_pass_session

OUR_TABLES: LiteralString = (
    "SELECT oid FROM pg_class WHERE relnamespace = 'public'::regnamespace"
    " AND relkind IN ('r', 'p') AND NOT relispartition"
    " AND relname !~ 'yoyo'"
)


@pytest.fixture
def ids(rolled_back: psycopg.Connection) -> dict[str, int]:
    """One row in each table: a user's booking of two tickets by an admin, for an event of 100."""
    db = rolled_back
    user_id, admin_id, event_id = add_user(db), add_user(db, role="admin"), add_event(db)
    booking_id = add_booking(db, user_id, event_id, 2, booked_by=admin_id, idempotency_key="first")
    db.execute("INSERT INTO sessions (token_hash, user_id) VALUES (sha256('token'), %s)", [user_id])
    db.execute("SELECT make_calendar(%s, sha256('secret'))", [user_id])
    insert(db, "sign_in_failures", phone="+491511", address="::1")
    insert(db, "sign_ups", network="::1")
    db.execute(
        "INSERT INTO known_devices (token_hash, user_id, network)"
        " VALUES (sha256('device'), %s, '::1')",
        [user_id],
    )
    db.execute(
        "INSERT INTO phone_codes (token_hash, code_hash, phone, user_id)"
        " VALUES (sha256('token'), sha256('code'), '+491511', %s)",
        [user_id],
    )
    db.execute(
        "INSERT INTO password_codes (user_id, code_hash) VALUES (%s, sha256('code'))", [user_id]
    )
    db.execute(
        "INSERT INTO second_factors (user_id, secret) VALUES (%s, repeat('A', 32))", [user_id]
    )
    db.execute(
        "INSERT INTO recovery_codes (user_id, code_hash) VALUES (%s, sha256('code'))", [user_id]
    )
    insert(db, "phone_code_requests", phone="+491511", user_id=user_id, network="::1")
    insert(db, "password_reset_requests", account="a@b.de", network="::1")
    insert(db, "activity", action="user-created")
    db.execute("INSERT INTO integrity_sweep DEFAULT VALUES")
    insert(db, "integrity_findings", kind="x", table_name="users", row_id=1, found_at="now")
    db.execute(
        "INSERT INTO event_creations (actor_id, idempotency_key, event_id, request_hash)"
        " VALUES (%s, 'first', %s, '')",
        [admin_id, event_id],
    )
    db.execute("SELECT pause_restored_facts()")
    endpoint_id = insert(db, "webhook_endpoints", url="https://a.example", secret=b"k" * 32)
    db.execute(
        "INSERT INTO webhook_creations (key_hash, request_hash, endpoint_id)"
        " VALUES (sha256('key'), sha256('request'), %s)",
        [endpoint_id],
    )
    insert(
        db,
        "webhook_deliveries",
        endpoint_id=endpoint_id,
        source="booking",
        source_id=booking_id,
        type="booking.confirmed",
        body="{}",
    )
    notice_id = insert(
        db,
        "notices",
        user_id=user_id,
        kind="booking-confirmed",
        event_id=event_id,
        matter=f"booking/{booking_id}",
    )
    insert(db, "mails", user_id=user_id, address="a@b.de", purpose="notice", notice_id=notice_id)
    db.execute(
        "INSERT INTO mail_links VALUES (sha256('a'), %s, 'password-reset', 'a@b.de', now())",
        [user_id],
    )
    db.execute("INSERT INTO event_reminders VALUES (%s, now())", [event_id])
    insert(db, "event_messages", event_id=event_id, idempotency_key="k", text="Hello", people=1)
    add_pass_session(db, add_pass(db, admin_id, event_id))
    ticket_id = value(db, "SELECT min(id) FROM tickets")
    # The guards of the ledger would refuse most statements first, so a repair disables them.
    db.execute("SELECT begin_repair('a test of constraints')")
    return {
        "user": user_id,
        "admin": admin_id,
        "event": event_id,
        "booking": booking_id,
        "ticket": ticket_id,
    }


@pytest.mark.parametrize(
    ("constraint", "statement"),
    [
        pytest.param(constraint, statement, id=f"{constraint}-{number}")
        for constraint, statements in CASES.items()
        for number, statement in enumerate(statements, 1)
    ],
)
def test_the_named_constraint_refuses(
    rolled_back: psycopg.Connection,
    ids: dict[str, int],
    constraint: str,
    statement: LiteralString,
) -> None:
    with pytest.raises(psycopg.IntegrityError) as caught, rolled_back.transaction():
        psycopg.ClientCursor(rolled_back).execute(statement, ids)

    # The constraint of a partition, without its month.
    name = re.sub(r"_\d{4}_\d\d(?=_)", "", caught.value.diag.constraint_name or "")
    assert name == constraint


@pytest.mark.parametrize("statement", ALLOWED)
@pytest.mark.leaves_contradictions
def test_values_at_the_limits_are_accepted(
    rolled_back: psycopg.Connection, ids: dict[str, int], statement: LiteralString
) -> None:
    psycopg.ClientCursor(rolled_back).execute(statement, ids)


def test_every_constraint_has_a_case(rolled_back: psycopg.Connection) -> None:
    constraints = rolled_back.execute(
        f"SELECT conname FROM pg_constraint WHERE contype <> 'n' AND conrelid IN ({OUR_TABLES})"
        " UNION SELECT relname FROM pg_index JOIN pg_class ON pg_class.oid = indexrelid"
        f" WHERE indisunique AND indrelid IN ({OUR_TABLES})"
        " UNION SELECT conname FROM pg_constraint"
        " WHERE contypid <> 0 AND connamespace = 'public'::regnamespace"
    ).fetchall()

    assert sorted(name for (name,) in constraints) == sorted(CASES)


def test_no_constraint_has_a_generated_name(rolled_back: psycopg.Connection) -> None:
    # PostgreSQL's generated name for a CHECK ends like this.
    names = rolled_back.execute(
        "SELECT conname FROM pg_constraint WHERE conname ~ '_check[0-9]*$'"
        f" AND conrelid IN ({OUR_TABLES})"
    ).fetchall()

    assert names == []


def test_required_columns_refuse_null(rolled_back: psycopg.Connection, ids: dict[str, int]) -> None:
    assert ids
    columns = rolled_back.execute(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE attnum > 0 AND attnotnull AND attidentity = '' AND attgenerated = ''"
        f" AND attrelid IN ({OUR_TABLES}) AND relname NOT IN ('activity', 'repairs')"
    ).fetchall()
    assert len(columns) > 40

    for table, column in columns:
        statement = sql.SQL("UPDATE {} SET {} = NULL").format(
            sql.Identifier(table), sql.Identifier(column)
        )
        with pytest.raises(psycopg.errors.NotNullViolation), rolled_back.transaction():
            rolled_back.execute(statement)


@pytest.mark.parametrize(
    "statement",
    (
        "UPDATE users SET role = 'owner'",
        "UPDATE events SET status = 'sold-out'",
        "UPDATE bookings SET status = 'pending'",
        "UPDATE tickets SET status = 'lost'",
        "INSERT INTO activity (action) VALUES ('hacked')",
    ),
)
def test_an_enumeration_refuses_other_values(
    rolled_back: psycopg.Connection, statement: LiteralString
) -> None:
    assert error_of(rolled_back, statement).sqlstate == "22P02"


@pytest.mark.parametrize(
    ("statement", "sqlstate"),
    (
        ("UPDATE events SET search_text = 'x'", "428C9"),
        ("UPDATE events SET id = 1", "428C9"),
    ),
)
def test_column_types_refuse_impossible_values(
    rolled_back: psycopg.Connection, ids: dict[str, int], statement: LiteralString, sqlstate: str
) -> None:
    assert ids
    assert error_of(rolled_back, statement).sqlstate == sqlstate


def _invisible() -> list[str]:
    """Return every invisible character: spaces, controls, default-ignorables."""
    # Unicode's Default_Ignorable_Code_Point, which unicodedata does not contain.
    ignorable = [
        *(0x00AD, 0x034F, 0x061C, 0x115F, 0x1160, 0x17B4, 0x17B5, 0x3164, 0xFEFF, 0xFFA0),
        *range(0x180B, 0x1810),
        *range(0x200B, 0x2010),
        *range(0x202A, 0x202F),
        *range(0x2060, 0x2070),
        *range(0xFE00, 0xFE10),
        *range(0xFFF0, 0xFFF9),
        *range(0x1BCA0, 0x1BCA4),
        *range(0x1D173, 0x1D17B),
        *range(0xE0000, 0xE1000),
    ]
    spaces = [
        code
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code)) in {"Cc", "Zs", "Zl", "Zp"}
    ]
    braille_blank = 0x2800
    return sorted({chr(code) for code in (*ignorable, *spaces, braille_blank)})


def test_text_of_invisible_characters_is_blank(rolled_back: psycopg.Connection) -> None:
    invisible = _invisible()

    visible = rolled_back.execute(
        "SELECT to_hex(ascii(symbol)) FROM unnest(%s::text[]) AS symbol WHERE NOT is_blank(symbol)",
        [invisible],
    ).fetchall()

    assert visible == []
    assert value(rolled_back, "SELECT is_blank(%s)", "".join(invisible))


def test_visible_characters_are_not_blank(rolled_back: psycopg.Connection) -> None:
    invisible = set(_invisible())
    visible = [
        chr(code)
        for code in range(1, sys.maxunicode + 1)
        if unicodedata.category(chr(code))[0] in "LNPS" and chr(code) not in invisible
    ]

    blank = rolled_back.execute(
        "SELECT to_hex(ascii(symbol)) FROM unnest(%s::text[]) AS symbol WHERE is_blank(symbol)",
        [visible],
    ).fetchall()

    assert len(visible) > 100_000
    assert blank == []


def test_the_api_and_the_database_agree_about_blank(rolled_back: psycopg.Connection) -> None:
    symbols = [chr(code) for code in range(1, sys.maxunicode + 1) if not 0xD800 <= code <= 0xDFFF]

    blank = rolled_back.execute(
        "SELECT symbol FROM unnest(%s::text[]) AS symbol WHERE is_blank(symbol)", [symbols]
    ).fetchall()

    refused_by_the_api = {symbol for symbol in symbols if fields._ONLY_BLANK.fullmatch(symbol)}
    assert {symbol for (symbol,) in blank} == refused_by_the_api
