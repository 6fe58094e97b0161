"""Rows that contradict each other: in one event now, and those that the sweep found."""

from collections.abc import Sequence

import asyncpg
from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import Id, Output, TimeOutput
from app.http.identity import Who
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services

MAX_VIOLATIONS = 1000


class IntegrityViolation(Output):
    """A row that contradicts another."""

    kind: str
    table_name: str
    row_id: int = Field(description="0 for a word of event_words, which has no id.")
    expected: str | None
    actual: str | None
    event_id: Id | None = Field(description="The event that the row belongs to; null: none.")


class IntegritySweep(Output):
    """How far the check of the whole database has come, slice by slice."""

    began_at: TimeOutput | None = Field(description="When the latest pass began; null: none has.")
    ended_at: TimeOutput | None = Field(
        description="When the latest full pass ended; null: none has."
    )
    events_checked: int = Field(description="How many events the latest pass has checked.")
    events_total: int = Field(description="How many there were when the latest pass began.")


class Integrity(Output):
    """The contradictions that the latest check of each slice found, 1,000 at most."""

    items: list[IntegrityViolation]
    next_cursor: None = None
    violations: int = Field(description="How many were found; 0 is healthy once a pass has ended.")
    sweep: IntegritySweep


class EventIntegrity(Output):
    """The contradictions in one event, 1,000 at most. An empty list is healthy."""

    items: list[IntegrityViolation]
    checked_at: TimeOutput


@endpoint("GET", "/admin/integrity", who=Who.ADMIN, scopes=("reports",))
async def get_integrity(services: Services) -> Integrity:
    """Return what the sweep through the whole database found, and how far it has come."""
    rows = await services.database.rows("list_integrity_findings", limit=MAX_VIOLATIONS)
    return Integrity(
        items=_violations(rows),
        violations=rows[0]["violations"],
        sweep=IntegritySweep.model_validate(dict(rows[0])),
    )


@endpoint(
    "GET",
    "/admin/events/{id}/integrity",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("reports",),
    event_of=EventOf.PATH,
)
async def get_event_integrity(services: Services, id: Id) -> EventIntegrity:
    """Check one event with its bookings and tickets now, and return the contradictions."""
    rows = await services.database.rows_long(
        "list_event_violations", event_id=id, limit=MAX_VIOLATIONS
    )
    if not rows:
        raise Problem("event-not-found")
    return EventIntegrity(items=_violations(rows), checked_at=rows[0]["checked_at"])


def _violations(rows: Sequence[asyncpg.Record]) -> list[IntegrityViolation]:
    return [IntegrityViolation.model_validate(dict(row)) for row in rows if row["kind"] is not None]
