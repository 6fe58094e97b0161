"""Every object of the database has a comment that psql's \\d+ and \\df+ show."""

import re
from typing import LiteralString

import psycopg
import pytest

from app.local.paths import ROOT

# Partitions are like their table.
OURS: LiteralString = (
    "relnamespace = 'public'::regnamespace AND relname !~ 'yoyo' AND NOT relispartition"
)
WITHOUT_COMMENT: dict[str, LiteralString] = {
    "tables and views": f"""
        SELECT relname FROM pg_class
        WHERE {OURS} AND relkind IN ('r', 'v', 'm', 'p')
            AND obj_description(oid, 'pg_class') IS NULL
    """,
    "functions": """
        SELECT oid::regprocedure::text FROM pg_proc
        WHERE pronamespace = 'public'::regnamespace
            AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')
            AND obj_description(oid, 'pg_proc') IS NULL
    """,
    "enumerations": """
        SELECT typname FROM pg_type
        WHERE typnamespace = 'public'::regnamespace AND typtype IN ('e', 'd')
            AND obj_description(oid, 'pg_type') IS NULL
    """,
    "composite types": """
        SELECT relname FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'c'
            AND obj_description(reltype, 'pg_type') IS NULL
    """,
    # PostgreSQL copies row triggers to partitions without their comments.
    "triggers": """
        SELECT tgname FROM pg_trigger
        WHERE NOT tgisinternal AND tgparentid = 0 AND obj_description(oid, 'pg_trigger') IS NULL
    """,
    # Indexes of a constraint are explained by its name.
    "indexes": f"""
        SELECT relname FROM pg_class
        WHERE {OURS} AND relkind IN ('i', 'I') AND obj_description(oid, 'pg_class') IS NULL
            AND NOT EXISTS (SELECT FROM pg_constraint WHERE conindid = pg_class.oid)
    """,
    # Of tables; comments of views say where a column may be NULL.
    "nullable columns": f"""
        SELECT relname || '.' || attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid
        WHERE {OURS} AND relkind IN ('r', 'p')
            AND attnum > 0 AND NOT attnotnull AND NOT attisdropped
            AND coalesce(col_description(attrelid, attnum), '') !~ 'NULL: '
    """,
}
# Columns that need no comment because their names are self-explanatory.
OBVIOUS = {"id", "name", "title", "description", "venue", "created_at", "quantity", "status"}


@pytest.mark.parametrize("kind", WITHOUT_COMMENT)
def test_every_database_object_has_a_comment(rolled_back: psycopg.Connection, kind: str) -> None:
    assert rolled_back.execute(WITHOUT_COMMENT[kind]).fetchall() == []


@pytest.mark.parametrize("kind", WITHOUT_COMMENT)
def test_a_missing_comment_would_be_found(rolled_back: psycopg.Connection, kind: str) -> None:
    rolled_back.execute(
        "CREATE TABLE bare (a integer);"
        "CREATE INDEX bare_a ON bare (a);"
        "CREATE TYPE bare_type AS ENUM ('a');"
        "CREATE TYPE bare_composite AS (a integer);"
        "CREATE FUNCTION bare_function() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN END';"
        "CREATE TRIGGER bare_trigger AFTER INSERT ON bare EXECUTE FUNCTION bare_function()"
    )

    assert len(rolled_back.execute(WITHOUT_COMMENT[kind]).fetchall()) == 1


def test_columns_without_a_self_explanatory_name_have_a_comment(
    rolled_back: psycopg.Connection,
) -> None:
    bare = rolled_back.execute(
        "SELECT relname, attname FROM pg_attribute JOIN pg_class ON pg_class.oid = attrelid"
        f" WHERE {OURS} AND relkind IN ('r', 'p') AND attnum > 0 AND NOT attisdropped"
        " AND col_description(attrelid, attnum) IS NULL"
    ).fetchall()

    assert {(table, column) for table, column in bare if column not in OBVIOUS} == {
        ("activity", "action"),
        ("activity", "at"),
        ("bookings", "total_amount"),
        ("calendars", "user_id"),
        ("event_words", "word"),
        ("fact_cursors", "source"),
        ("mail_links", "purpose"),
        ("mail_links", "user_id"),
        ("mails", "attempts"),
        ("mails", "purpose"),
        ("mails", "user_id"),
        ("known_devices", "user_id"),
        ("notices", "at"),
        ("notices", "kind"),
        ("notices", "user_id"),
        ("password_codes", "user_id"),
        ("password_reset_requests", "at"),
        ("phone_code_requests", "at"),
        ("webhook_deliveries", "attempts"),
        ("webhook_deliveries", "endpoint_id"),
        ("webhook_deliveries", "type"),
        ("webhook_endpoints", "url"),
        ("recovery_codes", "user_id"),
        ("second_factors", "user_id"),
        ("sessions", "user_id"),
        ("sign_in_failures", "at"),
        ("sign_ups", "at"),
    }


def test_every_function_declares_its_volatility() -> None:
    silent = []
    definitions = 0
    files = [*(ROOT / "sql").glob("functions/*.sql"), *(ROOT / "sql").glob("triggers/*.sql")]
    for path in sorted(files):
        for definition in re.split(r"^(?=CREATE FUNCTION)", path.read_text(), flags=re.MULTILINE)[
            1:
        ]:
            definitions += 1
            head = re.split(r"^(?:AS \$\$|RETURN )", definition, maxsplit=1, flags=re.MULTILINE)[0]
            if not re.search(r"^(IMMUTABLE|STABLE|VOLATILE)$", head, re.MULTILINE):
                silent.append(definition.split("(")[0])

    assert definitions > 60
    assert silent == []


def test_functions_that_write_are_volatile_and_helpers_are_not(
    rolled_back: psycopg.Connection,
) -> None:
    volatile = rolled_back.execute(
        "SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace"
        " AND provolatile = 'v' AND NOT prosecdef AND prorettype <> 'trigger'::regtype"
        " AND NOT EXISTS (SELECT FROM pg_depend WHERE objid = pg_proc.oid AND deptype = 'e')"
    ).fetchall()

    assert {name for (name,) in volatile} == {
        "act_as",
        "delete_data_of",
        "purge_notices",
        "redact_log_of",
        "require_other_admin",
        "require_user",
        "begin_repair",
        "begin_session",
        "deliver_facts",
        "change_event_words",
        "count_phone_code_request",
        "count_sign_in_attempt",
        "forget_sign_in_failures",
        "give_phone",
        "lock_phone",
        "log_phone_change",
        "replace_password",
        "lose_phone",
        "send_phone_code",
        "cancel_bookings_of_event",
        "end_repair",
        "events_made_with_key",
        "give_capacity",
        "guard_activity_partition",
        "make_activity_partition",
        "make_admin",
        "new_ticket_code",
        "new_webhook_secret",
        "lock_admins",
        "lock_webhook_endpoint",
        "log_token",
        "log_webhook",
        "next_moment",
        "next_webhook_attempt",
        "raise_problem",
        "recount_event",
        "refuse_beyond_customer_limit",
        "resume_facts",
        "end_mails",
        "next_mail_attempt",
        "tell_customers",
        "use_link",
        "write_notices",
        "write_recovery_codes",
        "stand_on_own_commit",
        "wait_for_standby_at_commit",
    }
