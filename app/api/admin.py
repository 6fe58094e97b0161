"""What admins watch: events with statistics, sales by day, activity, integrity."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal
from typing import Annotated, Any, Literal, get_args

import asyncpg
from pydantic import Field

from app.api.shapes import Event
from app.http.endpoints import endpoint
from app.http.fields import MAX_ID, Id, MoneyOutput, Output, SearchText, TimeOutput
from app.http.identity import Who
from app.http.inputs import Query
from app.http.paging import CursorTime, Listing, Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.services import Services

MAX_VIOLATIONS = 1000


class Statistics(Output):
    """How an event sells: confirmed bookings."""

    bookings: int
    tickets_sold: int
    tickets_checked_in: int
    revenue: MoneyOutput


class AdminEvent(Event):
    """An event with its statistics."""

    statistics: Statistics


class Totals(Statistics):
    """The statistics of all events of a list, added up."""

    events: int
    currency: str


class AdminEventPage(Page[AdminEvent]):
    """One page of events with statistics."""

    totals: Totals | None = Field(description="Over the whole list; on its first page only.")


Figure = Literal["tickets_sold", "percent_sold", "bookings", "tickets_checked_in", "revenue"]
Sort = Literal["date_time", "title", Figure]


class AdminEventQuery(PageQuery):
    """Which events, in which order."""

    status: Literal["active", "cancelled", "completed", "all"] = "all"
    search: SearchText | None = None
    sort: Sort = "date_time"
    order: Literal["asc", "desc"] = "asc"


class DaySales(Output):
    """What was sold on one day."""

    date: dt.date
    bookings: int
    tickets: int
    revenue: MoneyOutput


class Sales(Output):
    """What was sold of an event, by day."""

    time_zone: str = Field(description="Where the days are counted.")
    currency: str
    items: list[DaySales]


class IntegrityViolation(Output):
    """A row that contradicts another."""

    kind: str
    table_name: str
    row_id: int = Field(description="0 for a word of event_words, which has no id.")
    expected: str | None
    actual: str | None
    event_id: Id | None = Field(description="The event it is part of; null: none.")


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


class Activity(Output):
    """Something that was done."""

    id: Id
    at: TimeOutput
    actor_id: Id | None
    actor_name: str | None
    action: Literal[
        "event-created",
        "event-edited",
        "event-cancelled",
        "event-completed",
        "booking-cancelled",
        "ticket-admitted",
        "user-created",
        "user-changed",
    ]
    event_id: Id | None
    event_title: str | None
    booking_id: Id | None
    ticket_id: Id | None
    user_id: Id | None
    user_name: str | None
    detail: dict[str, Any] = Field(description="For edits: what it was and what it became.")


class ActivityPage(Page[Activity]):
    """One page of the activity log."""


class ActivityQuery(PageQuery):
    """Which part of the activity log."""

    event_id: Annotated[int | None, Field(ge=1, le=MAX_ID, strict=False)] = None


def _admin_event(row: asyncpg.Record, currency: str) -> AdminEvent:
    return AdminEvent.model_validate(
        {**row, "id": row["event_id"], "currency": currency, "statistics": dict(row)}
    )


_BY_DATE = SortKeys(date_time=CursorTime, event_id=Id)
_BY_TITLE = SortKeys(sort_key=Annotated[str, Field(pattern="^[^\u0000]*$")], event_id=Id)
_BY_FIGURE = SortKeys(
    sort_key=Annotated[Decimal, Field(max_digits=18, decimal_places=2, strict=False)], event_id=Id
)
_LISTINGS: Mapping[tuple[str, str], Listing] = {
    ("date_time", "asc"): Listing("list_admin_events_by_date", _BY_DATE),
    ("date_time", "desc"): Listing("list_admin_events_by_date_reversed", _BY_DATE),
    ("title", "asc"): Listing("list_admin_events_by_title", _BY_TITLE),
    ("title", "desc"): Listing("list_admin_events_by_title_reversed", _BY_TITLE),
    **{
        (figure, order): Listing(
            "list_admin_events_by_figure", _BY_FIGURE, {"figure": figure, "direction": direction}
        )
        for figure in get_args(Figure)
        for order, direction in (("asc", 1), ("desc", -1))
    },
}


@endpoint("GET", "/admin/events", who=Who.ADMIN)
async def list_admin_events(services: Services, query: Query[AdminEventQuery]) -> AdminEventPage:
    """List every event with its statistics; the first page has the totals."""
    listing = _LISTINGS[query.sort, query.order]
    filters = {"status": None if query.status == "all" else query.status, "search": query.search}
    currency = services.settings.currency
    totals = None
    async with services.place_to_search(query.search):
        rows = await services.database.rows(listing.query, **filters, **listing.parameters(query))
        if query.cursor is None:
            summed = await services.database.one("sum_admin_events", **filters)
            totals = Totals.model_validate({**summed, "currency": currency})
    page, next_cursor = listing.sort_keys.cut(rows, query.limit)
    return AdminEventPage(
        items=[_admin_event(row, currency) for row in page], next_cursor=next_cursor, totals=totals
    )


@endpoint("GET", "/admin/events/{id}", who=Who.ADMIN, problems=("event-not-found",))
async def get_admin_event(services: Services, id: Id) -> AdminEvent:
    """Return one event with its statistics."""
    row = await services.database.row("get_admin_event", event_id=id)
    if row is None:
        raise Problem("event-not-found")
    return _admin_event(row, services.settings.currency)


@endpoint("GET", "/admin/events/{id}/sales", who=Who.ADMIN, problems=("event-not-found",))
async def get_sales(services: Services, id: Id) -> Sales:
    """Return what was sold of an event, by day; days without a sale are left out."""
    rows = await services.database.rows("list_daily_sales", event_id=id)
    if not rows:
        raise Problem("event-not-found")
    days = [DaySales.model_validate(dict(row)) for row in rows if row["date"] is not None]
    return Sales(time_zone=rows[0]["time_zone"], currency=services.settings.currency, items=days)


@endpoint("GET", "/admin/integrity", who=Who.ADMIN)
async def get_integrity(services: Services) -> Integrity:
    """Return what the sweep through the whole database found, and how far it has come."""
    rows = await services.database.rows("list_integrity_findings", limit=MAX_VIOLATIONS)
    return Integrity(
        items=_violations(rows),
        violations=rows[0]["violations"],
        sweep=IntegritySweep.model_validate(dict(rows[0])),
    )


@endpoint("GET", "/admin/events/{id}/integrity", who=Who.ADMIN, problems=("event-not-found",))
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


_NEWEST_FIRST = SortKeys(activity_id=Id)


@endpoint("GET", "/admin/activity", who=Who.ADMIN)
async def list_activity(services: Services, query: Query[ActivityQuery]) -> ActivityPage:
    """List what was done, newest first."""
    parameters = _NEWEST_FIRST.parameters(query)
    rows = await services.database.rows("list_activity", event_id=query.event_id, **parameters)
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [Activity.model_validate({**row, "id": row["activity_id"]}) for row in page]
    return ActivityPage(items=items, next_cursor=next_cursor)
