"""Edits of events by update_event."""

from datetime import datetime
from decimal import Decimal
from typing import Any, LiteralString

import psycopg
from psycopg.types.json import Jsonb

from tests.support.refusals import problem
from tests.support.rows import rows

UPDATE: LiteralString = "SELECT update_event(%s, %s, %s, %s)"


def event(db: psycopg.Connection, event_id: int) -> dict[str, Any]:
    (found,) = rows(db, "SELECT * FROM events WHERE id = %s", event_id)
    return found


def as_json(fields: dict[str, object]) -> Jsonb:
    """Return the fields in the form that create_event and update_event take."""
    return Jsonb(
        {
            name: str(field) if isinstance(field, datetime | Decimal) else field
            for name, field in fields.items()
        }
    )


def update(
    db: psycopg.Connection,
    event_id: int,
    version: int | None = None,
    actor: int | None = None,
    **changes: object,
) -> None:
    db.execute(UPDATE, [event_id, as_json(changes), version, actor])


def refusal(
    db: psycopg.Connection, event_id: int, version: int | None = None, **changes: object
) -> tuple[str | None, Any]:
    return problem(db, UPDATE, event_id, as_json(changes), version, None)
