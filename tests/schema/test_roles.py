"""What the group roles may do: exactly that works, and everything else is refused."""

from collections.abc import Iterator
from typing import LiteralString

import asyncpg
import psycopg
import pytest
from psycopg import sql

from app.local.postgres import Cluster
from tests.support.event_edits import as_json, update
from tests.support.refusals import error_of
from tests.support.rows import (
    PASSWORD_HASH,
    add_booking,
    add_event,
    add_user,
    book,
    in_days,
    rows,
    value,
)

API = "ticketing_api"
READER = "ticketing_reader"
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
}
# The past of events, with no personal data in it.
HISTORY = {"event_versions", "event_figures"}
# What ticketing_api may write: statement, table, column.
API_WRITES = {
    ("UPDATE", "users", "search_text"),  # which is generated: only DEFAULT can be written
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


@pytest.fixture
def superuser(cluster: Cluster, shared_url: str) -> Iterator[psycopg.Connection]:
    """A connection that may become any role, rolled back after the test."""
    with psycopg.connect(cluster.url(shared_url.rpartition("/")[2])) as connection:
        yield connection
        connection.rollback()


def become(db: psycopg.Connection, role: str) -> None:
    db.execute(sql.SQL("SET LOCAL ROLE {}").format(sql.Identifier(role)))


def columns_of(db: psycopg.Connection, kind: str) -> list[tuple[str, str]]:
    """Return the columns of our tables (r, p) or views (v)."""
    return db.execute(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        " WHERE relnamespace = 'public'::regnamespace AND relkind = ANY (%s) AND attnum > 0"
        " AND NOT attisdropped ORDER BY 1, attnum",
        [list(kind)],
    ).fetchall()


def is_permitted(db: psycopg.Connection, statement: sql.Composed) -> bool:
    """Run a statement and take it back; other errors than missing rights do not matter."""
    try:
        with db.transaction(force_rollback=True):
            db.execute(statement)
    except psycopg.errors.InsufficientPrivilege:
        return False
    except psycopg.Error:
        return True
    return True


def permitted_writes(db: psycopg.Connection, role: str) -> set[tuple[str, str, str]]:
    """Try every way to write every column, and return what is not refused."""
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


def test_the_api_may_write_nothing_but_sessions(superuser: psycopg.Connection) -> None:
    found = {write for write in permitted_writes(superuser, API) if write[0] != "LOCK"}

    assert found == API_WRITES


def test_the_reader_may_write_nothing(superuser: psycopg.Connection) -> None:
    assert permitted_writes(superuser, READER) == set()


def test_the_api_reads_all_but_who_failed_to_sign_in_repairs_and_the_log_behind_its_view(
    superuser: psycopg.Connection,
) -> None:
    unread = set(columns_of(superuser, "rp")) - permitted_reads(superuser, API, "rp")

    unread = {
        (table, column)
        for table, column in unread
        if "yoyo" not in table and "activity" not in table and table != "repairs"
    }
    assert unread == {
        ("sign_in_failures", "phone"),
        ("sign_in_failures", "address"),
        ("sign_in_failures", "at"),
    }


def test_the_reader_reads_the_views_the_past_of_events_and_no_other_table(
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
def test_no_group_role_may_go_around(
    superuser: psycopg.Connection, role: str, statement: LiteralString
) -> None:
    # As somebody who logs in as a member: only a superuser's session may go back to the owner.
    superuser.execute(
        sql.SQL(
            "CREATE ROLE member LOGIN; GRANT {} TO member; SET LOCAL SESSION AUTHORIZATION member"
        ).format(sql.Identifier(role))
    )
    become(superuser, role)

    assert error_of(superuser, statement).sqlstate == "42501"


def test_everything_the_api_does_works(superuser: psycopg.Connection) -> None:
    db = superuser
    admin_id = add_user(db, role="admin")
    become(db, API)

    customer_id = value(
        db,
        "SELECT id FROM sign_up('Grace', '+4930111', %s)",
        PASSWORD_HASH,
    )
    attempt_id = value(db, "SELECT attempt_id FROM begin_sign_in('+4930111', '::1')")
    db.execute(
        "SELECT end_sign_in(%s, sha256('a'), %s, %s)", [attempt_id, customer_id, PASSWORD_HASH]
    )
    db.execute("SELECT FROM users WHERE id = %s FOR SHARE", [customer_id])
    db.execute(
        "SELECT rehash_password(%s, %s, %s)", [customer_id, PASSWORD_HASH, f"{PASSWORD_HASH}x"]
    )
    db.execute("UPDATE users SET name = 'Grace Hopper' WHERE id = %s", [customer_id])
    fields = {"title": "Jazz", "venue": "Hall", "time_zone": "UTC", "date_time": in_days(3)}
    new = as_json({**fields, "capacity": 10, "price": 20})
    event_id = value(db, "SELECT id FROM create_event(%s, %s)", new, admin_id)
    first, second = book(db, customer_id, event_id, 2), book(db, customer_id, event_id, 1)
    db.execute("SELECT cancel_booking(%s, %s)", [second["id"], customer_id])
    db.execute("SELECT check_in_ticket(%s, %s, %s)", [first["ticket_codes"][0], event_id, admin_id])
    update(db, event_id, 1, admin_id, date_time=in_days(4), capacity=20)
    assert value(db, "SELECT capacity FROM event_as_of(%s, now())", event_id) == 10
    assert value(db, "SELECT capacity FROM event_as_of(%s, clock_timestamp())", event_id) == 20
    assert value(db, "SELECT count(*) FROM events_as_of(clock_timestamp())") == 1
    assert value(db, "SELECT count(*) FROM event_versions") == 2
    assert value(db, "SELECT max(tickets_sold) FROM event_figures") == 3
    db.execute("SELECT stand_on_own_commit()")
    made_id = value(db, "SELECT create_user('Bob', '+4930112', 'admin', NULL, %s)", admin_id)
    db.execute("SELECT update_user(%s, 'Bobby', NULL, %s)", [made_id, admin_id])
    found = rows(db, "SELECT * FROM search_events('jaz', '-infinity', 'infinity', NULL, NULL)")
    assert [row["event_id"] for row in found] == [event_id]
    mistyped = rows(db, "SELECT * FROM search_events('jzaz', '-infinity', 'infinity', NULL, NULL)")
    assert [row["match_class"] for row in mistyped] == [4]
    assert value(db, "SELECT quantity FROM booking_with_tickets(%s)", first["id"]) == 2
    for view in (
        "event_details",
        "event_availability",
        "event_sales",
        "daily_sales",
        "recent_activity",
    ):
        statement = sql.SQL("SELECT * FROM {}").format(sql.Identifier(view))
        assert db.execute(statement).fetchall()
    assert rows(db, "SELECT * FROM integrity_violations") == []
    db.execute("DELETE FROM sessions WHERE user_id = %s", [customer_id])


def test_views_show_analysts_no_whole_phone_code_hash_or_session(
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


async def test_a_role_chosen_when_connecting_survives_a_reset(database_url: str) -> None:
    connection = await asyncpg.connect(database_url, server_settings={"role": API})
    try:
        await connection.reset()

        assert await connection.fetchval("SELECT current_user") == API
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute("UPDATE events SET capacity = 1")
    finally:
        await connection.close()
