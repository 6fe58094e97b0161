"""Helpers that query the past of events."""

from datetime import datetime
from typing import Any

import psycopg

from tests.support.rows import (
    rows,
    value,
)


def now(db: psycopg.Connection) -> datetime:
    moment: datetime = value(db, "SELECT clock_timestamp()")
    return moment


def as_of(db: psycopg.Connection, event_id: int, at: datetime | str) -> dict[str, Any] | None:
    found = rows(db, "SELECT * FROM event_as_of(%s, %s)", event_id, at)
    return found[0] if found else None


def assert_present(db: psycopg.Connection) -> None:
    """Fail unless the past as of now equals the present in all columns."""
    past = rows(db, "SELECT * FROM events_as_of(clock_timestamp()) ORDER BY id")
    assert past == rows(db, "SELECT * FROM events ORDER BY id")
