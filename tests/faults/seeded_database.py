"""A migrated database with signed-in customers and events on sale."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass

import psycopg

from app.local.postgres import Cluster
from app.operations import migrations
from tests.support.databases import OWNER
from tests.support.people import Person, add_person
from tests.support.rows import add_event

DATABASE = "seeded"
CUSTOMERS = 24


@dataclass(frozen=True)
class SeededDatabase:
    """The database, its customers, a big event, and small events that sell out."""

    url: str
    customers: Sequence[Person]
    big_event: int
    small_events: Sequence[int]

    @property
    def events(self) -> list[int]:
        """The events that the load chooses from, mostly the big one."""
        return [*[self.big_event] * len(self.small_events), *self.small_events]

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """Open a connection of the owner in autocommit mode."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection


def create_database(cluster: Cluster) -> str:
    """Create the owner and a migrated database; return its URL."""
    cluster.psql(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;")
    cluster.psql(f"CREATE DATABASE {DATABASE} OWNER {OWNER};")
    url = cluster.url(DATABASE, OWNER)
    migrations.apply(url)
    return url


def add_customers(url: str, count: int = CUSTOMERS) -> list[Person]:
    with psycopg.connect(url, autocommit=True) as db:
        return [add_person(db) for _ in range(count)]


def add_events(url: str, customers: Sequence[Person]) -> SeededDatabase:
    """Add new events on sale."""
    with psycopg.connect(url, autocommit=True) as db:
        small_events = [add_event(db, capacity=40) for _ in range(3)]
        return SeededDatabase(url, customers, add_event(db, capacity=1_000_000), small_events)
