"""Amounts keep up to three decimals since 0043: the upgrade, and the way back."""

from collections.abc import Iterator
from decimal import Decimal
from pathlib import Path
from shutil import copy

import psycopg
import pytest

from app.operations import migrations
from app.operations.migration_locks import MigrationError
from tests.schema.migration_steps import fill
from tests.support.databases import contradictions
from tests.support.rows import add_event, add_user, book, rows, value

FIRST = "0043_keep_three_decimals"
TABLES = "SELECT relname, relfilenode FROM pg_class WHERE relkind = 'r' ORDER BY relname"


def roll_back_to_before(url: str) -> None:
    while migrations.roll_back(url) != FIRST:
        pass


@pytest.fixture
def before(database_url: str) -> Iterator[psycopg.Connection]:
    """Rows in a database of the release before."""
    roll_back_to_before(database_url)
    fill(database_url)
    with psycopg.connect(database_url, autocommit=True) as db:
        yield db


def test_the_upgrade_rewrites_no_table_and_changes_no_amount(
    database_url: str, before: psycopg.Connection, tmp_path: Path
) -> None:
    # Without the migrations after it: some of them do rewrite a table.
    for path in migrations.migration_files():
        if path.name < "0045":
            copy(path, tmp_path)
    migrations.seal(tmp_path)
    tables = rows(before, TABLES)
    amounts = rows(before, "SELECT id, unit_price::text, total_amount::text FROM bookings")
    counted = rows(before, "SELECT price::text, revenue::text, version FROM events")

    assert len(migrations.apply(database_url, tmp_path)) == 2

    assert [row for row in rows(before, TABLES) if row in tables] == tables
    assert rows(before, "SELECT id, unit_price::text, total_amount::text FROM bookings") == amounts
    assert rows(before, "SELECT price::text, revenue::text, version FROM events") == counted
    assert value(before, "SELECT bool_and(convalidated) FROM pg_constraint WHERE contype = 'c'")
    assert contradictions(database_url) == []


def test_three_decimals_are_kept_everywhere(db: psycopg.Connection, database_url: str) -> None:
    event_id = add_event(db, price="1.125")
    ana = add_user(db)
    booked = book(db, ana, event_id, 3)
    assert (booked["unit_price"], booked["total_amount"]) == (Decimal("1.125"), Decimal("3.375"))
    for view in ("event_sales", "daily_sales"):
        assert value(db, f"SELECT revenue FROM {view}") == Decimal("3.375")
    assert value(db, "SELECT spent FROM customers WHERE user_id = %s", ana) == Decimal("3.375")
    assert value(db, "SELECT amount_net FROM daily_ledger") == Decimal("3.375")
    assert value(db, "SELECT revenue FROM event_figures_by_ledger") == Decimal("3.375")
    assert value(db, "SELECT revenue FROM event_as_of(%s, now())", event_id) == Decimal("3.375")
    assert contradictions(database_url) == []


@pytest.mark.steps_through_migrations
def test_the_way_back_is_refused_where_it_would_round(
    database_url: str, before: psycopg.Connection
) -> None:
    migrations.apply(database_url)
    event_id = add_event(before, price="1.125")
    with pytest.raises(MigrationError, match="three decimals would be rounded"):
        roll_back_to_before(database_url)
    assert value(before, "SELECT price FROM events WHERE id = %s", event_id) == Decimal("1.125")
    before.execute("UPDATE events SET price = 1.5 WHERE id = %s", [event_id])

    roll_back_to_before(database_url)

    assert value(before, "SELECT price::text FROM events WHERE id = %s", event_id) == "1.50"
    migrations.apply(database_url)
