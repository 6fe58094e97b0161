"""What admins see of contradictions: from the sweep for all events, directly for one event."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import LiteralString

import psycopg
import pytest
from structlog.testing import capture_logs

from app.background import integrity
from app.data.database import Database
from tests.support.application import Api
from tests.support.rows import add_booking, add_event, rows, sweep_all

VIOLATION = {"kind", "table_name", "row_id", "expected", "actual", "event_id"}


def add_contradiction(api: Api) -> tuple[int, int]:
    """Delete the ticket of a booking, and return the event and the booking."""
    event = add_event(api.db)
    booking = add_booking(api.db, api.customer().id, event)
    api.db.execute("ALTER TABLE tickets DISABLE TRIGGER USER; DELETE FROM tickets")
    return event, booking


async def test_no_findings_are_known_before_the_first_slice(api: Api) -> None:
    add_event(api.db)
    told = await api.admin().read("/api/admin/integrity")
    assert told == {
        "items": [],
        "next_cursor": None,
        "violations": 0,
        "sweep": {"began_at": None, "ended_at": None, "events_checked": 0, "events_total": 0},
    }


@pytest.mark.leaves_contradictions
async def test_the_sweep_reports_its_findings_and_its_progress(api: Api) -> None:
    event, booking = add_contradiction(api)
    for _ in range(2):
        add_event(api.db)
    admin = api.admin()
    api.db.execute("SELECT sweep_integrity(2)")
    told = await admin.read("/api/admin/integrity")
    assert told["items"] == [
        {
            "kind": "quantity-differs-from-tickets",
            "table_name": "bookings",
            "row_id": booking,
            "expected": "1",
            "actual": "0",
            "event_id": event,
        }
    ]
    assert told["violations"] == 1
    assert told["sweep"]["began_at"].endswith("Z")
    assert told["sweep"] | {"began_at": None} == {
        "began_at": None,
        "ended_at": None,
        "events_checked": 2,
        "events_total": 3,
    }
    sweep_all(api.db)
    told = await admin.read("/api/admin/integrity")
    assert told["sweep"]["ended_at"] > told["sweep"]["began_at"]
    assert told["sweep"]["events_checked"] == 3


@pytest.mark.leaves_contradictions
async def test_one_event_is_checked_immediately(api: Api) -> None:
    healthy = add_event(api.db)
    event, booking = add_contradiction(api)
    admin = api.admin()
    told = await admin.read(f"/api/admin/events/{event}/integrity")
    assert set(told) == {"items", "checked_at"}
    assert [(set(item), item["row_id"]) for item in told["items"]] == [(VIOLATION, booking)]
    assert (await admin.read(f"/api/admin/events/{healthy}/integrity"))["items"] == []
    unknown = await admin.get("/api/admin/events/99/integrity")
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/event-not-found")


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.connect(database_url) as connected:
        yield connected


async def eventually(happened: Callable[[], object]) -> None:
    """Return when the condition is true."""
    deadline = time.monotonic() + 20
    for _ in iter(happened, True):
        assert time.monotonic() < deadline
        await asyncio.sleep(0.01)


async def until(db: psycopg.Connection, condition: LiteralString) -> None:
    """Return when the position of the sweep meets the condition."""
    query: LiteralString = "SELECT FROM integrity_sweep WHERE " + condition
    await eventually(lambda: bool(rows(db, query)))


async def test_a_process_checks_slices_while_it_serves(
    database: Database, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "PAUSE_SECONDS", 0.01)
    add_event(db)
    async with integrity.sweeping(database):
        areas: tuple[LiteralString, ...] = ("'tickets'", "'users'", "'event_words'")
        for area in areas:
            await until(db, "area = " + area)
            # The next slice is due after ten seconds.
            db.execute("UPDATE integrity_sweep SET slice_at = slice_at - interval '11 seconds'")
        await until(db, "ended_at IS NOT NULL")
        # The next pass begins ten minutes later.
        db.execute("UPDATE integrity_sweep SET slice_at = slice_at - interval '9 minutes'")
        assert await database.rows("sweep_integrity") == []
        db.execute("UPDATE integrity_sweep SET slice_at = slice_at - interval '1 minute'")
        await until(db, "area = 'tickets'")


async def test_a_failed_slice_is_retried(
    database: Database, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(integrity, "PAUSE_SECONDS", 0.01)
    db.execute("ALTER FUNCTION sweep_integrity(integer) RENAME TO resting")
    with capture_logs() as logged:
        async with integrity.sweeping(database):
            await eventually(lambda: bool(logged))
            db.execute("ALTER FUNCTION resting(integer) RENAME TO sweep_integrity")
            await until(db, "area = 'tickets'")
    assert logged[0] == {
        "event": "background work failed",
        "work": "integrity sweep",
        "sqlstate": "42883",
        "message": "function sweep_integrity() does not exist",
        "log_level": "warning",
    }
