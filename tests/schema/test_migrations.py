"""app.operations.migrations: applying, rolling back, failing."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psycopg
import pytest

from app.operations import migration_locks, migrations
from app.operations.migration_locks import MigrationError
from tests.schema.migration_steps import add_migration, fill
from tests.support.dumps import structure
from tests.support.programs import psql
from tests.support.rows import value

MakeDatabase = Callable[[], str]


def test_applying_again_does_nothing(database_url: str) -> None:
    assert migrations.apply(database_url) == []


def test_everything_is_rolled_back_and_applied_again(
    database_url: str, empty_database: MakeDatabase
) -> None:
    """Every migration forwards and backwards takes long: this test does all that needs it."""
    fill(database_url)
    at_first = structure(database_url)
    (first, *later) = sorted(migrations.known_migrations())

    assert [migrations.roll_back(database_url) for _ in later] == later[::-1]

    # The first one is rolled back only by force, because every row goes with it.
    with pytest.raises(MigrationError, match="with it every table and row"):
        migrations.roll_back(database_url)
    with psycopg.connect(database_url) as db:
        assert value(db, "SELECT count(*) FROM bookings") > 0
    assert migrations.roll_back(database_url, force=True) == first
    assert structure(database_url) == structure(empty_database())
    assert migrations.roll_back(database_url) is None

    assert migrations.apply(database_url) == [first, *later]
    assert structure(database_url) == at_first


@pytest.mark.steps_through_migrations
def test_each_rollback_reverts_exactly_its_migration(
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


def test_an_edited_migration_is_refused(database_url: str, folder: Path) -> None:
    edited = folder / "0001_first_release.sql"
    edited.write_text(edited.read_text() + "-- only a comment\n")

    for run in (migrations.apply, migrations.roll_back):
        with pytest.raises(MigrationError) as caught:
            run(database_url, folder)
        assert "0001_first_release.sql" in str(caught.value)


@pytest.mark.parametrize("what", ("rollback edited", "file missing", "file not in manifest"))
def test_a_folder_that_differs_from_its_manifest_is_refused(folder: Path, what: str) -> None:
    path = folder / "0001_first_release.rollback.sql"
    if what == "rollback edited":
        path.write_text("SELECT 1;")
    elif what == "file missing":
        path.unlink()
    else:
        path = folder / "0002_sneaked_in.sql"
        path.write_text("SELECT 1;")

    with pytest.raises(MigrationError) as caught:
        migrations.check_manifest(folder)

    assert path.name in str(caught.value)


def test_the_manifest_is_in_the_format_of_sha256sum(folder: Path) -> None:
    for line in (folder / migrations.MANIFEST).read_text().splitlines():
        checksum, name = line.split("  ")
        assert len(checksum) == 64
        assert (folder / name).is_file()


def test_a_failing_migration_is_named_and_leaves_no_changes(
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

    with pytest.raises(MigrationError) as caught:
        migrations.apply(database_url, folder)

    assert str(caught.value).startswith(f"{name} failed: ")
    assert "impossible" in str(caught.value)
    assert structure(database_url) == before
    with psycopg.connect(database_url) as db:
        assert value(db, "SELECT count(*) FROM users WHERE name = 'Changed'") == 0
        assert value(db, "SELECT count(*) FROM _yoyo_migration WHERE migration_id = %s", name) == 0
    # After the repair it is applied.
    (folder / f"{name}.sql").write_text("-- depends: 0001_first_release\nSELECT 1;\n")
    migrations.seal(folder)
    assert migrations.apply(database_url, folder) == [name]


def test_migrations_before_a_failing_one_stay_applied(database_url: str, folder: Path) -> None:
    good = add_migration(folder, "good", "CREATE TABLE good (id integer);\n", "DROP TABLE good;\n")
    bad = add_migration(folder, "bad", "CREATE TABLE good (id integer);\n", "SELECT 1;\n")

    with pytest.raises(MigrationError, match=f"^{bad} failed: "):
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

    with pytest.raises(MigrationError, match=f"^{name} failed: "):
        migrations.roll_back(database_url, folder)

    assert structure(database_url) == before
    assert migrations.apply(database_url, folder) == []


def test_a_killed_migrator_leaves_no_lock(database_url: str, folder: Path) -> None:
    psql(
        database_url,
        "INSERT INTO yoyo_lock (locked, ctime, pid) VALUES (1, now(), 2147483647)",
    )
    name = add_migration(folder, "next", "SELECT 1;\n", "SELECT 1;\n")

    assert migrations.apply(database_url, folder) == [name]


def test_two_concurrent_migrators_apply_each_step_once(
    empty_database: MakeDatabase, monkeypatch: pytest.MonkeyPatch
) -> None:
    # On a busy machine, all steps together take longer than a migrator usually waits.
    monkeypatch.setattr(migration_locks, "OTHER_MIGRATOR_SECONDS", 600)
    url = empty_database()

    with ThreadPoolExecutor() as threads:
        applied = list(threads.map(migrations.apply, [url] * 3))

    assert sorted(applied) == [[], [], sorted(migrations.known_migrations())]


def test_a_migration_needs_a_name(folder: Path) -> None:
    with pytest.raises(MigrationError, match="needs a name"):
        migrations.begin("  …  ", folder)


def test_every_later_migration_names_its_predecessor() -> None:
    for path in migrations.migration_files()[2:]:
        if not path.stem.endswith(".rollback"):
            assert "-- depends: " in path.read_text(), path.name


def test_every_migration_has_a_rollback() -> None:
    names = {path.name for path in migrations.migration_files()}

    for name in migrations.known_migrations():
        assert f"{name}.rollback.sql" in names
