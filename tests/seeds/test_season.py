"""The demo season has what a demonstration needs, whenever it is created."""

from collections.abc import Iterator
from typing import Any, LiteralString

import phonenumbers
import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg import sql
from psycopg.rows import dict_row
from pytest_postgresql.executors import NoopExecutor
from pytest_postgresql.janitor import DatabaseJanitor

from app.local.postgres import Cluster
from seeds import demo
from seeds.accounts import DEMO_ACCOUNTS
from tests.support.databases import OWNER

Connection = psycopg.Connection[dict[str, Any]]

CUSTOMERS = [account["name"] for account in DEMO_ACCOUNTS if account["role"] == "customer"]


@pytest.fixture
def unseeded(database_url: str) -> Iterator[Connection]:
    with psycopg.connect(database_url, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture(scope="module")
def season_url(cluster: Cluster, migrated_template: NoopExecutor) -> Iterator[str]:
    """A seeded database for tests that only read."""
    janitor = DatabaseJanitor(
        user=OWNER,
        host=migrated_template.host,
        port=migrated_template.port,
        dbname=f"{migrated_template.dbname}_season",
        template_dbname=migrated_template.template_dbname,
    )
    with janitor:
        url = cluster.url(janitor.dbname, OWNER)
        assert demo.seed(url) > (12, 1000)
        yield url


@pytest.fixture
def season(season_url: str) -> Iterator[Connection]:
    with psycopg.connect(season_url, autocommit=True, row_factory=dict_row) as connection:
        connection.read_only = True
        yield connection


def rows(connection: Connection, query: LiteralString, *parameters: object) -> list[dict[str, Any]]:
    return connection.execute(query, parameters).fetchall()


def value(connection: Connection, query: LiteralString, *parameters: object) -> Any:
    (row,) = rows(connection, query, *parameters)
    (only,) = row.values()
    return only


def contents(connection: Connection) -> dict[str, Any]:
    """Return a digest of every table."""
    tables = rows(
        connection,
        "SELECT table_name AS name FROM information_schema.tables"
        " WHERE table_schema = 'public' AND table_type = 'BASE TABLE'",
    )
    digest = "SELECT md5(string_agg(line::text, '|' ORDER BY line::text)) AS all FROM {} AS line"
    return {
        table["name"]: connection.execute(
            sql.SQL(digest).format(sql.Identifier(table["name"]))
        ).fetchall()
        for table in tables
    }


def check_events(connection: Connection) -> None:
    """Check that there is every kind of event, at sensible hours, from tonight to next year."""
    left = rows(
        connection,
        "SELECT tickets_available AS n FROM event_details WHERE bookable"
        " ORDER BY tickets_available LIMIT 3",
    )
    assert [row["n"] for row in left][:2] == [0, 3]
    assert left[2]["n"] > 3
    assert value(connection, "SELECT count(*) FROM events WHERE date_time > now()") >= 18
    assert value(connection, "SELECT count(DISTINCT time_zone) FROM events") >= 5
    assert value(connection, "SELECT count(*) FROM events WHERE price = 0") >= 2
    assert value(connection, "SELECT min(capacity) < 10 AND max(capacity) > 50000 FROM events")
    assert rows(
        connection,
        "SELECT bool_and(time_of_day BETWEEN time '10:00' AND time '22:00') AS sensible FROM"
        " (SELECT timezone(time_zone, date_time)::time AS time_of_day FROM events) AS local",
    ) == [{"sensible": True}]
    assert value(
        connection,
        "SELECT min(date_time) < now() + interval '26 hours'"
        " AND max(date_time) > now() + interval '380 days'"
        " AND count(*) FILTER (WHERE date_time < now() + interval '8 days') >= 4"
        " FROM events WHERE date_time > now()",
    )


def test_has_every_kind_of_event(season: Connection) -> None:
    check_events(season)


def test_a_cancelled_event_has_its_cancelled_bookings(season: Connection) -> None:
    (cancelled,) = rows(
        season,
        "SELECT count(*) AS bookings, bool_and(bookings.status = 'cancelled') AS all_cancelled"
        " FROM events JOIN bookings ON event_id = events.id"
        " WHERE events.status = 'cancelled' GROUP BY events.id",
    )
    assert cancelled["bookings"] > 50
    assert cancelled["all_cancelled"]


def test_completed_events_had_visitors_and_no_shows(season: Connection) -> None:
    completed = rows(season, "SELECT * FROM event_sales WHERE status = 'completed'")
    assert len(completed) == 2
    for event in completed:
        assert event["tickets_checked_in"] > event["no_shows"] > 0


def test_sales_began_weeks_ago_and_go_on(season: Connection) -> None:
    assert value(season, "SELECT count(DISTINCT date) FROM daily_sales") > 60
    assert value(season, "SELECT max(booking_date) <= now() FROM bookings")
    assert value(season, "SELECT count(*) FROM booking_details WHERE box_office") > 100
    assert value(season, "SELECT count(*) FROM bookings WHERE status = 'cancelled'") > 100
    assert value(season, "SELECT count(*) FROM bookings WHERE now() - booking_date < '1 day'") > 5
    backwards = "SELECT count(*) FROM (SELECT {0} < lag({0}) OVER (ORDER BY id) AS wrong FROM {1})"
    for column, table in (("booking_date", "bookings"), ("at", "activity")):
        query = sql.SQL(backwards + " AS ordered WHERE wrong").format(
            sql.Identifier(column), sql.Identifier(table)
        )
        assert season.execute(query).fetchall() == [{"count": 0}]


def test_all_times_are_in_a_possible_order(season: Connection) -> None:
    assert not rows(
        season,
        "SELECT bookings.* FROM bookings JOIN events ON events.id = event_id"
        " JOIN users ON users.id = user_id LEFT JOIN tickets ON booking_id = bookings.id"
        " WHERE booking_date NOT BETWEEN events.created_at AND least(events.date_time, now())"
        " OR cancelled_at NOT BETWEEN booking_date AND least(events.date_time, now())"
        " OR booking_date < users.created_at OR used_at > now()"
        " OR used_at NOT BETWEEN date_time - interval '1 hour' AND date_time + interval '1 hour'",
    )


@pytest.mark.parametrize("name", CUSTOMERS)
def test_each_customer_has_upcoming_past_and_cancelled_bookings(
    season: Connection, name: str
) -> None:
    mine = rows(season, "SELECT *, now() FROM booking_details WHERE customer_name = %s", name)
    confirmed = [row for row in mine if row["status"] == "confirmed"]
    assert any(row["event_date_time"] > row["now"] for row in confirmed)
    assert any(row["event_date_time"] < row["now"] for row in confirmed)
    assert len(confirmed) < len(mine)


def test_every_view_has_rows(season: Connection) -> None:
    views = rows(season, "SELECT viewname AS name FROM pg_views WHERE schemaname = 'public'")
    empty = {
        view["name"]
        for view in views
        if not season.execute(
            sql.SQL("SELECT FROM {} LIMIT 1").format(sql.Identifier(view["name"]))
        ).fetchall()
    }
    assert empty == {
        "integrity_violations",
        "integrity_violations_outside_events",
        "events_at_another_local_time",
        "sign_in_trouble",
        "failing_mails",
    }
    assert value(season, "SELECT count(DISTINCT action) FROM activity") >= 7


def test_only_the_demo_accounts_can_sign_in(season: Connection) -> None:
    assert [account["role"] for account in DEMO_ACCOUNTS].count("admin") >= 1
    assert len(CUSTOMERS) >= 4
    hasher = PasswordHasher()
    for account in DEMO_ACCOUNTS:
        (user,) = rows(season, "SELECT * FROM users WHERE phone = %s", account["phone"])
        assert (user["name"], user["role"]) == (account["name"], account["role"])
        assert len(account["password"]) >= 8
        assert hasher.verify(user["password_hash"], account["password"])
        assert phonenumbers.is_possible_number(phonenumbers.parse(account["phone"]))
    others = rows(
        season,
        "SELECT DISTINCT password_hash AS hash FROM users WHERE phone <> ALL (%s)",
        [account["phone"] for account in DEMO_ACCOUNTS],
    )
    # Box-office customers have no password; the others have one that nobody knows.
    assert len(others) == 2
    assert None in [row["hash"] for row in others]


def test_a_second_run_changes_nothing(
    season: Connection,
    season_url: str,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    before = contents(season)
    monkeypatch.setenv("DATABASE_URL", season_url)
    monkeypatch.setenv("DEMO", "1")
    demo.main()
    assert capsys.readouterr().out == "The demo season is there already; nothing was added.\n"
    assert contents(season) == before


def test_nothing_is_added_if_a_demo_phone_is_taken(unseeded: Connection, database_url: str) -> None:
    unseeded.execute(
        "INSERT INTO users (name, phone) VALUES ('Not a demo', %s)", (DEMO_ACCOUNTS[-1]["phone"],)
    )
    before = contents(unseeded)
    assert demo.seed(database_url) == (0, 0)
    assert contents(unseeded) == before


@pytest.mark.parametrize(
    "moment",
    (
        "2040-02-29 23:59 Europe/Berlin",
        # A Saturday evening, the night when clocks go forward, New Year's Eve.
        "2040-06-02 20:30 Europe/Berlin",
        "2041-03-31 02:30 UTC",
        "2041-12-31 18:00 America/New_York",
    ),
)
def test_there_is_a_season_ahead_at_any_time(database_url: str, moment: str) -> None:
    with psycopg.connect(database_url, row_factory=dict_row) as connection:
        # PostgreSQL finds this now() first.
        connection.execute("CREATE SCHEMA clock")
        connection.execute(
            sql.SQL(
                "CREATE FUNCTION clock.now() RETURNS timestamptz LANGUAGE sql IMMUTABLE"
                " RETURN timestamptz {}"
            ).format(sql.Literal(moment))
        )
        connection.execute("SET LOCAL search_path = clock, pg_catalog, public")
        demo.add_season(connection)
        assert rows(connection, "SELECT * FROM integrity_violations") == []
        check_events(connection)
        connection.rollback()
