"""The servers of the benchmarks: a durable database with users and events, and API processes."""

import hashlib
import os
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

import psycopg

from app.local.postgres import Cluster
from app.operations import migrations
from seeds.generate import generate
from tests.support import servers as support

PEOPLE = 1000


@dataclass(frozen=True)
class Served:
    """API processes that serve one database."""

    port: int
    process: subprocess.Popen[bytes]
    start_seconds: float

    def worker_megabytes(self) -> float:
        """Return the resident memory of the largest worker."""
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        sizes = [_resident(pid) for pid in children.split()]
        return max(sizes)


def _resident(pid: str) -> float:
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(line for line in status.splitlines() if line.startswith("VmRSS"))
    return int(line.split()[1]) / 1024


@contextmanager
def serving(database_url: str, **variables: str) -> Iterator[Served]:
    """Run `python -m app` with one worker for each core."""
    settings = {"WORKERS": str(os.cpu_count()), **variables}
    began = time.perf_counter()
    with (
        tempfile.TemporaryDirectory() as folder,
        support.serving(database_url, Path(folder), [settings]) as [server],
    ):
        port = urlsplit(server.address).port
        assert port is not None
        yield Served(port, server.process, time.perf_counter() - began)


def database(cluster: Cluster, name: str, events: int, bookings: int) -> str:
    """Return the URL of a new migrated database with generated data and signed-in users."""
    cluster.psql(f"CREATE DATABASE {name}")
    url = cluster.url(name)
    migrations.apply(url)
    generate(url, events, bookings)
    with psycopg.connect(url) as connection:
        connection.execute(
            "INSERT INTO users (name, phone)"
            " SELECT 'Person ' || n, '+4477009' || lpad(n::text, 5, '0')"
            " FROM generate_series(1, %s) AS n",
            [PEOPLE],
        )
        people = person_ids(connection)
        with connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO sessions (token_hash, user_id) VALUES (%s, %s)",
                [
                    (hashlib.sha256(f"person-{number}".encode()).digest(), user_id)
                    for number, user_id in enumerate(people)
                ],
            )
        # The first user may read the admin's pages.
        connection.execute("UPDATE users SET role = 'admin' WHERE id = %s", [people[0]])
    return url


def person_ids(connection: psycopg.Connection) -> list[int]:
    """Return the users of the sessions person-0, person-1 and so on."""
    rows = connection.execute("SELECT id FROM users WHERE phone LIKE '+4477009%' ORDER BY id")
    return [user_id for (user_id,) in rows]


def add_event(url: str, title: str, capacity: int) -> int:
    """Put an event on sale and return its id."""
    with psycopg.connect(url) as connection:
        row = connection.execute(
            "SELECT create_event(%s, '', 'Arena', now() + interval '200 days', 'UTC',"
            " %s, 10, 10, NULL)",
            [title, capacity],
        ).fetchone()
    assert row is not None
    created: int = row[0]
    return created
