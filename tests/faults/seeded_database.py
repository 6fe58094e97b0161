"""A migrated database with customers who are signed in and events on sale."""

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
    """Where it is, who comes, and what is on sale: a big event, and small ones to sell out."""

    url: str
    customers: Sequence[Person]
    big_event: int
    small_events: Sequence[int]

    @property
    def events(self) -> list[int]:
        """What a crowd chooses from: mostly what cannot sell out."""
        return [*[self.big_event] * len(self.small_events), *self.small_events]

    @contextmanager
    def database(self) -> Iterator[psycopg.Connection]:
        """Open a connection of the owner; each statement commits by itself."""
        with psycopg.connect(self.url, autocommit=True) as connection:
            yield connection


def create_database(cluster: Cluster) -> str:
    """Make the owner and a migrated database; return its address."""
    cluster.psql(f"CREATE ROLE {OWNER} LOGIN CREATEDB CREATEROLE;")
    cluster.psql(f"CREATE DATABASE {DATABASE} OWNER {OWNER};")
    url = cluster.url(DATABASE, OWNER)
    migrations.apply(url)
    return url


def add_customers(url: str, count: int = CUSTOMERS) -> list[Person]:
    with psycopg.connect(url, autocommit=True) as db:
        return [add_person(db) for _ in range(count)]


def add_events(url: str, customers: Sequence[Person]) -> SeededDatabase:
    """Put new events on sale."""
    with psycopg.connect(url, autocommit=True) as db:
        small_events = [add_event(db, capacity=40) for _ in range(3)]
        return SeededDatabase(url, customers, add_event(db, capacity=1_000_000), small_events)
