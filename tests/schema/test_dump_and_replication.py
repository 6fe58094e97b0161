"""A database is dumped and restored or replicated, always completely."""

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg
import pytest
from psycopg import sql

from app.local.postgres import NOT_DURABLE, Cluster, throw_away_cluster
from app.operations import migrations
from tests.schema import guard_matrix
from tests.schema.guard_matrix import make_scenario
from tests.schema.shadowing import tables
from tests.support import event_contradictions
from tests.support.databases import contradictions
from tests.support.dumps import dump
from tests.support.programs import psql, run_program
from tests.support.rows import book, value

MakeDatabase = Callable[[], str]


def digests(db: psycopg.Connection) -> dict[str, str]:
    """Return a checksum of the rows of each table."""
    query = sql.SQL("SELECT md5(string_agg(row::text, chr(10) ORDER BY row::text)) FROM {} AS row")
    found = {}
    for table in tables(db):
        ((found[table],),) = db.execute(query.format(sql.Identifier(table))).fetchall()
    return found


def digests_of(url: str) -> dict[str, str]:
    with psycopg.connect(url) as db:
        return digests(db)


@pytest.fixture
def scenario(db: psycopg.Connection) -> dict[str, str]:
    return make_scenario(db)


@pytest.mark.parametrize("form", ("plain", "custom"))
def test_a_dump_and_restore_keeps_every_row_and_guard(
    database_url: str,
    empty_database: MakeDatabase,
    scenario: dict[str, str],
    tmp_path: Path,
    form: str,
) -> None:
    url = empty_database()
    psql(database_url, "SELECT fan_out_facts()")

    if form == "plain":
        psql(url, dump(database_url))
    else:
        dump(database_url, "-Fc", "-f", str(tmp_path / "dump"))
        restored = run_program("pg_restore", url, "--exit-on-error", str(tmp_path / "dump"))
        assert restored.returncode == 0, restored.stderr

    assert digests_of(url) == digests_of(database_url)
    assert contradictions(url) == []
    with psycopg.connect(url, autocommit=True) as db:
        for kind in ("UPDATE", "INSERT", "DELETE", "TRUNCATE CASCADE"):
            for cell in guard_matrix.cells(kind, "bookings"):
                if cell.case.outcome not in guard_matrix.ACCEPTED:
                    assert guard_matrix.complaint(db, db, cell, scenario) is None
        assert value(db, "SELECT pause_restored_facts()"), "the copy would tell everybody"
        assert book(db, int(scenario["customer"]), int(scenario["open_event"]), 1)["id"]
        assert event_contradictions.contradictions(db, scenario) == []


@pytest.mark.parametrize("stopping", ("1", "0"))
def test_a_data_only_restore_into_a_migrated_database_is_refused(
    database_url: str,
    empty_database: MakeDatabase,
    scenario: dict[str, str],
    stopping: str,
) -> None:
    assert scenario
    url = empty_database()
    migrations.apply(url)

    result = run_program(
        "psql",
        url,
        "-Xq",
        "-v",
        f"ON_ERROR_STOP={stopping}",
        "-f",
        "-",
        script=dump(database_url, "--data-only", "-T", "*yoyo*"),
    )

    assert "an event begins at version 1 with nothing sold" in result.stderr
    with psycopg.connect(url) as db:
        for table in ("events", "bookings", "tickets", "event_versions", "event_figures"):
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            assert db.execute(query).fetchall() == [(0,)], table
    assert contradictions(url) == []


@pytest.fixture
def publishing() -> Iterator[Cluster]:
    """A server with logical replication."""
    options = {**NOT_DURABLE, "wal_level": "logical", "max_worker_processes": "12"}
    with throw_away_cluster(options) as running:
        running.psql("CREATE DATABASE original")
        running.psql("CREATE DATABASE replica")
        yield running


def test_logical_replication_copies_the_same_rows_during_sales(
    publishing: Cluster,
) -> None:
    original, replica = (publishing.url(name) for name in ("original", "replica"))
    for url in (original, replica):
        migrations.apply(url)
    with (
        psycopg.connect(original, autocommit=True) as db,
        psycopg.connect(replica, autocommit=True) as copy,
    ):
        scenario = make_scenario(db)
        customer, event_id = int(scenario["customer"]), int(scenario["open_event"])
        db.execute("UPDATE events SET capacity = 1000 WHERE id = %s", [event_id])
        names = sql.SQL(", ").join(map(sql.Identifier, tables(db)))
        db.execute(sql.SQL("CREATE PUBLICATION everything FOR TABLE {}").format(names))
        # Both databases are on one server, where the subscription cannot create its own slot.
        db.execute("SELECT pg_create_logical_replication_slot('moving', 'pgoutput')")
        copy.execute(
            sql.SQL(
                "CREATE SUBSCRIPTION moving CONNECTION {} PUBLICATION everything"
                " WITH (create_slot = false)"
            ).format(original)
        )
        try:
            deadline = time.monotonic() + 60
            # Some sales are made during the initial copy, and some afterwards.
            while value(copy, "SELECT bool_or(srsubstate <> 'r') FROM pg_subscription_rel"):
                sell_and_change(db, customer, event_id)
                assert time.monotonic() < deadline, "the tables were not copied"
            for _ in range(5):
                sell_and_change(db, customer, event_id)
            expected = digests(db)
            while digests(copy) != expected:
                assert time.monotonic() < deadline, (digests(copy), expected)
                time.sleep(0.05)
        finally:
            copy.execute("DROP SUBSCRIPTION moving")
        # One row for each change: no trigger has fired again on the subscriber.
        assert event_contradictions.contradictions(copy, scenario) == []
    assert contradictions(replica) == []


def sell_and_change(db: psycopg.Connection, customer: int, event_id: int) -> None:
    kept, gone = (book(db, customer, event_id, quantity) for quantity in (2, 1))
    db.execute("UPDATE bookings SET status = 'cancelled' WHERE id = %s", [gone["id"]])
    db.execute(
        "UPDATE tickets SET status = 'used' WHERE ticket_code = %s", [kept["ticket_codes"][0]]
    )
    db.execute("UPDATE events SET capacity = capacity + 1 WHERE id = %s", [event_id])
