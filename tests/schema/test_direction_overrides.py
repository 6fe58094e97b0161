"""Characters that change the direction of writing leave the names that are there already."""

from collections.abc import Iterator
from pathlib import Path
from shutil import copy

import psycopg
import pytest

from app.operations import migrations
from tests.support.databases import contradictions
from tests.support.rows import add_event, add_user, book, in_days, value

FIRST = "0101_remove_direction_overrides"
NAME, CLEAN_NAME = "Ana \u202egnp.exe", "Ana gnp.exe"
TITLE, CLEAN_TITLE = "\u2067Jazz\u2069 and more", "Jazz and more"
EDITS = "SELECT count(*) FROM activity WHERE action = 'event-edited'"


@pytest.fixture
def before(database_url: str) -> Iterator[psycopg.Connection]:
    """A database of the release before."""
    while migrations.roll_back(database_url) != FIRST:
        pass
    with psycopg.connect(database_url, autocommit=True) as db:
        yield db


def add_marked(db: psycopg.Connection) -> tuple[int, int, int]:
    """Return a user and two events that have the characters; the second event is over."""
    user = add_user(db, name=NAME)
    coming = add_event(db, title=TITLE, venue=NAME, capacity=9)
    past = add_event(db, title=TITLE)
    book(db, user, coming, 1)
    db.execute("UPDATE events SET status = 'completed' WHERE id = %s", [past])
    return user, coming, past


def assert_clean(db: psycopg.Connection, user: int, coming: int, past: int) -> None:
    assert value(db, "SELECT name FROM users WHERE id = %s", user) == CLEAN_NAME
    for event in (coming, past):
        assert value(db, "SELECT title FROM events WHERE id = %s", event) == CLEAN_TITLE
    assert value(db, "SELECT venue FROM events WHERE id = %s", coming) == CLEAN_NAME


def test_the_upgrade_cleans_names_and_logs_it(
    before: psycopg.Connection, database_url: str
) -> None:
    marked = add_marked(before)
    migrations.apply(database_url)
    assert_clean(before, *marked)
    assert value(before, EDITS) == 2
    assert value(before, "SELECT count(*) FROM repairs") == 1
    book(before, marked[0], marked[1], 1)
    assert contradictions(database_url) == []


def test_the_upgrade_cleans_what_came_between_its_steps(
    before: psycopg.Connection, database_url: str, tmp_path: Path
) -> None:
    for path in migrations.migration_files():
        if path.name < "0102":
            copy(path, tmp_path)
    migrations.seal(tmp_path)
    migrations.apply(database_url, tmp_path)
    marked = add_marked(before)
    migrations.apply(database_url)
    assert_clean(before, *marked)
    assert value(before, "SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'c'")


def test_a_database_without_such_names_needs_no_repair(
    before: psycopg.Connection, database_url: str
) -> None:
    add_event(before, title="👨‍👩‍👧 مرحبا", date_time=in_days(3))
    migrations.apply(database_url)
    assert value(before, "SELECT count(*) FROM repairs") == 0
