"""The group roles have the rights listed here, and no others."""

from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from tests.schema.roles import API, READER, become
from tests.support.refusals import error_of
from tests.support.rows import (
    PASSWORD_HASH,
    add_booking,
    add_event,
    add_user,
    book,
    value,
)

VIEWS = {
    "event_details",
    "event_availability",
    "event_sales",
    "daily_sales",
    "daily_ledger",
    "ledger_entries",
    "events_at_another_local_time",
    "booking_details",
    "ticket_details",
    "customers",
    "sign_in_trouble",
    "recent_activity",
    "integrity_violations",
    "facts",
}
# The history of events, without personal data.
HISTORY = {"event_versions", "event_figures"}
# What ticketing_api may write: statement, table, column.
API_WRITES = {
    ("UPDATE", "users", "search_text"),  # A generated column, where only DEFAULT can be written.
    # While API processes of the first release are replaced.
    ("INSERT", "users", "name"),
    ("INSERT", "users", "phone"),
    ("INSERT", "users", "password_hash"),
    ("UPDATE", "users", "name"),
    ("UPDATE", "users", "password_hash"),
    ("INSERT", "sessions", "token_hash"),
    ("INSERT", "sessions", "user_id"),
    ("DELETE", "sign_in_failures", "*"),
    ("DELETE", "sessions", "*"),
}


def columns_of(db: psycopg.Connection, kind: str) -> list[tuple[str, str]]:
    """Return the columns of our tables (r, p) or views (v)."""
    return db.execute(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = ANY (%s) AND attnum > 0"
        " AND NOT attisdropped ORDER BY 1, attnum",
        [list(kind)],
    ).fetchall()


def is_permitted(db: psycopg.Connection, statement: sql.Composed) -> bool:
    """Return whether a statement is permitted, and undo it.

    Errors other than missing rights do not matter.
    """
    try:
        with db.transaction(force_rollback=True):
            db.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.Error:
        return True
    return True


def permitted_writes(db: psycopg.Connection, role: str) -> set[tuple[str, str, str]]:
    """Try to write every column in every way, and return the permitted writes."""
    every_column: dict[str, LiteralString] = {
        "INSERT": "INSERT INTO {} ({}) OVERRIDING SYSTEM VALUE VALUES (DEFAULT)",
        "UPDATE": "UPDATE {} SET {} = DEFAULT WHERE false",
    }
    every_table: dict[str, LiteralString] = {
        "DELETE": "DELETE FROM {} WHERE false",
        "TRUNCATE": "TRUNCATE {} CASCADE",
        "LOCK": "LOCK TABLE {} IN EXCLUSIVE MODE",
        "DISABLE TRIGGER": "ALTER TABLE {} DISABLE TRIGGER ALL",
        "DROP": "DROP TABLE {} CASCADE",
    }
    found = set()
    columns = columns_of(db, "rp")
    become(db, role)
    for table, column in columns:
        for verb, text in every_column.items():
            statement = sql.SQL(text).format(sql.Identifier(table), sql.Identifier(column))
            if is_permitted(db, statement):
                found.add((verb, table, column))
    for table in {table for table, _ in columns}:
        for verb, text in every_table.items():
            if is_permitted(db, sql.SQL(text).format(sql.Identifier(table))):
                found.add((verb, table, "*"))
    return found


def permitted_reads(db: psycopg.Connection, role: str, kind: str) -> set[tuple[str, str]]:
    columns = columns_of(db, kind)
    become(db, role)
    return {
        (relation, column)
        for relation, column in columns
        if is_permitted(
            db,
            sql.SQL("SELECT {} FROM {} LIMIT 0").format(
                sql.Identifier(column), sql.Identifier(relation)
            ),
        )
    }


def test_the_api_may_write_sessions_only(superuser: psycopg.Connection) -> None:
    found = {write for write in permitted_writes(superuser, API) if write[0] != "LOCK"}

    assert found == API_WRITES


def test_the_reader_may_write_nothing(superuser: psycopg.Connection) -> None:
    assert permitted_writes(superuser, READER) == set()


def test_the_api_may_not_read_what_only_functions_and_the_owner_need(
    superuser: psycopg.Connection,
) -> None:
    unread = set(columns_of(superuser, "rp")) - permitted_reads(superuser, API, "rp")

    unread = {
        (table, column)
        for table, column in unread
        if "yoyo" not in table
        and "activity" not in table
        and table not in ("repairs", "event_creations", "event_reminders", "mail_links")
        and table not in ("sign_ups", "password_reset_requests", "password_codes")
        and table not in ("second_factors", "recovery_codes", "webhook_creations")
        and table not in ("known_devices", "phone_codes", "phone_code_requests")
    }
    assert unread == {
        ("sign_in_failures", "phone"),
        ("sign_in_failures", "email"),
        ("sign_in_failures", "device_hash"),
        ("sign_in_failures", "address"),
        ("sign_in_failures", "at"),
        ("webhook_endpoints", "secret"),
        ("webhook_endpoints", "previous_secret"),
    }


def test_the_reader_may_read_views_and_event_history_only(
    superuser: psycopg.Connection,
) -> None:
    assert {table for table, _ in permitted_reads(superuser, READER, "rp")} == HISTORY
    views = permitted_reads(superuser, READER, "v")
    assert {view for view, _ in views if not view.startswith("pg_stat")} == VIEWS


@pytest.mark.parametrize("role", (API, READER))
@pytest.mark.parametrize(
    "statement",
    (
        "SELECT nextval('bookings_id_seq')",
        "SELECT setval('tickets_id_seq', 1)",
        "CREATE TABLE public.mine (id integer)",
        "CREATE FUNCTION public.mine() RETURNS integer LANGUAGE sql IMMUTABLE RETURN 1",
        "CREATE OR REPLACE VIEW event_sales AS SELECT 1",
        "SELECT cancel_bookings_of_event(1)",
        "SELECT begin_repair('mine')",
        "SELECT end_repair()",
        "SELECT recount_event(1)",
        "SELECT act_as(1)",
        "INSERT INTO repairs (reason) VALUES ('mine')",
        "SELECT is_known_time_zone('UTC')",
        "SELECT change_event_words('{a}', '{b}')",
        "SET ROLE owner",
        "CREATE ROLE mine",
    ),
)
def test_no_group_role_may_bypass_the_functions(
    superuser: psycopg.Connection, role: str, statement: LiteralString
) -> None:
    # As a login that is a member: only a superuser's session may return to the owner.
    superuser.execute(
        sql.SQL(
            "CREATE ROLE member LOGIN; GRANT {} TO member; SET LOCAL SESSION AUTHORIZATION member"
        ).format(sql.Identifier(role))
    )
    become(superuser, role)

    assert error_of(superuser, statement).sqlstate == "42501"


def test_views_show_no_personal_data_or_secrets(
    superuser: psycopg.Connection,
) -> None:
    db = superuser
    customer_id = add_user(db, phone="+4915199988877", password_hash=PASSWORD_HASH)
    admin_id = add_user(db, role="admin", phone="+4915166655544")
    event_id = add_event(db)
    codes = book(db, customer_id, event_id, 3)["ticket_codes"]
    add_booking(db, customer_id, event_id, 1, booked_by=admin_id)
    db.execute("SELECT check_in_ticket(%s, %s, %s)", [codes[0], event_id, admin_id])
    db.execute("SELECT create_user('Bob', '+4915133322211', 'customer', NULL, %s)", [admin_id])
    db.execute("SELECT update_user(%s, 'Eve', %s, %s)", [customer_id, PASSWORD_HASH, admin_id])
    db.execute(
        "INSERT INTO sessions (token_hash, user_id) VALUES (sha256('token'), %s)", [customer_id]
    )
    db.execute("SELECT begin_sign_in('+4915199988877', '::1')")
    token_hash = value(db, "SELECT encode(token_hash, 'hex') FROM sessions")
    secrets = ["5199988877", "5166655544", "5133322211", "argon2", token_hash, *codes]
    secrets += [code.replace("-", "") for code in codes]

    become(db, READER)
    shown = {
        view: str(
            db.execute(
                sql.SQL("SELECT row_to_json(shown)::text FROM {} AS shown").format(
                    sql.Identifier(view)
                )
            ).fetchall()
        )
        for view in VIEWS
    }

    assert {view for view, text in shown.items() if text == "[]"} == {
        "integrity_violations",
        "events_at_another_local_time",
    }
    leaks = [(view, secret) for view in VIEWS for secret in secrets if secret in shown[view]]
    assert leaks == []
