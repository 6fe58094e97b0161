"""Databases for the tests of the schema, beside those of tests/conftest.py."""

import shutil
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from app.local.paths import ROOT
from app.local.postgres import Cluster
from tests.schema import large_database, shadowing
from tests.schema.guard_matrix import make_scenario
from tests.schema.owner_session import OwnerSession
from tests.support.databases import OWNER
from tests.support.event_contradictions import contradictions


@pytest.fixture(scope="session")
def shared_url(cluster: Cluster, migrated_template: NoopExecutor) -> Iterator[str]:
    """A migrated database for tests that roll back all their changes."""
    with _migrated_database(migrated_template, "shared") as name:
        yield cluster.url(name, OWNER)


@pytest.fixture(scope="session")
def attacked_url(cluster: Cluster, migrated_template: NoopExecutor) -> Iterator[str]:
    """A migrated database that tests attack as its owner."""
    with _migrated_database(migrated_template, "attacked") as name:
        url = cluster.url(name, OWNER)
        with psycopg.connect(url, autocommit=True) as connection:
            shadowing.create_schema(connection)
        yield url


@pytest.fixture(scope="session")
def large_database_url(cluster: Cluster, migrated_template: NoopExecutor) -> Iterator[str]:
    """A database with a hundred thousand events, for its superuser; it is never changed."""
    with _migrated_database(migrated_template, "full") as name:
        with psycopg.connect(cluster.url(name, OWNER), autocommit=True) as connection:
            large_database.fill(connection)
        yield cluster.url(name)


@contextmanager
def _migrated_database(template: NoopExecutor, suffix: str) -> Iterator[str]:
    janitor = DatabaseJanitor(
        user=OWNER,
        host=template.host,
        port=template.port,
        dbname=f"{template.dbname}_{suffix}",
        template_dbname=template.template_dbname,
    )
    with janitor:
        yield janitor.dbname


@pytest.fixture
def large_db(large_database_url: str) -> Iterator[psycopg.Connection]:
    """A superuser's connection to the large database, in a transaction that is rolled back."""
    with psycopg.connect(large_database_url) as connection:
        yield connection
        connection.rollback()


@pytest.fixture
def rolled_back(request: pytest.FixtureRequest, shared_url: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner in a transaction that is rolled back after the test.

    Before the rollback there must be no integrity violations.
    """
    with psycopg.connect(shared_url) as connection:
        yield connection
        in_order = connection.info.transaction_status is not TransactionStatus.INERROR
        if in_order and not request.node.get_closest_marker("leaves_contradictions"):
            connection.execute("RESET ROLE")
            assert connection.execute("SELECT * FROM integrity_violations").fetchall() == []
        connection.rollback()


@pytest.fixture
def empty_database(cluster: Cluster, server: object) -> Iterator[Callable[[], str]]:
    """A function that creates an empty database of the owner and returns its URL."""
    del server
    with ExitStack() as databases:
        made = 0

        def make() -> str:
            nonlocal made
            made += 1
            janitor = DatabaseJanitor(
                user=OWNER, host="127.0.0.1", port=cluster.port, dbname=f"empty_{made}"
            )
            databases.enter_context(janitor)
            return cluster.url(janitor.dbname, OWNER)

        yield make


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of migrations/ that tests may extend."""
    return Path(shutil.copytree(ROOT / "migrations", tmp_path / "migrations"))


@pytest.fixture
def owner(attacked_url: str) -> Iterator[OwnerSession]:
    with psycopg.connect(attacked_url, autocommit=True) as db:
        ids = make_scenario(db)
        yield OwnerSession(db, attacked_url, {**ids, "event": ids["open_event"], "quantity": "1"})
    with psycopg.connect(attacked_url, autocommit=True) as checker:
        assert contradictions(checker, ids) == []


@pytest.fixture
def superuser(cluster: Cluster, shared_url: str) -> Iterator[psycopg.Connection]:
    """A connection that may set any role, rolled back after the test."""
    with psycopg.connect(cluster.url(shared_url.rpartition("/")[2])) as connection:
        yield connection
        connection.rollback()
