"""Apply, roll back and begin database migrations: `python -m app.operations.migrations COMMAND`.

yoyo reads the files and records what is applied. This module adds what a busy database needs: one
migrator runs at a time, no step waits for a lock longer than sales can bear, a step and its record
are one transaction, and files that were edited after they were written are refused.
"""

import argparse
import hashlib
import re
import sys
import time
from pathlib import Path

import psycopg
from yoyo import read_migrations
from yoyo.backends import DatabaseBackend
from yoyo.migrations import Migration, MigrationList

from app.operations.migration_backend import connected_backend
from app.operations.migration_locks import MigrationError, watching
from app.paths import ROOT
from app.settings import Settings

FOLDER = ROOT / "migrations"
MANIFEST = "SHA256SUMS"
# Everybody who needs the table queues behind a migration that waits for its lock. So it waits
# briefly, gives way to the queue, and tries again. A step may set another lock_timeout.
LOCK_SECONDS = 2.0
TRIES = 5
PAUSE_SECONDS = 3.0
# CREATE INDEX CONCURRENTLY waits for transactions to end. Nobody queues behind it.
CONCURRENT_LOCK_SECONDS = 600


_PARTITIONS = """
    DO $$
    BEGIN
        IF to_regprocedure('make_activity_partitions()') IS NOT NULL THEN
            PERFORM make_activity_partitions();
        END IF;
    END;
    $$
"""


def migration_files(folder: Path = FOLDER) -> list[Path]:
    """Return the steps and their rollbacks, in order."""
    return sorted(folder.glob("*.sql"))


def known_migrations(folder: Path = FOLDER) -> set[str]:
    """Return the names of the migrations this build knows."""
    return {path.stem for path in migration_files(folder) if not path.stem.endswith(".rollback")}


def manifest(folder: Path = FOLDER) -> str:
    """Return the checksums of all migration files, in sha256sum's format."""
    lines = (
        f"{hashlib.sha256(path.read_bytes()).hexdigest()}  {path.name}\n"
        for path in migration_files(folder)
    )
    return "".join(lines)


def check_manifest(folder: Path = FOLDER) -> None:
    """Raise MigrationError when a file is not what its line in the manifest says.

    yoyo knows a migration by its file name only and would accept an edited one in silence.
    """
    written = set((folder / MANIFEST).read_text().splitlines())
    actual = set(manifest(folder).splitlines())
    if differing := sorted({line.split()[-1] for line in written ^ actual}):
        raise MigrationError(
            f"These files differ from {MANIFEST}: {', '.join(differing)}. Never edit a migration"
            " that is in use: write a new one with `make migration`, which adds its checksums."
        )


def _pending(backend: DatabaseBackend, folder: Path) -> MigrationList:
    return backend.to_apply(read_migrations(str(folder)))


def apply(database_url: str, folder: Path = FOLDER) -> list[str]:
    """Apply the missing migrations and return their names. Each step is a separate transaction.

    Raises MigrationError when a step fails; nothing of that step is left behind.
    """
    check_manifest(folder)
    applied = []
    with connected_backend(database_url) as backend:
        for migration in _pending(backend, folder):
            _step(backend, migration, "apply")
            applied.append(migration.id)
        # For /readyz. yoyo makes this table, no migration does.
        with backend.transaction():
            backend.execute("GRANT SELECT ON _yoyo_migration TO ticketing_api")
            backend.execute(_PARTITIONS)
    return applied


def roll_back(
    database_url: str, folder: Path = FOLDER, *, name: str | None = None, force: bool = False
) -> str | None:
    """Take the last applied migration back and return its name, or None when there is none.

    Raises MigrationError when the last one is not `name`. Without a name it must still be the one
    that was the last when this was called: two callers at once mean the same migration. Also
    raises MigrationError instead of taking back the first one, unless forced.
    """
    check_manifest(folder)
    wanted = name or _last_applied(database_url, folder)
    with connected_backend(database_url) as backend:
        for migration in backend.to_rollback(read_migrations(str(folder))):
            if migration.id != wanted:
                raise MigrationError(
                    f"{wanted} is not the last migration that is applied: that is {migration.id}."
                    " Nothing was changed."
                )
            if migration.id == min(known_migrations(folder)) and not force:
                raise MigrationError(
                    f"This would take back {migration.id}, and with it every table and row."
                    " If that is meant: make rollback FORCE=1"
                )
            _step(backend, migration, "rollback")
            return str(migration.id)
    return None


def _last_applied(database_url: str, folder: Path) -> str | None:
    with psycopg.connect(database_url) as connection:
        try:
            rows = connection.execute("SELECT migration_id FROM _yoyo_migration").fetchall()
        except psycopg.errors.UndefinedTable:
            return None
    return max({name for (name,) in rows} & known_migrations(folder), default=None)


def _step(backend: DatabaseBackend, migration: Migration, direction: str) -> None:
    """Run one migration forwards or backwards, and record it.

    Raises MigrationError when it fails. A step in a transaction is then as if it had never begun.
    """
    migration.load()
    try:
        if not migration.use_transactions:
            _run_outside_a_transaction(backend, migration, direction)
            return
        for attempt in range(TRIES):
            if attempt > 0:
                time.sleep(PAUSE_SECONDS)
            in_the_way = _run_twice_if_refused(backend, migration, direction)
            if in_the_way is None:
                return
    except psycopg.Error as error:
        raise MigrationError(f"{migration.id} failed: {_explain(error)}") from error
    raise MigrationError(
        f"{migration.id} did not get its locks in {TRIES} tries. In the way: {in_the_way}."
        " Nothing was changed."
    )


def _run_twice_if_refused(
    backend: DatabaseBackend, migration: Migration, direction: str
) -> str | None:
    """Do what _run_in_a_transaction() does, once more if the login seems to lack a right.

    Roles belong to the cluster. While another database is being set up in it, a connection may see
    a new role and not yet see what this login may do with it. A new connection sees both.
    """
    try:
        return _run_in_a_transaction(backend, migration, direction)
    except psycopg.errors.InsufficientPrivilege:
        return _run_in_a_transaction(backend, migration, direction)


def _run_in_a_transaction(
    backend: DatabaseBackend, migration: Migration, direction: str
) -> str | None:
    """Return None when it is done, or who was in the way of a lock; then nothing was changed."""
    with backend.copy() as own, watching(backend, own) as in_the_way:
        try:
            with own.transaction():
                own.execute(f"SET LOCAL lock_timeout = '{LOCK_SECONDS}s'")
                migration.process_steps(own, direction)
                _record(own, migration, direction)
        except (psycopg.errors.LockNotAvailable, psycopg.errors.DeadlockDetected):
            return in_the_way()
    return None


def _run_outside_a_transaction(
    backend: DatabaseBackend, migration: Migration, direction: str
) -> None:
    with backend.copy() as own:
        own.execute(f"SET lock_timeout = '{CONCURRENT_LOCK_SECONDS}s'")
        migration.process_steps(own, direction)
    with backend.transaction():
        _record(backend, migration, direction)


def _record(backend: DatabaseBackend, migration: Migration, direction: str) -> None:
    backend.log_migration(migration, direction)
    if direction == "apply":
        backend.mark_one(migration, log=False)
    else:
        backend.unmark_one(migration, log=False)


def begin(name: str, folder: Path = FOLDER) -> list[Path]:
    """Write an empty migration and its rollback, with the next number, and their checksums."""
    slug = re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_")
    if not slug:
        raise MigrationError("A migration needs a name: make migration name=add_something")
    last = max(known_migrations(folder))
    stem = f"{int(last.split('_')[0]) + 1:04}_{slug}"
    depends = f"-- depends: {last}\n"
    step, rollback = folder / f"{stem}.sql", folder / f"{stem}.rollback.sql"
    step.write_text(f"-- What changes, and why.\n{depends}\n")
    rollback.write_text(f"-- Takes {stem} back.\n\n")
    seal(folder)
    return [step, rollback]


def seal(folder: Path = FOLDER) -> None:
    """Write the checksums of all files as they are now."""
    (folder / MANIFEST).write_text(manifest(folder))


def _explain(error: psycopg.Error) -> str:
    hint = error.diag.message_hint
    return f"{error.diag.message_primary or error}{f' {hint}' if hint else ''}"


def main() -> None:
    """Run one command of this module's command line."""
    parser = argparse.ArgumentParser(
        prog="python -m app.operations.migrations", description=__doc__
    )
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("apply", help="apply the missing migrations")
    rollback = commands.add_parser("rollback", help="take the last one back")
    rollback.add_argument("name", nargs="?", help="the one that must be the last")
    rollback.add_argument("--force", action="store_true", help="even the first one")
    commands.add_parser("new", help="begin a migration").add_argument("name")
    commands.add_parser("seal", help="write the checksums of migrations that have not landed")
    arguments = parser.parse_args()
    try:
        _run(arguments)
    except (MigrationError, psycopg.Error) as error:
        sys.exit(str(error))


def _run(arguments: argparse.Namespace) -> None:
    if arguments.command == "new":
        for path in begin(arguments.name):
            print(path.relative_to(FOLDER.parent))
    elif arguments.command == "seal":
        seal()
    elif arguments.command == "apply":
        for name in apply(_database_url()):
            print(f"applied {name}")
    else:
        rolled_back = roll_back(_database_url(), name=arguments.name, force=arguments.force)
        print(f"rolled back {rolled_back}" if rolled_back else "nothing to roll back")


def _database_url() -> str:
    return Settings.load().database_url.get_secret_value()


if __name__ == "__main__":
    main()
