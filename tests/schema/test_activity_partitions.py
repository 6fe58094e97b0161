"""The partitions of activity exist in time, and each is append-only like the whole."""

from datetime import date, timedelta
from typing import LiteralString

import psycopg
import pytest
from psycopg import sql

from tests.support.refusals import error_of
from tests.support.rows import insert, rows, value

FIND: LiteralString = """
    SELECT inhrelid::regclass::text AS name
    FROM pg_inherits
    WHERE inhparent = 'activity'::regclass
    ORDER BY name
"""


def partitions(db: psycopg.Connection) -> list[str]:
    return [row["name"] for row in rows(db, FIND)]


def months(db: psycopg.Connection) -> list[str]:
    """Return the names of the partitions of this month and the next three."""
    month: date = value(db, "SELECT date_trunc('month', timezone('UTC', now()))::date")
    found = []
    for _ in range(4):
        found.append(f"activity_{month:%Y_%m}")
        month = (month + timedelta(days=31)).replace(day=1)
    return found


def content(db: psycopg.Connection) -> list[tuple[object, ...]]:
    return db.execute("SELECT * FROM activity ORDER BY id").fetchall()


def test_this_month_and_the_next_three_have_partitions(rolled_back: psycopg.Connection) -> None:
    assert partitions(rolled_back) == [*months(rolled_back), "activity_default"]

    rolled_back.execute("SELECT make_activity_partitions()")

    assert partitions(rolled_back) == [*months(rolled_back), "activity_default"]
    insert(rolled_back, "activity", action="user-created")
    assert (
        value(rolled_back, "SELECT tableoid::regclass::text FROM activity")
        == (months(rolled_back)[0])
    )


@pytest.mark.parametrize("who", ("database_url", "superuser_url"))
def test_each_partition_is_append_only(request: pytest.FixtureRequest, who: str) -> None:
    statements: tuple[LiteralString, ...] = (
        "UPDATE {} SET detail = '{{}}'",
        "UPDATE {} SET detail = '{{}}' WHERE false",
        "DELETE FROM {}",
        "TRUNCATE {}",
    )
    with psycopg.connect(request.getfixturevalue(who), autocommit=True) as db:
        for name in ["activity", *partitions(db)]:
            for statement in statements:
                query = sql.SQL(statement).format(sql.Identifier(name)).as_string(db)

                refusal = error_of(db, query)

                assert (refusal.sqlstate, refusal.message_primary) == (
                    "23001",
                    "activity is append-only",
                ), query


def test_a_missing_trigger_of_a_partition_is_created(rolled_back: psycopg.Connection) -> None:
    (first, *_) = partitions(rolled_back)
    rolled_back.execute(f"DROP TRIGGER activity_is_append_only ON {first}".encode())

    rolled_back.execute("SELECT make_activity_partitions()")

    refusal = error_of(rolled_back, f"DELETE FROM {first}")
    assert refusal.message_primary == "activity is append-only"


def test_a_row_without_a_partition_is_kept_and_moved_later(
    rolled_back: psycopg.Connection,
) -> None:
    for at in ("2001-01-01 00:00+00", "2001-01-31 23:59:59.999999+00", "2001-02-01 00:00+00"):
        insert(rolled_back, "activity", action="user-created", at=at)
    before = content(rolled_back)
    assert value(rolled_back, "SELECT count(*) FROM activity_default") == 3

    rolled_back.execute("SELECT make_activity_partition('2001-01-17')")

    assert value(rolled_back, "SELECT count(*) FROM activity_default") == 1
    assert value(rolled_back, "SELECT count(*) FROM activity_2001_01") == 2
    assert content(rolled_back) == before
    for name in ("activity_default", "activity_2001_01"):
        refusal = error_of(rolled_back, f"DELETE FROM {name}")
        assert refusal.message_primary == "activity is append-only"
    insert(rolled_back, "activity", action="user-created", at="2099-01-01 00:00+00")
    assert value(rolled_back, "SELECT count(*) FROM activity_default") == 2


def test_the_months_of_a_year_do_not_overlap(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute(
        "SELECT make_activity_partition(day::date)"
        " FROM generate_series(timestamp '2019-12-05', '2021-01-05', '10 days') AS day"
    )

    rolled_back.execute(
        "INSERT INTO activity (action, at) SELECT 'user-created', at"
        " FROM generate_series(timestamptz '2020-01-01 00:00+00', '2020-12-31 23:00+00', '1 hour')"
        " AS at"
    )

    wrong = rows(
        rolled_back,
        "SELECT * FROM activity WHERE tableoid::regclass::text"
        " <> 'activity_' || to_char(timezone('UTC', at), 'YYYY_MM')",
    )
    assert wrong == []
    assert value(rolled_back, "SELECT count(*) FROM activity") == 366 * 24


def test_an_old_month_can_be_dropped(rolled_back: psycopg.Connection) -> None:
    rolled_back.execute("SELECT make_activity_partition('2001-01-17')")
    insert(rolled_back, "activity", action="user-created", at="2001-01-05 12:00+00")
    kept = insert(rolled_back, "activity", action="user-created")

    rolled_back.execute("DROP TABLE activity_2001_01")

    assert [row["id"] for row in rows(rolled_back, "SELECT id FROM activity")] == [kept]


def test_partitions_are_created_during_writes(database_url: str, db: psycopg.Connection) -> None:
    last = partitions(db)[-2]
    db.execute(f"DROP TABLE {last}".encode())
    with psycopg.connect(database_url) as check_in:
        insert(check_in, "activity", action="ticket-admitted")

        db.execute("SELECT make_activity_partitions()")

        insert(check_in, "activity", action="ticket-admitted")
        check_in.commit()
    assert last in partitions(db)
    assert value(db, "SELECT count(*) FROM activity") == 2


def test_only_one_process_creates_partitions(database_url: str, db: psycopg.Connection) -> None:
    last = partitions(db)[-2]
    db.execute(f"DROP TABLE {last}".encode())
    with psycopg.connect(database_url) as other:
        other.execute("SELECT make_activity_partitions()")

        db.execute("SELECT make_activity_partitions()")
        assert last not in partitions(db)
        other.commit()
    assert last in partitions(db)


def test_the_time_of_a_row_is_the_time_of_writing(rolled_back: psycopg.Connection) -> None:
    insert(rolled_back, "activity", action="user-created")
    insert(rolled_back, "activity", action="user-created")

    assert value(rolled_back, "SELECT count(DISTINCT at) FROM activity") == 2
    assert value(rolled_back, "SELECT min(at) > now() FROM activity")
