"""The lock that lets one migrator run at a time, and the sessions that block a migration."""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress

import psycopg
from yoyo.backends import DatabaseBackend

# Any number, as long as every migrator takes the same one.
ADVISORY_LOCK = 7_461_001
# How long another migrator may take before this one gives up.
OTHER_MIGRATOR_SECONDS = 60.0

# The sessions that block a connection. Their queries may hold personal data and are not shown.
_BLOCKERS = """
    SELECT pid, concat_ws(', ', usename, nullif(application_name, ''), state,
        'in a transaction for ' || extract(epoch FROM now() - xact_start)::integer || ' s')
    FROM pg_stat_activity
    WHERE pid = ANY (pg_blocking_pids(%s))
"""
_LOCK_HOLDER = """
    SELECT pid, concat_ws(', ', usename, nullif(application_name, ''), state)
    FROM pg_stat_activity
    JOIN pg_locks USING (pid)
    WHERE locktype = 'advisory' AND granted AND objsubid = 1
        AND (classid::bigint << 32) + objid::bigint = %s
        AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
"""


class MigrationError(Exception):
    """A migration could not be run; the message says why, for a person."""


@contextmanager
def alone(database_url: str) -> Iterator[None]:
    """Hold the lock that every migrator takes, or raise MigrationError.

    The lock belongs to an open transaction and not to a session: behind a transaction pool, a lock
    of a session would stay on a connection that the pool gives to others next.
    """
    with psycopg.connect(database_url, prepare_threshold=None) as connection:
        # Between two statements such a transaction has no snapshot, so nothing waits for it. Its
        # statements must have no parameters: with them, a portal stays open and keeps a snapshot.
        connection.isolation_level = psycopg.IsolationLevel.READ_COMMITTED
        connection.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        deadline = time.monotonic() + OTHER_MIGRATOR_SECONDS
        take = f"SELECT pg_try_advisory_xact_lock({ADVISORY_LOCK})".encode()
        while connection.execute(take).fetchone() == (False,):
            if time.monotonic() > deadline:
                holders = connection.execute(_LOCK_HOLDER, [ADVISORY_LOCK]).fetchall()
                raise MigrationError(
                    f"Another migration has been running for {OTHER_MIGRATOR_SECONDS:.0f} s:"
                    f" {_named(holders)}. Nothing was changed."
                )
            time.sleep(0.1)
        yield


@contextmanager
def watching(backend: DatabaseBackend, other: DatabaseBackend) -> Iterator[Callable[[], str]]:
    """Watch which sessions block the other connection; yield a function that names the last."""
    last: list[tuple[int, str]] = []
    over = threading.Event()
    pid = other.execute("SELECT pg_backend_pid()").fetchone()[0]

    def look() -> None:
        with suppress(psycopg.Error):
            while not over.wait(0.1):
                last[:] = backend.connection.execute(_BLOCKERS, [pid]).fetchall() or last

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield lambda: _named(last)
    finally:
        over.set()
        watcher.join()


def _named(sessions: list[tuple[int, str]]) -> str:
    return " and ".join(f"pid {pid} ({what})" for pid, what in sessions) or "it has just ended"
