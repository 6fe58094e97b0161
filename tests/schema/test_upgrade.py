"""A database of the first release is upgraded with its rows and their history."""

import shutil
from collections.abc import Callable
from datetime import datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import psycopg
import pytest

from app.local.paths import ROOT
from app.operations import migrations
from tests.support.databases import contradictions
from tests.support.rows import add_user, book, codes_of, in_days, insert, rows, value

FIRST_RELEASE = ("0001_first_release", "0002_log_new_admins_as_created")


@pytest.fixture
def old_url(empty_database: Callable[[], str], tmp_path: Path) -> str:
    """A database of the first release."""
    folder = tmp_path / "migrations"
    folder.mkdir()
    for path in (ROOT / "migrations").iterdir():
        if path.name.split(".")[0] in FIRST_RELEASE:
            shutil.copy(path, folder)
    migrations.seal(folder)
    url = empty_database()
    assert migrations.apply(url, folder) == list(FIRST_RELEASE)
    return url


def now(db: psycopg.Connection) -> datetime:
    moment: datetime = value(db, "SELECT clock_timestamp()")
    return moment


def figures(db: psycopg.Connection, event_id: int) -> dict[str, Any]:
    (row,) = rows(
        db,
        "SELECT title, version, capacity, price, status, bookings_count, tickets_sold, revenue,"
        " tickets_checked_in FROM events WHERE id = %s",
        event_id,
    )
    return row


def edit_as_the_first_release(
    db: psycopg.Connection, event_id: int, actor_id: int, **changes: object
) -> None:
    (event,) = rows(db, "SELECT * FROM events WHERE id = %s", event_id)
    event |= changes
    db.execute(
        "SELECT update_event(%(id)s, %(title)s, %(description)s, %(venue)s, %(date_time)s,"
        " %(time_zone)s, %(capacity)s, %(price)s, %(max_tickets_per_booking)s, %(status)s, NULL,"
        " %(actor_id)s)",
        event | {"actor_id": actor_id},
    )


@pytest.fixture
def remembered(old_url: str) -> dict[datetime, dict[str, Any]]:
    """The states of an event in the first release, by the moments of observation."""
    seen = {}
    with psycopg.connect(old_url, autocommit=True) as db:
        customer, admin = add_user(db), add_user(db, role="admin")
        event = insert(
            db,
            "events",
            title="Jazz Night",
            venue="Town Hall",
            date_time=in_days(30),
            time_zone="Europe/Berlin",
            capacity=10,
            price=Decimal("20.00"),
        )
        seen[now(db)] = figures(db, event)
        first = book(db, customer, event, 3, "first")
        seen[now(db)] = figures(db, event)
        edit_as_the_first_release(db, event, admin, title="Late Jazz", capacity=12)
        seen[now(db)] = figures(db, event)
        second = book(db, customer, event, 4, "second")
        edit_as_the_first_release(db, event, admin, price=Decimal("25.00"))
        seen[now(db)] = figures(db, event)
        db.execute("SELECT cancel_booking(%s, %s)", [second["id"], customer])
        seen[now(db)] = figures(db, event)
        code = codes_of(db, first["id"])[0]
        db.execute("SELECT check_in_ticket(%s, NULL, %s)", [code, admin])
        seen[now(db)] = figures(db, event)
        edit_as_the_first_release(db, event, admin, status="cancelled")
        seen[now(db)] = figures(db, event)
    return seen


def test_the_history_of_the_first_release_is_available(
    old_url: str, remembered: dict[datetime, dict[str, Any]]
) -> None:
    migrations.apply(old_url)

    assert contradictions(old_url) == []
    with psycopg.connect(old_url, autocommit=True) as db:
        event = value(db, "SELECT id FROM events")
        for moment, was in remembered.items():
            (past,) = rows(db, "SELECT * FROM event_as_of(%s, %s)", event, moment)
            assert {name: past[name] for name in was} == was, moment
        before = value(db, "SELECT created_at - interval '1 second' FROM events")
        assert rows(db, "SELECT FROM event_as_of(%s, %s)", event, before) == []


def test_ticket_codes_of_the_first_release_stay_valid(
    old_url: str, remembered: dict[datetime, dict[str, Any]]
) -> None:
    assert remembered
    with psycopg.connect(old_url, autocommit=True) as db:
        admin = value(db, "SELECT id FROM users WHERE role = 'admin'")
        event = insert(
            db,
            "events",
            title="Opera",
            venue="House",
            date_time=in_days(9),
            time_zone="UTC",
            capacity=5,
            price=1,
        )
        code = book(db, admin, event, 1)["ticket_codes"][0]
        migrations.apply(old_url)
        new_code = book(db, admin, event, 1)["ticket_codes"][0]

        for shown in (code, new_code):
            db.execute("SELECT check_in_ticket(%s, %s, %s)", [shown, event, admin])
        assert value(db, "SELECT ticket_code_group(%s)", event) == new_code[:5]


def test_a_retry_after_the_upgrade_finds_the_earlier_booking(
    old_url: str, remembered: dict[datetime, dict[str, Any]]
) -> None:
    assert remembered
    migrations.apply(old_url)

    with psycopg.connect(old_url, autocommit=True) as db:
        (first,) = rows(db, "SELECT * FROM bookings WHERE idempotency_key = 'first'")
        again = book(db, first["user_id"], first["event_id"], 3, "first")
        assert (again["id"], again["replayed"]) == (first["id"], True)


def test_upgrade_and_back_again_keep_every_row(
    old_url: str, remembered: dict[datetime, dict[str, Any]]
) -> None:
    assert remembered
    kept = "SELECT md5(string_agg(row::text, '|' ORDER BY row::text)) FROM {} AS row"
    tables = ("users", "bookings", "tickets", "activity", "event_words")
    with psycopg.connect(old_url, autocommit=True) as db:
        before = [value(db, kept.format(table)) for table in tables]
        migrations.apply(old_url)
        while migrations.roll_back(old_url) != "0003_guard_the_ledger":
            pass
        after = [value(db, kept.format(table)) for table in tables]
    assert after == before
