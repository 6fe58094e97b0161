"""app.operations.moved_events reports and moves back what new zone rules moved."""

import os
import subprocess
import sys
from collections.abc import Mapping

import psycopg
import pytest

from app.local.paths import ROOT
from tests.support.rows import add_event, logged, rows

pytestmark = pytest.mark.leaves_contradictions


def run(database_url: str, *arguments: str, **variables: str) -> tuple[int, list[str]]:
    """Run the command; return its exit status and the lines it printed."""
    result = subprocess.run(
        [sys.executable, "-m", "app.operations.moved_events", *arguments],
        cwd=ROOT,
        env={**os.environ, "DATABASE_URL": database_url, **variables},
        capture_output=True,
        text=True,
        check=False,
    )
    assert result.stderr == "", result.stderr
    return result.returncode, result.stdout.splitlines()


def start(db: psycopg.Connection, event_id: int) -> Mapping[str, object]:
    (found,) = rows(
        db,
        "SELECT timezone('UTC', date_time)::text AS utc, local_date_time::text AS local, version"
        " FROM events WHERE id = %s",
        event_id,
    )
    return found


def moved_by_rules(db: psycopg.Connection) -> int:
    """Write an event as it was before the rules of its zone changed: one hour late."""
    return add_event(
        db,
        title="Northern Lights",
        time_zone="America/New_York",
        date_time="2098-01-16 02:30Z",
        local_date_time="2098-01-15 20:30",
    )


def test_there_is_nothing_to_do_when_no_event_moved(
    database_url: str, db: psycopg.Connection
) -> None:
    add_event(db)
    # The second of two identical local times is not a contradiction.
    add_event(db, date_time="2098-10-26 01:30Z")
    add_event(db, date_time="2098-10-26 00:30Z")
    expected = "Every event to come starts at its announced time."
    assert run(database_url) == (0, [expected])


def test_a_moved_event_is_reported_and_only_moved_on_request(
    database_url: str, db: psycopg.Connection
) -> None:
    # New York is five hours behind UTC in winter.
    event_id = moved_by_rules(db)
    status, lines = run(database_url)
    assert status == 1
    assert lines[0] == (
        f"Event {event_id}, Northern Lights: announced for 2098-01-15 20:30:00, but starts at"
        " 2098-01-15 21:30:00 in America/New_York. --apply moves it."
    )
    assert start(db, event_id)["utc"] == "2098-01-16 02:30:00"

    status, lines = run(database_url, "--apply")
    assert (status, lines[0]) == (
        0,
        f"Event {event_id}, Northern Lights: moved to 2098-01-15 20:30:00.",
    )
    assert start(db, event_id) == {
        "utc": "2098-01-16 01:30:00",
        "local": "2098-01-15 20:30:00",
        "version": 2,
    }
    (entry,) = logged(db)
    assert (entry["action"], entry["actor_id"]) == ("event-edited", None)
    assert entry["detail"]["was"]["date_time"] == "2098-01-16T02:30:00Z"
    assert entry["detail"]["became"] == {"date_time": "2098-01-16T01:30:00Z"}
    assert run(database_url)[0] == 0


def test_the_announced_time_stays_with_older_rules_in_the_database(
    database_url: str, db: psycopg.Connection
) -> None:
    event_id = moved_by_rules(db)
    # The server has the older rules.
    db.execute(
        "CREATE OR REPLACE FUNCTION usable_time_zone(p_time_zone text, p_utc_offset interval)"
        " RETURNS text LANGUAGE sql STABLE RETURN '<old>+08'"
    )
    status, lines = run(database_url, "--apply")
    assert status == 0
    assert start(db, event_id)["utc"] == "2098-01-16 01:30:00"
    assert start(db, event_id)["local"] == "2098-01-15 20:30:00"
    status, lines = run(database_url)
    assert status == 1
    assert lines[0].endswith(
        "the database has other rules for America/New_York. Install newer time zone files."
    )


def test_a_zone_that_the_database_does_not_know_is_reported(
    database_url: str, db: psycopg.Connection
) -> None:
    add_event(db)
    db.execute(
        "CREATE OR REPLACE FUNCTION is_known_time_zone(p_time_zone text) RETURNS boolean"
        " LANGUAGE sql STABLE RETURN false"
    )
    status, lines = run(database_url)
    assert status == 1
    assert lines[0].endswith(
        "the database does not know Europe/Berlin. Choose a place, or install its time zone files."
    )


def test_an_event_that_cannot_be_moved_is_reported(
    database_url: str, db: psycopg.Connection
) -> None:
    # Clocks in Berlin skip half past two that night.
    skipped = add_event(db, date_time="2098-03-30 01:30Z", local_date_time="2098-03-30 02:30")
    # As an event of the first release may be.
    db.execute("ALTER TABLE events DISABLE TRIGGER events_local_date_time_inserted")
    unknown = add_event(
        db,
        time_zone="FOO5",
        date_time="2098-03-30 02:30Z",
        local_date_time="2098-03-29 21:30",
    )
    for arguments in ((), ("--apply",)):
        status, lines = run(database_url, *arguments)
        assert status == 1
        assert f"Event {skipped}, Jazz Night: announced for 2098-03-30 02:30:00" in lines[0]
        assert lines[0].endswith("which the clocks in Europe/Berlin skip now. Edit the event.")
        assert any(line.startswith(f"Event {unknown}") and "FOO5" in line for line in lines)
