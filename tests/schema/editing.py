"""Edits of events in the words of tests: what is not said stays as it is."""

from collections.abc import Mapping
from typing import Any

import psycopg

from tests.schema.support import problem, rows

FIELDS = (
    "title",
    "description",
    "venue",
    "date_time",
    "time_zone",
    "capacity",
    "price",
    "max_tickets_per_booking",
    "status",
)
UPDATE = "SELECT update_event(%s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s, %s)"


def event(db: psycopg.Connection, event_id: int) -> dict[str, Any]:
    (found,) = rows(db, "SELECT * FROM events WHERE id = %s", event_id)
    return found


def edited(
    db: psycopg.Connection,
    event_id: int,
    changes: Mapping[str, object],
    version: int | None = None,
    actor: int | None = None,
) -> list[object]:
    """Return the arguments of update_event for an edit of these fields only."""
    fields = {**event(db, event_id), **changes}
    return [event_id, *(fields[name] for name in FIELDS), version, actor]


def update(
    db: psycopg.Connection,
    event_id: int,
    version: int | None = None,
    actor: int | None = None,
    **changes: object,
) -> None:
    db.execute(UPDATE, edited(db, event_id, changes, version, actor))


def refusal(
    db: psycopg.Connection, event_id: int, version: int | None = None, **changes: object
) -> tuple[str | None, Any]:
    return problem(db, UPDATE, *edited(db, event_id, changes, version))
