"""Applying, rolling back, upgrading, failing: what app.migrations promises."""

import re
import shutil
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql
from psycopg.rows import dict_row

from app import migrations
from tests.conftest import contradictions
from tests.schema.dumps import dump, structure
from tests.schema.editing import update
from tests.schema.support import (
    ROOT,
    add_event,
    add_user,
    book,
    error_of,
    psql,
    repair,
    rows,
    value,
)

MakeDatabase = Callable[[], str]

PARTITIONS: LiteralString = """
    SELECT relname, pg_get_expr(relpartbound, pg_class.oid), count(tgname)
    FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid
    LEFT JOIN pg_trigger ON tgrelid = inhrelid
    WHERE inhparent = 'activity'::regclass
    GROUP BY 1, 2
    ORDER BY 1
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of migrations/ to add to."""
    return Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations"))


def add_migration(folder: Path, name: str, step: str, rollback: str) -> str:
    """Begin a migration as `make migration` does, write it, and return its name."""
    files = migrations.begin(name, folder)
    for path, text in zip(files, (step, rollback), strict=True):
        path.write_text(path.read_text() + text)
    migrations.seal(folder)
    return files[0].stem


def fill(url: str) -> None:
    """Leave something in every table."""
    with psycopg.connect(url, autocommit=True) as db:
        customer_id, admin_id = add_user(db), add_user(db, role="admin")
        event_id = add_event(db, title="Größe & Maß", capacity=9)
        booking = book(db, customer_id, event_id, 3, "key")
        book(db, customer_id, event_id, 2)
        cancelled = book(db, customer_id, event_id, 1)
        db.execute("SELECT cancel_booking(%s, %s)", [cancelled["id"], customer_id])
        db.execute("SELECT check_in_ticket(%s, NULL, %s)", [booking["ticket_codes"][0], admin_id])
        db.execute("SELECT begin_sign_in('+4930123456', '::1')")
        db.execute(
            "INSERT INTO sessions (token_hash, user_id) VALUES (sha256('a'), %s)", [customer_id]
        )


def without_brackets(text: str) -> str:
    """Return the text without what a condition gains and loses when it is written and read."""
    return re.sub(r"[()]", "", text)


def test_applying_again_does_nothing(database_url: str) -> None:
    assert migrations.apply(database_url) == []


def test_down_gives_what_an_empty_database_gives(
    database_url: str, empty_database: MakeDatabase
) -> None:
    fill(database_url)

    while migrations.roll_back(database_url, force=True):
        pass

    assert structure(database_url) == structure(empty_database())
    assert migrations.roll_back(database_url) is None
    migrations.apply(database_url)


def test_the_first_migration_with_every_table_is_taken_back_only_by_force(
    database_url: str,
) -> None:
    fill(database_url)
    (first, *later) = sorted(migrations.known_migrations())
    for _ in later:
        migrations.roll_back(database_url)

    with pytest.raises(migrations.MigrationError, match="with it every table and row"):
        migrations.roll_back(database_url)

    with psycopg.connect(database_url) as db:
        assert value(db, "SELECT count(*) FROM bookings") > 0
    assert migrations.roll_back(database_url, force=True) == first
    migrations.apply(database_url)


def test_up_down_and_up_again_give_the_same(database_url: str) -> None:
    first = structure(database_url)

    names = []
    while name := migrations.roll_back(database_url, force=True):
        names.append(name)
    applied = migrations.apply(database_url)

    assert applied == names[::-1] == sorted(migrations.known_migrations())
    assert structure(database_url) == first


def test_each_step_down_takes_back_exactly_its_step_up(
    empty_database: MakeDatabase, folder: Path
) -> None:
    url = empty_database()
    texts = {path: path.read_text() for path in folder.glob("*.sql")}
    for path in texts:
        path.unlink()

    before = {}
    for step in sorted(migrations.known_migrations()):
        before[step] = structure(url)
        for path, text in texts.items():
            if path.name.split(".")[0] == step:
                path.write_text(text)
        migrations.seal(folder)
        assert migrations.apply(url, folder) == [step]

    for step in sorted(before, reverse=True):
        assert migrations.roll_back(url, folder, force=True) == step
        assert structure(url) == before[step]


TABLES = (
    "users",
    "events",
    "bookings",
    "tickets",
    "sessions",
    "sign_in_failures",
    "activity",
    "event_words",
)


def content(url: str) -> dict[str, list[dict[str, object]]]:
    """Return the rows of the tables of the first release."""
    with psycopg.connect(url, row_factory=dict_row) as db:
        return {
            table: db.execute(
                sql.SQL("SELECT * FROM {} ORDER BY 1").format(sql.Identifier(table))
            ).fetchall()
            for table in TABLES
        }


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
        # A log that began some months ago.
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
        columns = [column for column in before[0] if column != "one_letter_shorter"]
        assert [[row[column] for column in columns] for row in upgraded[table]] == [
            [row[column] for column in columns] for row in before
        ], table
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


def test_an_edited_migration_is_caught(database_url: str, folder: Path) -> None:
    edited = folder / "0001_first_release.sql"
    edited.write_text(edited.read_text() + "-- only a comment\n")

    for run in (migrations.apply, migrations.roll_back):
        with pytest.raises(migrations.MigrationError) as caught:
            run(database_url, folder)
        assert "0001_first_release.sql" in str(caught.value)


@pytest.mark.parametrize("what", ("rollback edited", "file missing", "file not in manifest"))
def test_a_folder_that_is_not_as_its_manifest_says_is_caught(folder: Path, what: str) -> None:
    path = folder / "0001_first_release.rollback.sql"
    if what == "rollback edited":
        path.write_text("SELECT 1;")
    elif what == "file missing":
        path.unlink()
    else:
        path = folder / "0002_sneaked_in.sql"
        path.write_text("SELECT 1;")

    with pytest.raises(migrations.MigrationError) as caught:
        migrations.check_manifest(folder)

    assert path.name in str(caught.value)


def test_the_manifest_is_in_the_format_of_sha256sum(folder: Path) -> None:
    for line in (folder / migrations.MANIFEST).read_text().splitlines():
        checksum, name = line.split("  ")
        assert len(checksum) == 64
        assert (folder / name).is_file()


def test_a_migration_that_fails_half_way_names_itself_and_leaves_nothing(
    database_url: str, folder: Path
) -> None:
    name = add_migration(
        folder,
        "half",
        "CREATE TABLE half (id integer);\n"
        "UPDATE users SET name = 'Changed';\n"
        "ALTER TABLE events ADD CONSTRAINT impossible CHECK (capacity < 0);\n"
        "CREATE TABLE whole (id integer);\n",
        "DROP TABLE half;\n",
    )
    fill(database_url)
    before = structure(database_url)

    with pytest.raises(migrations.MigrationError) as caught:
        migrations.apply(database_url, folder)

    assert str(caught.value).startswith(f"{name} failed: ")
    assert "impossible" in str(caught.value)
    assert structure(database_url) == before
    with psycopg.connect(database_url) as db:
        assert value(db, "SELECT count(*) FROM users WHERE name = 'Changed'") == 0
        assert value(db, "SELECT count(*) FROM _yoyo_migration WHERE migration_id = %s", name) == 0
    # Mended, it is applied.
    (folder / f"{name}.sql").write_text("-- depends: 0001_first_release\nSELECT 1;\n")
    migrations.seal(folder)
    assert migrations.apply(database_url, folder) == [name]


def test_steps_before_a_failing_one_stay_applied(database_url: str, folder: Path) -> None:
    good = add_migration(folder, "good", "CREATE TABLE good (id integer);\n", "DROP TABLE good;\n")
    bad = add_migration(folder, "bad", "CREATE TABLE good (id integer);\n", "SELECT 1;\n")

    with pytest.raises(migrations.MigrationError, match=f"^{bad} failed: "):
        migrations.apply(database_url, folder)

    assert migrations.roll_back(database_url, folder) == good


def test_a_rollback_that_fails_leaves_the_migration_applied(
    database_url: str, folder: Path
) -> None:
    name = add_migration(
        folder, "stuck", "CREATE TABLE stuck (id integer);\n", "DROP TABLE gone;\n"
    )
    migrations.apply(database_url, folder)
    before = structure(database_url)

    with pytest.raises(migrations.MigrationError, match=f"^{name} failed: "):
        migrations.roll_back(database_url, folder)

    assert structure(database_url) == before
    assert migrations.apply(database_url, folder) == []


def test_the_lock_of_a_killed_run_does_not_block(database_url: str, folder: Path) -> None:
    psql(
        database_url,
        "INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 2147483647)",
    )
    name = add_migration(folder, "next", "SELECT 1;\n", "SELECT 1;\n")

    assert migrations.apply(database_url, folder) == [name]


def test_two_migrators_at_once_apply_each_step_once(empty_database: MakeDatabase) -> None:
    url = empty_database()

    with ThreadPoolExecutor() as threads:
        applied = list(threads.map(migrations.apply, [url] * 3))

    assert sorted(applied) == [[], [], sorted(migrations.known_migrations())]


def test_a_migration_needs_a_name(folder: Path) -> None:
    with pytest.raises(migrations.MigrationError, match="needs a name"):
        migrations.begin("  …  ", folder)


def test_every_migration_but_the_first_says_what_it_depends_on() -> None:
    for path in migrations.migration_files()[2:]:
        if not path.stem.endswith(".rollback"):
            assert "-- depends: " in path.read_text(), path.name


def test_every_migration_has_a_rollback() -> None:
    names = {path.name for path in migrations.migration_files()}

    for name in migrations.known_migrations():
        assert f"{name}.rollback.sql" in names


def test_a_dump_of_a_database_in_use_restores_into_a_new_one(
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
        # It goes on working: identities, triggers, searches, partitions.
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


def test_an_upgrade_of_the_first_release_gives_the_log_the_lines_it_lacks(
    database_url: str,
) -> None:
    while migrations.roll_back(database_url) != "0012_integrity":
        pass
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        event_id = value(db, "SELECT id FROM events")
        update(db, event_id, title="Maß & Größe")
        # As the first release let it be done by hand, without a line; and as its generator made
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


def test_an_upgrade_does_not_stop_at_a_wrong_ticket_code(database_url: str) -> None:
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
