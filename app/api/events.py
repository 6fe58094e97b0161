"""Events as anyone may read them: the list, and one event."""

from collections.abc import Mapping
from datetime import date, datetime
from typing import Annotated, Literal

import asyncpg
from pydantic import Field
from starlette.responses import Response

from app.api.shapes import Event, ReadHeaders, etag, event_from
from app.http.endpoints import Reply, endpoint
from app.http.fields import CategoryFilter, Id, Output, SearchText
from app.http.identity import SignedIn, Who
from app.http.inputs import Headers, Query, has_tag
from app.http.paging import CursorTime, Listing, Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services
from app.http.time_fields import DayOrTimeInput


class EventPage(Page[Event]):
    """One page of events."""

    in_description: bool = Field(
        default=False,
        description="Whether the search found its words in no title or venue, only with the"
        " descriptions of these events.",
    )


class EventQuery(PageQuery):
    """Selects events."""

    search: SearchText | None = None
    category: CategoryFilter | None = None
    from_: Annotated[DayOrTimeInput | None, Field(alias="from", description="Default: now.")] = None
    to: DayOrTimeInput | None = None
    status: Annotated[
        Literal["draft", "active", "cancelled", "completed", "all"],
        Field(
            description="Other than active: only for admins. Past events are then listed as well."
        ),
    ] = "active"


class Categories(Output):
    """The categories of events still to come, in alphabetical order."""

    items: list[str]


_BY_DATE = SortKeys(date_time=CursorTime, event_id=Id)
_BY_MATCH = SortKeys(
    match_class=Annotated[int, Field(ge=1, le=4)], date_time=CursorTime, event_id=Id
)


@endpoint(
    "GET", "/events", who=Who.ANYONE, problems=("not-signed-in", "not-allowed"), scopes=("events",)
)
async def list_events(
    services: Services, caller: SignedIn | None, query: Query[EventQuery]
) -> Reply[EventPage]:
    """List active events, soonest first; with a search, the better match first."""
    if query.status != "active":
        _require_admin(caller)
    listing = _listing(query)
    parameters = {**_bounds(query), **listing.parameters(query)}

    async def read() -> bytes:
        rows = await _event_rows(services, query, listing.query, parameters)
        page, next_cursor = listing.sort_keys.cut(rows, query.limit)
        events = [event_from(row, services.settings) for row in page]
        # A search looks into descriptions only when no title or venue has its words.
        in_description = any(row.get("in_description") for row in page)
        found = EventPage(items=events, next_cursor=next_cursor, in_description=in_description)
        return found.model_dump_json().encode()

    return Reply(await services.reads.read((listing.query, *parameters.values()), read))


def _require_admin(caller: SignedIn | None) -> None:
    if caller is None:
        raise Problem("not-signed-in", "Sign in first.")
    if not caller.is_admin:
        raise Problem("not-allowed", "Only admins may list events that are not active.")


def _listing(query: EventQuery) -> Listing:
    if query.status != "active":
        status = None if query.status == "all" else query.status
        filters = {"status": status, "search": query.search, "category": query.category}
        return Listing("list_events_by_status", _BY_DATE, filters)
    if query.search:
        filters = {"search": query.search, "category": query.category}
        return Listing("search_events", _BY_MATCH, filters)
    if query.category:
        return Listing("list_events_of_category", _BY_DATE, {"category": query.category})
    return Listing("list_events", _BY_DATE)


def _bounds(query: EventQuery) -> dict[str, date | datetime | None]:
    """Return from and to as times or as days, whichever they are."""
    bounds: dict[str, date | datetime | None] = {}
    for name, value in (("from", query.from_), ("to", query.to)):
        is_time = isinstance(value, datetime)
        bounds[f"{name}_time"] = value if is_time else None
        bounds[f"{name}_day"] = None if is_time else value
    return bounds


async def _event_rows(
    services: Services, query: EventQuery, name: str, parameters: Mapping[str, object]
) -> list[asyncpg.Record]:
    """Return the rows of a listing; searches wait in a separate queue."""
    if query.status == "active" and query.search:
        return await services.database.rows_of_search(name, **parameters)
    async with services.place_to_search(query.search):
        return await services.database.rows(name, **parameters)


@endpoint(
    "GET",
    "/events/{id}",
    who=Who.ANYONE,
    problems=("event-not-found",),
    other_statuses={304: "The event still has the ETag in If-None-Match."},
    reply_headers=("ETag",),
    polled=True,
    scopes=("events",),
    event_of=EventOf.PATH,
)
async def get_event(
    services: Services, caller: SignedIn | None, headers: Headers[ReadHeaders], id: Id
) -> Reply[Event] | Response:
    """Return one event, of any status; a draft only to admins."""
    query = "get_event" if caller is not None and caller.is_admin else "get_published_event"

    async def read() -> tuple[str, bytes]:
        row = await services.database.row(query, event_id=id)
        if row is None:
            raise Problem("event-not-found")
        event = event_from(row, services.settings)
        return etag(event), event.model_dump_json().encode()

    tag, written = await services.reads.read((query, id), read)
    cached = {"ETag": tag, "Cache-Control": "no-cache"}
    if has_tag(headers.if_none_match, tag):
        return Response(status_code=304, headers=cached)
    return Reply(written, headers=cached)


@endpoint("GET", "/categories", who=Who.ANYONE)
async def list_categories(services: Services) -> Reply[Categories]:
    """List the categories of active events still to come."""

    async def read() -> bytes:
        rows = await services.database.rows("list_categories")
        return Categories(items=[row["category"] for row in rows]).model_dump_json().encode()

    return Reply(await services.reads.read(("list_categories",), read))
