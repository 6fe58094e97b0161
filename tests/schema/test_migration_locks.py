"""A migration waits for locks for a limited time and names the blocker; two do not collide."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import psycopg
import pytest

from app.operations import migration_locks, migrations
from app.operations.migration_locks import MigrationError
from tests.schema.migration_steps import add_migration
from tests.support.dumps import structure
from tests.support.locks import await_lock_waiters, await_true
from tests.support.rows import value

ADD_COLUMN = ("ALTER TABLE events ADD gate text;\n", "ALTER TABLE events DROP gate;\n")


@pytest.fixture(autouse=True)
def _hasty(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 0.5)
    monkeypatch.setattr(migrations, "PAUSE_SECONDS", 0.1)
    monkeypatch.setattr(migrations, "TRIES", 2)
    monkeypatch.setattr(migration_locks, "OTHER_MIGRATOR_SECONDS", 0.5)


@contextmanager
def analyst(database_url: str) -> Iterator[psycopg.Connection]:
    """An open transaction that has read events."""
    with psycopg.connect(database_url, application_name="a report") as connection:
        connection.execute("SELECT count(*) FROM event_sales")
        yield connection
        connection.rollback()


def test_a_blocked_migration_times_out_and_names_the_blocker(
    database_url: str, folder: Path
) -> None:
    name = add_migration(folder, "gate", *ADD_COLUMN)
    before = structure(database_url)

    with analyst(database_url) as reading:
        pid = reading.info.backend_pid
        with pytest.raises(MigrationError) as caught:
            migrations.apply(database_url, folder)

    assert str(caught.value).startswith(
        f"{name} did not get its locks in 2 tries. In the way: pid {pid}"
        " (owner, a report, idle in transaction, in a transaction for "
    )
    assert str(caught.value).endswith(" s). Nothing was changed.")
    assert structure(database_url) == before
    assert migrations.apply(database_url, folder) == [name]


def test_a_blocked_rollback_times_out(database_url: str, folder: Path) -> None:
    name = add_migration(folder, "gate", *ADD_COLUMN)
    migrations.apply(database_url, folder)
    before = structure(database_url)

    with analyst(database_url), pytest.raises(MigrationError, match=f"^{name} did not"):
        migrations.roll_back(database_url, folder)

    assert structure(database_url) == before


def test_a_blocked_migration_is_retried(
    database_url: str, db: psycopg.Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "TRIES", 100)
    name = add_migration(folder, "gate", *ADD_COLUMN)

    with ThreadPoolExecutor() as threads:
        with analyst(database_url):
            applying = threads.submit(migrations.apply, database_url, folder)
            await_lock_waiters(db)
            await_lock_waiters(db, count=0)
            await_lock_waiters(db)

        assert applying.result() == [name]


def test_a_step_may_set_a_longer_timeout(
    database_url: str, db: psycopg.Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 0.001)
    monkeypatch.setattr(migrations, "TRIES", 1)
    step, rollback = ADD_COLUMN
    name = add_migration(folder, "gate", f"SET LOCAL lock_timeout = '1min';\n{step}", rollback)

    with ThreadPoolExecutor() as threads:
        with analyst(database_url):
            applying = threads.submit(migrations.apply, database_url, folder)
            await_lock_waiters(db)

        assert applying.result() == [name]


def test_an_index_that_is_built_concurrently_waits_for_transactions(
    database_url: str, db: psycopg.Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migrations, "LOCK_SECONDS", 0.001)
    name = add_migration(
        folder,
        "index",
        "CREATE INDEX CONCURRENTLY events_by_price ON events (price);\n",
        "DROP INDEX CONCURRENTLY events_by_price;\n",
    )
    for path in folder.glob(f"{name}*"):
        path.write_text(f"-- An index.\n-- transactional: false\n{path.read_text()}")
    migrations.seal(folder)

    with ThreadPoolExecutor() as threads:
        with psycopg.connect(database_url) as writing:
            writing.execute("UPDATE events SET price = price")
            applying = threads.submit(migrations.apply, database_url, folder)
            await_lock_waiters(db)
            writing.rollback()

        assert applying.result() == [name]
    assert value(
        db, "SELECT indisvalid FROM pg_index WHERE indexrelid = 'events_by_price'::regclass"
    )
    assert migrations.roll_back(database_url, folder) == name


def test_waiting_for_another_migration_times_out(database_url: str) -> None:
    with psycopg.connect(database_url, application_name="psql") as other:
        other.execute("SELECT pg_advisory_lock(%s)", [migration_locks.ADVISORY_LOCK])

        for run in (migrations.apply, migrations.roll_back):
            with pytest.raises(MigrationError) as caught:
                run(database_url)
            assert f"pid {other.info.backend_pid} (owner, psql, idle in tr" in str(caught.value)


def await_migrators(db: psycopg.Connection, count: int) -> None:
    """Return when this many migrators wait for the lock."""
    await_true(
        db,
        "SELECT count(*) = %s FROM pg_stat_activity WHERE datname = current_database()"
        " AND pid <> pg_backend_pid() AND query LIKE '%%pg_try_advisory_xact_lock%%'",
        count,
    )


def test_two_concurrent_rollbacks_take_back_one_migration(
    database_url: str, db: psycopg.Connection, folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(migration_locks, "OTHER_MIGRATOR_SECONDS", 60.0)
    first = add_migration(folder, "first", "SELECT 1;\n", "SELECT 1;\n")
    second = add_migration(folder, "second", "SELECT 1;\n", "SELECT 1;\n")
    migrations.apply(database_url, folder)

    def roll_back(_: int) -> str | None:
        try:
            return migrations.roll_back(database_url, folder)
        except MigrationError as error:
            return str(error)

    with ThreadPoolExecutor() as threads:
        db.execute("SELECT pg_advisory_lock(%s)", [migration_locks.ADVISORY_LOCK])
        outcomes = threads.map(roll_back, range(2))
        await_migrators(db, 2)
        db.execute("SELECT pg_advisory_unlock_all()")

        refused = f"{second} is not the last migration that is applied: that is {first}."
        assert set(outcomes) == {second, f"{refused} Nothing was changed."}


def test_the_migration_to_take_back_can_be_named(database_url: str, folder: Path) -> None:
    first = add_migration(folder, "first", "SELECT 1;\n", "SELECT 1;\n")
    second = add_migration(folder, "second", "SELECT 1;\n", "SELECT 1;\n")
    migrations.apply(database_url, folder)

    with pytest.raises(MigrationError, match=f"^{first} is not the last"):
        migrations.roll_back(database_url, folder, name=first)

    assert migrations.roll_back(database_url, folder, name=second) == second
    assert migrations.roll_back(database_url, folder, name=first) == first


@pytest.mark.parametrize("run", (migrations.apply, migrations.roll_back))
def test_a_step_and_its_record_are_one_transaction(
    database_url: str,
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    run: Callable[[str, Path], object],
) -> None:
    add_migration(folder, "gate", *ADD_COLUMN)
    if run is migrations.roll_back:
        migrations.apply(database_url, folder)
    before = structure(database_url)
    with monkeypatch.context() as patch:
        patch.setattr(migrations, "_record", _fail)

        with pytest.raises(ZeroDivisionError):
            run(database_url, folder)

    assert structure(database_url) == before


def _fail(*_: object) -> None:
    raise ZeroDivisionError


def test_a_malformed_url_is_not_shown() -> None:
    with pytest.raises(MigrationError) as caught:
        migrations.apply("postgres//marquee:S3cr3t@x")

    assert "S3cr3t" not in str(caught.value)
    assert caught.value.__cause__ is None
