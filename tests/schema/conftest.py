"""Databases for tests of the schema, beside those of tests/conftest.py."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack

import psycopg
import pytest
from psycopg.pq import TransactionStatus
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from app.local.postgres import Cluster
from tests.conftest import OWNER


@pytest.fixture(scope="session")
def shared_url(cluster: Cluster, migrated_template: NoopExecutor) -> Iterator[str]:
    """A migrated database for tests that take back all they write."""
    janitor = DatabaseJanitor(
        user=OWNER,
        host=migrated_template.host,
        port=migrated_template.port,
        dbname=f"{migrated_template.dbname}_shared",
        template_dbname=migrated_template.template_dbname,
    )
    with janitor:
        yield cluster.url(janitor.dbname, OWNER)


@pytest.fixture
def rolled_back(request: pytest.FixtureRequest, shared_url: str) -> Iterator[psycopg.Connection]:
    """A connection of the owner in a transaction that is rolled back after the test.

    Before that, no row in it may contradict another.
    """
    with psycopg.connect(shared_url) as connection:
        yield connection
        in_order = connection.info.transaction_status is not TransactionStatus.INERROR
        if in_order and not request.node.get_closest_marker("plants_contradictions"):
            connection.execute("RESET ROLE")
            assert connection.execute("SELECT * FROM integrity_violations").fetchall() == []
        connection.rollback()


@pytest.fixture
def empty_database(cluster: Cluster, server: object) -> Iterator[Callable[[], str]]:
    """Makes empty databases of the owner: each call returns another one's address."""
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
