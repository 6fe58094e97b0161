"""yoyo's connection to the database that is migrated."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from urllib.parse import quote, urlencode

import psycopg
from psycopg.conninfo import conninfo_to_dict
from yoyo import default_migration_table
from yoyo.backends import DatabaseBackend
from yoyo.backends.core.postgresql import PostgresqlPsycopgBackend
from yoyo.connections import DatabaseURI, parse_uri

from app.operations.migration_locks import MigrationError, alone


class _Connection(psycopg.Connection[Any]):
    """Closes itself when it is interrupted during a COMMIT, and cancels other statements.

    A COMMIT may be waiting for the synchronous standby, and PostgreSQL would end only that wait.
    A statement that waits for a lock must be cancelled, or everybody else would go on waiting.
    """

    is_committing = False

    def cancel_safe(self, *, timeout: float = 30.0) -> None:
        """End the statement in progress; psycopg calls this on Ctrl-C."""
        if self.is_committing:
            self.pgconn.finish()
        else:
            super().cancel_safe(timeout=timeout)


class _Backend(PostgresqlPsycopgBackend):  # type: ignore[misc]
    """yoyo's backend for PostgreSQL, with our kind of connection."""

    def connect(self, dburi: DatabaseURI) -> _Connection:
        return _Connection.connect(dbname=dburi.database, autocommit=True, **dburi.args)

    def commit(self) -> None:
        self.connection.is_committing = True
        super().commit()
        self.connection.is_committing = False


@contextmanager
def connected_backend(database_url: str) -> Iterator[DatabaseBackend]:
    """Give yoyo's backend for this database, while no other migrator runs."""
    try:
        parameters = conninfo_to_dict(database_url)
    except psycopg.ProgrammingError:
        # The error shows the address, and with it the password.
        raise MigrationError("DATABASE_URL is not the address of a PostgreSQL database.") from None
    with alone(database_url):
        # Spelt out, because yoyo's own reading of a URL knows one host only.
        database = quote(str(parameters.pop("dbname", "")))
        uri = f"postgresql+psycopg:///{database}?{urlencode(parameters)}"
        backend = _Backend(parse_uri(uri), default_migration_table)
        backend.init_database()
        try:
            # alone() is held: a row in yoyo's own lock table can only be left from a killed run.
            backend.break_lock()
            yield backend
        finally:
            backend.connection.close()
