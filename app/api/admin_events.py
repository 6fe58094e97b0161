"""Events as admins see them: with statistics, and in any order."""

from collections.abc import Mapping
from decimal import Decimal
from typing import Annotated, Literal, get_args

import asyncpg
from pydantic import Field

from app.api.shapes import Event, event_members
from app.http.endpoints import endpoint
from app.http.fields import CategoryFilter, Id, Output, SearchText
from app.http.identity import Who
from app.http.inputs import Query
from app.http.money import MoneyOutput
from app.http.paging import CursorTime, Listing, Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services
from app.http.time_fields import MomentInput
from app.settings import Settings


class Statistics(Output):
    """The sales of an event. They count confirmed bookings."""

    bookings: int
    tickets_sold: int
    tickets_checked_in: int
    revenue: MoneyOutput


class AdminEvent(Event):
    """An event with its statistics."""

    open_to_box_office: bool = Field(
        description="Whether admins can sell its tickets now: it is active, and its door has not"
        " closed, 12 hours after its start."
    )
    statistics: Statistics


class Totals(Statistics):
    """The statistics of all events of a list, added up."""

    events: int
    currency: str


class AdminEventPage(Page[AdminEvent]):
    """One page of events with statistics."""

    totals: Totals | None = Field(description="Totals of the whole list; only on its first page.")


Figure = Literal["tickets_sold", "percent_sold", "bookings", "tickets_checked_in", "revenue"]
Sort = Literal["date_time", "title", Figure]


class AdminEventQuery(PageQuery):
    """Selects and sorts events."""

    status: Literal["draft", "active", "cancelled", "completed", "all"] = "all"
    search: SearchText | None = None
    category: CategoryFilter | None = None
    from_: Annotated[MomentInput | None, Field(alias="from", description="Default: all.")] = None
    sort: Sort = "date_time"
    order: Literal["asc", "desc"] = "asc"


def _admin_event(row: asyncpg.Record, settings: Settings) -> AdminEvent:
    members = event_members(row, settings)
    return AdminEvent.model_validate(
        {**members, "statistics": dict(row)}, context=settings.validation_context
    )


_BY_DATE = SortKeys(date_time=CursorTime, event_id=Id)
_BY_TITLE = SortKeys(sort_key=Annotated[str, Field(pattern="^[^\u0000]*$")], event_id=Id)
_BY_FIGURE = SortKeys(sort_key=Annotated[Decimal, Field(max_digits=25, strict=False)], event_id=Id)
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


@endpoint("GET", "/admin/events", who=Who.ADMIN, scopes=("events", "reports"))
async def list_admin_events(services: Services, query: Query[AdminEventQuery]) -> AdminEventPage:
    """List every event with its statistics; the first page has the totals."""
    listing = _LISTINGS[query.sort, query.order]
    filters = {
        "status": None if query.status == "all" else query.status,
        "search": query.search,
        "category": query.category,
        "from_time": query.from_,
    }
    settings = services.settings
    totals = None
    async with services.place_to_search(query.search):
        rows = await services.database.rows(listing.query, **filters, **listing.parameters(query))
        if query.cursor is None:
            summed = await services.database.one("sum_admin_events", **filters)
            totals = Totals.model_validate(
                {**summed, "currency": settings.currency}, context=settings.validation_context
            )
    page, next_cursor = listing.sort_keys.cut(rows, query.limit)
    return AdminEventPage(
        items=[_admin_event(row, settings) for row in page], next_cursor=next_cursor, totals=totals
    )


@endpoint(
    "GET",
    "/admin/events/{id}",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("events", "reports"),
    event_of=EventOf.PATH,
)
async def get_admin_event(services: Services, id: Id) -> AdminEvent:
    """Return one event with its statistics."""
    row = await services.database.row("get_event", event_id=id)
    if row is None:
        raise Problem("event-not-found")
    return _admin_event(row, services.settings)
