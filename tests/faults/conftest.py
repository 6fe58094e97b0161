"""Servers that are killed on purpose, over a durable PostgreSQL.

`make test` runs each fault a few times. `make faults` sets FAULTS_MINUTES: it adds random kills for
that time, failovers, and longer runs of all randomised tests.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import psycopg
import pytest

from app.local.postgres import DISCREET, Cluster, throw_away_cluster
from tests.faults import logs
from tests.faults.api_server import ApiServer, running_api_server
from tests.faults.expected_bookings import ExpectedBookings
from tests.faults.seeded_database import SeededDatabase, add_customers, add_events, create_database
from tests.support.people import Person

HERE = Path(__file__).parent
SUMMARY: list[str] = []  # printed at the end
MINUTES = float(os.environ.get("FAULTS_MINUTES", "0"))


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "long: takes minutes, so only `make faults` runs it")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.parent == HERE:
            item.add_marker(pytest.mark.faults)
    if not MINUTES:
        long_ones = [item for item in items if item.get_closest_marker("long")]
        config.hook.pytest_deselected(items=long_ones)
        items[:] = [item for item in items if item not in long_ones]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    for line in SUMMARY:
        terminalreporter.write_line(line, bold=True)


@pytest.fixture(scope="session")
def minutes() -> float:
    """How long randomised tests run; 0 in `make test`."""
    return MINUTES


@pytest.fixture(scope="session")
def durable_cluster() -> Iterator[Cluster]:
    """A durable PostgreSQL server on disk."""
    with throw_away_cluster(DISCREET, in_memory=False) as running:
        yield running


@pytest.fixture(scope="session")
def seeded_url(durable_cluster: Cluster) -> str:
    return create_database(durable_cluster)


@pytest.fixture(scope="session")
def customers(seeded_url: str) -> list[Person]:
    return add_customers(seeded_url)


@pytest.fixture(scope="session")
def shared_api_server(
    durable_cluster: Cluster,
    seeded_url: str,
    customers: Sequence[Person],
    tmp_path_factory: pytest.TempPathFactory,
) -> Iterator[ApiServer]:
    """Two API processes behind one port; at the end their logs must contain no secrets."""
    with running_api_server(seeded_url, tmp_path_factory.mktemp("api")) as running:
        yield running
    durable_cluster.start()
    with psycopg.connect(seeded_url) as db:
        secrets = logs.secrets_of(db, customers)
    for log in (running.log, durable_cluster.log):
        logs.assert_silent(log, secrets)


@pytest.fixture
def print_now(capsys: pytest.CaptureFixture[str]) -> Callable[[str], None]:
    """Print a line immediately, even if pytest captures the output."""

    def show(line: str) -> None:
        with capsys.disabled():
            print(line, flush=True)

    return show


@pytest.fixture
def add_to_summary() -> Callable[[str], None]:
    """Print a line after all other output."""
    return SUMMARY.append


@pytest.fixture
def api_server(durable_cluster: Cluster, shared_api_server: ApiServer) -> ApiServer:
    """The API. It is started again if the last test stopped it."""
    durable_cluster.start()
    shared_api_server.start()
    return shared_api_server


@pytest.fixture
def seeded(
    durable_cluster: Cluster, seeded_url: str, customers: Sequence[Person]
) -> SeededDatabase:
    """The seeded database with new events for this test."""
    durable_cluster.start()
    return add_events(seeded_url, customers)


@pytest.fixture
def expected(seeded: SeededDatabase) -> ExpectedBookings:
    """The bookings that this test's customers expect."""
    return ExpectedBookings.starting_now(seeded.url)
