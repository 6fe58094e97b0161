"""Databases for tests: one throw-away server for a run, a migrated database for each test.

The owner of these databases is an ordinary login role that may create roles and databases, as in an
installation where the migrating account is not a superuser. PG_BINDIR selects another PostgreSQL
than that of the installed package:

    PG_BINDIR=/usr/lib/postgresql/15/bin python -m pytest tests/schema
"""

import os
import signal
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

import psycopg
import pytest
import sqlparse
from pytest_postgresql import factories

from app.local.ports import LOOPBACK
from app.local.postgres import (
    DISCREET,
    NOT_DURABLE,
    SUPERUSER,
    Cluster,
    throw_away_cluster,
)
from app.operations import migrations
from app.settings import Settings
from tests.support.databases import OWNER, contradictions

# Settings in the environment do not reach the servers that tests start.
for name in Settings.model_fields:
    os.environ.pop(name.upper(), None)

# yoyo splits all migrations into statements each time it applies or takes back one. Tests do that
# hundreds of times with the same text, and once for each text is enough.
_split_once = cache(sqlparse.split)


def _split(sql: str, encoding: str | None = None, strip_semicolon: bool = False) -> list[str]:
    # A copy, because yoyo changes the list.
    return [*_split_once(sql, encoding, strip_semicolon)]


sqlparse.split = _split

# A shell without job control starts background programs with SIGINT ignored. The programs that
# tests interrupt would inherit that, and the tests would wait without end.
signal.signal(signal.SIGINT, signal.default_int_handler)


@dataclass(frozen=True)
class Server:
    """The throw-away server in the form that pytest-postgresql expects."""

    port: int
    host: str = LOOPBACK
    user: str = OWNER
    password: str | None = None
    options: str = ""
    maintenance_dbname: str = "postgres"
    template_dbname: str | None = None


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line(
        "markers",
        "leaves_contradictions: leaves rows that contradict each other on purpose, so"
        " integrity_violations is not asserted to be empty afterwards",
    )
    config.addinivalue_line(
        "markers",
        "steps_through_migrations: applies or rolls back many migrations one after another, which"
        " takes long and is done on one version of PostgreSQL",
    )


@pytest.fixture(scope="session")
def cluster() -> Iterator[Cluster]:
    """A PostgreSQL server for this run: not durable, with an owner who is not a superuser."""
    # Without autovacuum, plans change only when a test runs ANALYZE, and no superuser process is
    # connected to a database that the owner drops. A test that waits for a lock that is never
    # released fails instead of hanging.
    options = {
        **NOT_DURABLE,
        **DISCREET,
        "autovacuum": "off",
        "max_connections": "200",
        "max_prepared_transactions": "2",
        "statement_timeout": "120s",
    }
    with throw_away_cluster(options) as running:
        running.psql(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;")
        yield running


@pytest.fixture(scope="session")
def server(cluster: Cluster) -> Server:
    return Server(cluster.port)


def _migrate(*, host: str, port: int, user: str, dbname: str, **_: object) -> None:
    migrations.apply(f"postgresql://{user}@{host}:{port}/{dbname}")


migrated_template = factories.postgresql_noproc(load=[_migrate], depends_on="server")
created_database = factories.postgresql("migrated_template")


@pytest.fixture(scope="session")
def watcher(cluster: Cluster) -> Iterator[psycopg.Connection]:
    """A connection of the superuser to the database "postgres", in autocommit mode."""
    with psycopg.connect(cluster.url(), autocommit=True) as connection:
        yield connection


@pytest.fixture
def fresh_connection(
    created_database: psycopg.Connection, watcher: psycopg.Connection
) -> Iterator[psycopg.Connection]:
    """A connection of the owner to a migrated database that belongs to this test alone."""
    name = created_database.info.dbname
    yield created_database
    # The owner drops the database and may end every session but the superuser's. A session lasts
    # a little longer than its connection.
    watcher.execute(
        "SELECT pg_terminate_backend(pid, 60000) FROM pg_stat_activity"
        " WHERE datname = %s AND usename = %s",
        (name, SUPERUSER),
    )


@pytest.fixture
def database_url(
    request: pytest.FixtureRequest, cluster: Cluster, fresh_connection: psycopg.Connection
) -> Iterator[str]:
    """The URL, for the owner, of a migrated database that belongs to this test alone.

    Afterwards it must have no integrity violations.
    """
    url = cluster.url(fresh_connection.info.dbname, OWNER)
    yield url
    if not request.node.get_closest_marker("leaves_contradictions"):
        assert contradictions(url) == []


@pytest.fixture
def superuser_url(cluster: Cluster, fresh_connection: psycopg.Connection) -> str:
    """The URL of the test's database for the superuser."""
    return cluster.url(fresh_connection.info.dbname)


@pytest.fixture
def db(database_url: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner to the test's database, in autocommit mode."""
    with psycopg.connect(database_url, autocommit=True) as connection:
        yield connection
