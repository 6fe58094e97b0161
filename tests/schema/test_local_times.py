"""The local time at the venue is stored beside the instant, for every writer."""

from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, LiteralString

import psycopg
import pytest

from app.operations import migrations
from tests.support.databases import contradictions
from tests.support.refusals import error_of
from tests.support.rows import add_booking, add_event, add_user, book, logged, rows, value

MakeDatabase = Callable[[], str]

START = "2098-07-01 18:00Z"
GIVEN = "SET LOCAL marquee.local_date_time_given = 'true'"


def local(db: psycopg.Connection, event_id: int) -> str:
    shown: str = value(db, "SELECT local_date_time::text FROM events WHERE id = %s", event_id)
    return shown


def moved(db: psycopg.Connection) -> list[dict[str, Any]]:
    return rows(db, "SELECT * FROM events_at_another_local_time")


def test_a_manual_insert_may_omit_the_local_time(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    event_id = add_event(db, date_time=START, time_zone="Asia/Kolkata")
    assert local(db, event_id) == "2098-07-01 23:30:00"
    db.execute("UPDATE events SET date_time = date_time + interval '2 hours'")
    assert local(db, event_id) == "2098-07-02 01:30:00"
    db.execute("UPDATE events SET time_zone = 'America/New_York'")
    assert local(db, event_id) == "2098-07-01 16:00:00"
    assert moved(db) == []


@pytest.mark.leaves_contradictions
def test_a_given_local_time_is_kept(rolled_back: psycopg.Connection) -> None:
    """The API has its own rules, which may be newer."""
    db = rolled_back
    event_id = add_event(db, date_time=START, local_date_time="2098-07-01 19:30")
    assert local(db, event_id) == "2098-07-01 19:30:00"
    db.execute(
        "UPDATE events SET date_time = date_time + interval '1 day',"
        " local_date_time = '2098-07-02 19:15'"
    )
    assert local(db, event_id) == "2098-07-02 19:15:00"
    # Naming the columns is not a change: update_event names all of them.
    db.execute("UPDATE events SET title = 'New', date_time = date_time, time_zone = time_zone")
    assert local(db, event_id) == "2098-07-02 19:15:00"
    # An unchanged value is kept if the writer says that it is intended.
    db.execute(GIVEN)
    db.execute("UPDATE events SET date_time = date_time + interval '30 minutes'")
    assert local(db, event_id) == "2098-07-02 19:15:00"


@pytest.mark.leaves_contradictions
def test_an_event_that_starts_at_another_local_time_is_named(
    rolled_back: psycopg.Connection,
) -> None:
    db = rolled_back
    event_id = add_event(db, date_time=START, local_date_time="2098-07-01 19:30")
    add_event(db)
    for status in ("cancelled", "completed"):
        add_event(db, local_date_time="2098-07-01 19:30", date_time=START, status=status)
    (found,) = moved(db)
    assert found["event_id"] == event_id
    assert found["local_date_time"] == datetime(2098, 7, 1, 19, 30)  # noqa: DTZ001
    assert found["actual_local_date_time"] == datetime(2098, 7, 1, 20, 0)  # noqa: DTZ001


@pytest.mark.parametrize(
    "name",
    (
        *("Atlantis/Poseidonis", "Europe/BERLIN", "EUROPE/berlin", "Europe/Berlin/Mitte"),
        *("CET", "CEST", "Japan", "EST5EDT", "FOO5", "XYZ-3", "+05", "", "europe/berlin"),
        *("EST5EDT,M3.2.0,M11.1.0", "EST5EDT,M3.2.0/2,M11.1.0/2", "Europe/Berlin\n"),
        *("../Europe/Berlin", "posix/Europe/Berlin", "Etc/../Europe/Berlin"),
    ),
)
def test_a_zone_unknown_to_the_server_is_refused(
    rolled_back: psycopg.Connection, name: str
) -> None:
    db = rolled_back
    before = value(db, "SHOW timezone")
    event_id = add_event(db)
    insert: LiteralString = (
        "INSERT INTO events (title, venue, date_time, time_zone, capacity, price)"
        " SELECT title, venue, date_time, %s, 1, 1 FROM events WHERE id = %s"
    )
    for statement in ("UPDATE events SET time_zone = %s WHERE id = %s", insert):
        refused = error_of(db, statement, name, event_id)
        assert (refused.sqlstate, refused.constraint_name) == ("23514", "events_time_zone_known")
        assert name in (refused.message_primary or "")
    # The question has changed nothing in the session.
    assert value(db, "SHOW timezone") == before


def test_a_repair_may_set_a_zone_unknown_to_the_server(
    rolled_back: psycopg.Connection,
) -> None:
    lost = {"time_zone": "Atlantis/Poseidonis", "local_date_time": "2098-07-01 20:00"}
    rolled_back.execute("SELECT begin_repair('an event that was lost with its server')")
    event_id = add_event(rolled_back, date_time=START, **lost)
    rolled_back.execute("SELECT end_repair()")
    assert local(rolled_back, event_id) == "2098-07-01 20:00:00"


def test_a_sale_does_not_look_up_the_zone(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    event_id, user_id = add_event(db), add_user(db, role="admin")
    forget_zones(db)
    booking = book(db, user_id, event_id, 2)
    db.execute("SELECT check_in_ticket(%s, NULL, %s)", [booking["ticket_codes"][0], user_id])
    db.execute("UPDATE events SET title = 'Other', time_zone = time_zone, date_time = date_time")
    assert value(db, "SELECT tickets_checked_in FROM events") == 1


def forget_zones(db: psycopg.Connection) -> None:
    """Let both functions answer as for a zone whose file is missing."""
    db.execute(
        "CREATE OR REPLACE FUNCTION is_known_time_zone(p_time_zone text) RETURNS boolean"
        " LANGUAGE sql STABLE RETURN false;"
        "CREATE OR REPLACE FUNCTION usable_time_zone(p_time_zone text, p_utc_offset interval)"
        " RETURNS text LANGUAGE sql STABLE AS"
        " $$SELECT '<venue>-' || to_char(p_utc_offset, 'HH24:MI:SS')$$;"
    )


def test_a_manual_move_keeps_the_offset_of_an_unknown_zone(
    rolled_back: psycopg.Connection,
) -> None:
    db = rolled_back
    event_id = add_event(db, date_time=START, time_zone="Asia/Kolkata")
    forget_zones(db)
    db.execute("UPDATE events SET date_time = date_time + interval '3 days 1 hour'")
    assert local(db, event_id) == "2098-07-05 00:30:00"
    refused = error_of(db, "UPDATE events SET time_zone = 'Europe/Rome'")
    assert refused.constraint_name == "events_time_zone_known"


@pytest.mark.parametrize(
    ("hours", "wall"),
    (
        (5.5, "2098-07-01 23:30:00"),
        (-3.5, "2098-07-01 14:30:00"),
        (14, "2098-07-02 08:00:00"),
        (-12, "2098-07-01 06:00:00"),
        (0, "2098-07-01 18:00:00"),
    ),
)
@pytest.mark.parametrize("style", ("postgres", "iso_8601", "sql_standard", "postgres_verbose"))
def test_an_unknown_zone_uses_its_stored_offset(
    rolled_back: psycopg.Connection, hours: float, wall: str, style: str
) -> None:
    db = rolled_back
    db.execute("SELECT set_config('intervalstyle', %s, true)", [style])
    query: LiteralString = (
        "SELECT timezone(usable_time_zone(%s, make_interval(secs => %s)), %s::timestamptz)::text"
    )
    assert value(db, query, "Atlantis/Poseidonis", hours * 3600, START) == wall
    assert value(db, query, "Asia/Kolkata", hours * 3600, START) == "2098-07-01 23:30:00"


def test_sales_are_counted_by_days_at_the_venue(rolled_back: psycopg.Connection) -> None:
    db = rolled_back
    user_id = add_user(db)
    event_id = add_event(db, time_zone="Asia/Kolkata", date_time=START)
    add_booking(db, user_id, event_id, 2, booking_date="2026-03-01 20:00Z")
    days = "SELECT date::text, tickets FROM daily_sales"
    known = rows(db, days)
    forget_zones(db)
    assert rows(db, days) == known == [{"date": "2026-03-02", "tickets": 2}]


@pytest.mark.steps_through_migrations
def test_an_upgrade_fills_the_local_time_and_keeps_every_name(
    empty_database: MakeDatabase, tmp_path: Path
) -> None:
    """Events of the first release may have names that are refused today."""
    url = empty_database()
    step = min(name for name in migrations.known_migrations() if "time_zones" in name)
    for path in migrations.migration_files():
        if path.name < step:
            (tmp_path / path.name).write_text(path.read_text())
    migrations.seal(tmp_path)
    migrations.apply(url, tmp_path)
    names = ("Europe/Berlin", "US/Pacific", "CET", "Japan", "FOO5", "EST5EDT,M3.2.0,M11.1.0")
    with psycopg.connect(url, autocommit=True) as db:
        for name in names:
            add_event(db, time_zone=name, date_time=START)
        # More than one slice.
        db.execute(
            "INSERT INTO events (title, venue, date_time, time_zone, capacity, price)"
            " SELECT 'Many', 'Hall', %s, 'Asia/Tokyo', 1, 1 FROM generate_series(1, 1200)",
            [START],
        )

    migrations.apply(url)

    with psycopg.connect(url, autocommit=True) as db:
        filled = rows(
            db,
            "SELECT DISTINCT time_zone, local_date_time::text AS local, version FROM events"
            " ORDER BY 1",
        )
        assert {row["time_zone"]: row["local"] for row in filled} == {
            "Asia/Tokyo": "2098-07-02 03:00:00",
            "CET": "2098-07-01 20:00:00",
            "EST5EDT,M3.2.0,M11.1.0": "2098-07-01 14:00:00",
            "Europe/Berlin": "2098-07-01 20:00:00",
            "FOO5": "2098-07-01 13:00:00",
            "Japan": "2098-07-02 03:00:00",
            "US/Pacific": "2098-07-01 11:00:00",
        }
        assert {row["version"] for row in filled} == {1}
        assert moved(db) == []
        # No one edited them, and their history has today's columns.
        assert logged(db) == []
        assert rows(db, "SELECT * FROM events_as_of(now()) EXCEPT SELECT * FROM events") == []
        # They can still be sold, checked in and cancelled.
        user_id = add_user(db, role="admin")
        for row in rows(db, "SELECT id FROM events WHERE time_zone <> 'Asia/Tokyo'"):
            booking = book(db, user_id, row["id"], 2)
            second = book(db, user_id, row["id"], 1)
            codes = booking["ticket_codes"]
            db.execute("SELECT check_in_ticket(%s, NULL, %s)", [codes[0], user_id])
            db.execute("SELECT cancel_booking(%s, %s)", [second["id"], user_id])
        db.execute("UPDATE events SET title = 'By hand', date_time = date_time + interval '1 day'")
        assert moved(db) == []
    assert contradictions(url) == []
    while migrations.roll_back(url) != step:
        pass
    with psycopg.connect(url) as db:
        assert value(db, "SELECT count(*) FROM events") == len(names) + 1200
