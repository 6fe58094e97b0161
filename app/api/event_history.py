"""The past of an event: what was edited, and its figures at any moment."""

from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import AwareDatetime, Field

from app.http.endpoints import endpoint
from app.http.fields import Id, Input, Output, TimeOutput
from app.http.identity import Who
from app.http.inputs import Query
from app.http.money import MoneyOutput
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services


class EventEdit(Output):
    """One edit of an event. Version 1 is its creation."""

    version: int
    at: TimeOutput
    actor_id: Id | None
    actor_name: str | None = Field(description="null: it was done in psql.")
    was: dict[str, Any] = Field(description="The changed fields before; empty for version 1.")
    became: dict[str, Any] = Field(description="The same fields afterwards.")


class EventHistory(Page[EventEdit]):
    """One page of the edits of an event."""


class PastEvent(Output):
    """An event as it was at a moment."""

    event_id: Id
    at: TimeOutput
    version: int
    title: str
    venue: str
    date_time: TimeOutput
    status: Literal["draft", "active", "cancelled", "completed"]
    capacity: int
    price: MoneyOutput
    currency: str
    tickets_sold: int
    tickets_available: int
    bookings: int
    tickets_checked_in: int
    revenue: MoneyOutput


class MomentQuery(Input):
    """Selects a moment."""

    at: Annotated[
        AwareDatetime | None,
        Field(strict=False, description="RFC 3339 with an offset; now if none."),
    ] = None


_NEWEST_FIRST = SortKeys(version=Annotated[int, Field(ge=1, le=2_147_483_647)])


@endpoint(
    "GET",
    "/events/{id}/history",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("events", "reports"),
    event_of=EventOf.PATH,
)
async def list_event_history(services: Services, query: Query[PageQuery], id: Id) -> EventHistory:
    """List what was edited of an event, newest first. The last one is its creation."""
    rows = await services.database.rows(
        "list_event_history", event_id=id, **_NEWEST_FIRST.parameters(query)
    )
    if not rows and query.cursor is None:
        raise Problem("event-not-found")
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [EventEdit.model_validate(dict(row)) for row in page]
    return EventHistory(items=items, next_cursor=next_cursor)


@endpoint(
    "GET",
    "/events/{id}/as-of",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("reports",),
    event_of=EventOf.PATH,
)
async def get_event_as_of(services: Services, query: Query[MomentQuery], id: Id) -> PastEvent:
    """Return an event with its figures as they were at a moment.

    The answer is final once the transactions of that moment have committed. An event that did not
    exist yet is not found.
    """
    at = query.at or datetime.now(UTC)
    row = await services.database.row("get_event_as_of", event_id=id, at=at)
    if row is None:
        raise Problem("event-not-found", "There was no such event at that time.")
    settings = services.settings
    return PastEvent.model_validate(
        {**row, "at": at, "currency": settings.currency},
        context=settings.validation_context,
    )
