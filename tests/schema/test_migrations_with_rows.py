"""A database with rows is upgraded, rolled back and restored without losing one."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest

from app.operations import migrations
from tests.schema.migration_steps import add_migration, content, fill
from tests.support.databases import contradictions
from tests.support.dumps import dump, structure
from tests.support.event_edits import update
from tests.support.programs import psql
from tests.support.refusals import error_of
from tests.support.rows import add_event, add_user, book, repair, rows, value

MakeDatabase = Callable[[], str]

# Columns that are computed from others. A migration may change how.
DERIVED = ("one_letter_shorter", "search_text")

PARTITIONS: LiteralString = """
    SELECT relname, pg_get_expr(relpartbound, pg_class.oid), count(tgname)
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    LEFT JOIN pg_trigger ON tgrelid = inhrelid
    WHERE inhparent = 'activity'::regclass
    GROUP BY 1, 2
    ORDER BY 1
"""


def without_brackets(text: str) -> str:
    """Return the text without brackets, which a condition gains or loses in a dump."""
    return re.sub(r"[()]", "", text)


@pytest.mark.steps_through_migrations
def test_each_migration_and_its_rollback_keep_the_rows_of_a_database_in_use(
    empty_database: MakeDatabase, folder: Path
) -> None:
    url = empty_database()
    later = {path: path.read_text() for path in folder.glob("*.sql") if path.name > "0003"}
    for path in later:
        path.unlink()
    migrations.seal(folder)
    migrations.apply(url, folder)
    fill(url)
    with psycopg.connect(url) as db:
        # The log began some months ago.
        db.execute(
            "INSERT INTO activity (action, at) SELECT 'user-created', now() - n * interval '9 days'"
            " FROM generate_series(1, 30) AS n"
        )
    first = content(url)
    for path, text in later.items():
        path.write_text(text)
    migrations.seal(folder)

    applied = migrations.apply(url, folder)

    upgraded = content(url)
    for table, before in first.items():
        columns = [column for column in before[0] if column not in DERIVED]
        assert [[row[column] for column in columns] for row in upgraded[table]] == [
            [row[column] for column in columns] for row in before
        ], table
    assert contradictions(url) == []
    with psycopg.connect(url) as db:
        db.execute("INSERT INTO activity (action) VALUES ('user-created')")
        assert value(db, "SELECT count(*) FROM activity_default") == 0
    for name in reversed(applied):
        assert migrations.roll_back(url, folder, name=name) == name
    assert len(content(url)["activity"]) == len(first["activity"]) + 1
    back = content(url)
    back["activity"].pop()
    for rows_of in (first, back):
        for row in rows_of["event_words"]:
            row["one_letter_shorter"] = sorted(row["one_letter_shorter"])  # type: ignore[call-overload]
    assert back == first


def test_an_upgrade_keeps_the_rows_of_a_database_in_use(database_url: str, folder: Path) -> None:
    fill(database_url)
    name = add_migration(
        folder,
        "Events have a first interval",
        "ALTER TABLE events ADD first_interval timestamptz(0);\n"
        "UPDATE events SET first_interval = date_time + interval '1 hour';\n"
        "ALTER TABLE events ALTER first_interval SET NOT NULL;\n",
        "ALTER TABLE events DROP first_interval;\n",
    )
    before = structure(database_url)
    last = max(migrations.known_migrations())
    assert name == f"{int(last[:4]) + 1:04}_events_have_a_first_interval"

    assert migrations.apply(database_url, folder) == [name]

    with psycopg.connect(database_url) as db:
        assert value(db, "SELECT bool_and(first_interval > date_time) FROM events")
        assert value(db, "SELECT sum(tickets_sold) FROM events") == 5
    assert migrations.roll_back(database_url, folder) == name
    assert structure(database_url) == before


def test_a_dump_restores_into_a_new_database(
    database_url: str, empty_database: MakeDatabase
) -> None:
    fill(database_url)
    url = empty_database()

    with psycopg.connect(database_url) as db:
        partitions = db.execute(PARTITIONS).fetchall()

    psql(url, dump(database_url))

    assert without_brackets(structure(url)) == without_brackets(structure(database_url))
    assert contradictions(url) == []
    assert content(url) == content(database_url)
    with psycopg.connect(url, autocommit=True) as db:
        # The database works: identities, triggers, searches, partitions.
        assert db.execute(PARTITIONS).fetchall() == partitions
        db.execute("SELECT make_activity_partitions()")
        refusal = error_of(db, "DELETE FROM activity_default")
        assert refusal.message_primary == "activity is append-only"
        (user_id,) = db.execute("SELECT min(id) FROM users").fetchone() or (0,)
        (event_id,) = db.execute("SELECT id FROM events").fetchone() or (0,)
        assert book(db, user_id, event_id, 2)["replayed"] is False
        found = rows(db, "SELECT * FROM search_events('grosse mas', now(), 'infinity', NULL, NULL)")
        assert len(found) == 1
    assert migrations.apply(url) == []


@pytest.mark.steps_through_migrations
def test_an_upgrade_adds_missing_log_lines(
    database_url: str,
) -> None:
    while migrations.roll_back(database_url) != "0012_integrity":
        pass
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        event_id = value(db, "SELECT id FROM events")
        update(db, event_id, title="Maß & Größe")
        # As the first release allowed by hand, without a log line; and as its generator made
        # events, with two versions at once.
        with repair(db):
            db.execute(
                "UPDATE bookings SET status = 'cancelled', cancelled_at = booking_date"
                " WHERE quantity = 2"
            )
            add_event(db, status="cancelled", version=2)
        logged: LiteralString = "SELECT count(*) FROM activity"
        before = value(db, logged)

        migrations.apply(database_url)

        assert contradictions(database_url) == []
        added = rows(
            db, "SELECT action, actor_id FROM activity WHERE detail ? 'added_by' ORDER BY action"
        )
        assert added == [
            {"action": "event-cancelled", "actor_id": None},
            {"action": "booking-cancelled", "actor_id": None},
        ]
        assert value(db, logged) == before + 2


@pytest.mark.steps_through_migrations
def test_an_upgrade_continues_after_an_invalid_ticket_code(database_url: str) -> None:
    while migrations.roll_back(database_url) != "0012_integrity":
        pass
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        with repair(db):
            db.execute(
                "UPDATE tickets SET ticket_code = '00000-00000-00000-00000-1'"
                " WHERE id = (SELECT min(id) FROM tickets)"
            )

        migrations.apply(database_url)

        assert [row["kind"] for row in contradictions(database_url)] == [
            "ticket-code-check-symbol-differs"
        ]
        with repair(db):
            db.execute(
                "UPDATE tickets SET ticket_code = new_ticket_code(1)"
                " WHERE id = (SELECT min(id) FROM tickets)"
            )
        db.execute("ALTER TABLE tickets VALIDATE CONSTRAINT tickets_code_has_check_symbol")
        assert contradictions(database_url) == []


@pytest.mark.steps_through_migrations
def test_an_upgrade_changes_what_searches_look_through_and_back(database_url: str) -> None:
    while migrations.roll_back(database_url) != "0030_compare_text_in_one_way":
        pass
    with psycopg.connect(database_url, autocommit=True) as db:
        for number in range(450):
            add_event(db, title=f"O'Hara-Müller {number}", venue="Ёлка 東京")
        add_event(db, title="O'Hara", status="cancelled")
        customer_id = add_user(db, name="Anna-Lena Müller")
        event_id = value(db, "SELECT min(id) FROM events")
        book(db, customer_id, event_id, 2)
    before = content(database_url)
    assert contradictions(database_url) == []

    migrations.apply(database_url)

    assert contradictions(database_url) == []
    with psycopg.connect(database_url, autocommit=True) as db:
        assert value(db, "SELECT search_text FROM users WHERE id = %s", customer_id).startswith(
            "anna lena muller"
        )
        found = rows(db, "SELECT * FROM search_events('東 ohara', now(), 'infinity', NULL, NULL)")
        assert len(found) == 450
        # The rewriting is no edit.
        assert value(db, "SELECT max(version) FROM events WHERE status = 'active'") == 1
    while migrations.roll_back(database_url) != "0030_compare_text_in_one_way":
        pass
    assert contradictions(database_url) == []
    after = content(database_url)
    for table in before:
        assert sorted(after[table], key=str) == sorted(before[table], key=str), table
