"""A test's database is dropped although a session of the superuser is connected to it."""

from collections.abc import Iterator

import psycopg
import pytest


@pytest.fixture(scope="module")
def left_open() -> Iterator[list[psycopg.Connection]]:
    """Connections that outlive their test."""
    connections: list[psycopg.Connection] = []
    yield connections
    for connection in connections:
        connection.close()


# The second run needs the name of the database that the first run used.
@pytest.mark.parametrize("run", ("first", "second"))
def test_a_session_of_the_superuser_does_not_keep_the_database(
    left_open: list[psycopg.Connection], superuser_url: str, run: str
) -> None:
    connection = psycopg.connect(superuser_url)
    left_open.append(connection)
    assert not connection.closed
