"""Events: the public list, one event, creating and editing."""

import re
from collections.abc import Callable
from datetime import UTC, date, datetime
from typing import Annotated, Any, Literal, TypeVar

import asyncpg
from pydantic import Field, TypeAdapter, ValidationInfo, field_validator
from starlette.responses import Response

from app.api.shapes import Event, EventStatus
from app.http.endpoints import Reply, endpoint
from app.http.fields import (
    DateTime,
    DayOrTime,
    Id,
    Input,
    Line,
    Paragraphs,
    Price,
    SearchText,
    TimeZone,
)
from app.http.identity import SignedIn
from app.http.paging import Moment, Page, PageQuery, cut_page, read_cursor
from app.http.problems import FieldError, Problem
from app.http.services import Application
from app.time_zones import current_name, instant_of, is_known, wall_time_of

T = TypeVar("T")

MaxTickets = Annotated[int, Field(ge=1, le=100)]


class EventPage(Page[Event]):
    """One page of events."""


class EventQuery(PageQuery):
    """Which events."""

    search: SearchText | None = None
    from_: Annotated[DayOrTime | None, Field(alias="from", description="Default: now.")] = None
    to: DayOrTime | None = None
    status: Annotated[
        Literal["active", "cancelled", "completed", "all"],
        Field(description="Other than active: admins only; then past events are listed, too."),
    ] = "active"


class EventFields(Input):
    """The fields that a new event and an edited one have in common."""

    title: Line
    venue: Line
    capacity: Annotated[int, Field(ge=1, le=1_000_000)]
    price: Price


class NewEvent(EventFields):
    """An event to create."""

    description: Paragraphs = ""
    # Before date_time, which is read with it.
    time_zone: TimeZone
    date_time: DateTime
    max_tickets_per_booking: MaxTickets = 10
    status: Literal["active"] = "active"

    @field_validator("date_time")
    @classmethod
    def _instant(cls, value: datetime, info: ValidationInfo) -> datetime:
        return start_of(value, info.data["time_zone"]) if "time_zone" in info.data else value


class EditedEvent(EventFields):
    """The whole event as it is to be."""

    description: Paragraphs
    # These two are read with the event as it is: see _start_after_edit().
    time_zone: Annotated[
        str,
        Field(
            description="As for a new event, or the event's current name unchanged.",
            examples=["Europe/Berlin"],
        ),
    ]
    date_time: DateTime
    max_tickets_per_booking: MaxTickets
    status: EventStatus


class EditHeaders(Input):
    """Headers of an edit."""

    if_match: Annotated[
        str | None,
        Field(
            alias="If-Match",
            description="The ETag the edit is based on; only its version counts.",
        ),
    ] = None


class EventHeaders(Input):
    """Headers of a read."""

    if_none_match: Annotated[str | None, Field(alias="If-None-Match")] = None


def event_from(row: asyncpg.Record, currency: str) -> Event:
    """Return the event in a row of event_availability."""
    return Event.model_validate({**row, "id": row["event_id"], "currency": currency})


def start_of(given: datetime, zone: str) -> datetime:
    """Return the instant at which an event starts; without an offset it is given as wall time.

    Raises ValueError for a wall time that does not exist, and for a start too far away.
    """
    instant = instant_of(given, zone) if given.tzinfo is None else given
    if instant >= datetime(2100, 1, 1, tzinfo=UTC):
        raise ValueError("must be before the year 2100")
    return instant


def day_range(
    query: EventQuery,
) -> tuple[datetime | None, datetime | None, date | None, date | None]:
    """Return from and to as times, and from and to as days."""
    times = [value if isinstance(value, datetime) else None for value in (query.from_, query.to)]
    days = [None if isinstance(value, datetime) else value for value in (query.from_, query.to)]
    return times[0], times[1], days[0], days[1]


_BY_DATE = TypeAdapter(tuple[Moment, Id])
_BY_MATCH = TypeAdapter(tuple[Annotated[int, Field(ge=1, le=4)], Moment, Id])


def _date_keys(row: asyncpg.Record) -> tuple[object, ...]:
    return row["date_time"], row["event_id"]


@endpoint("GET", "/events", problems=("not-signed-in", "not-allowed"))
async def list_events(
    app: Application, viewer: SignedIn | None, query: EventQuery
) -> Reply[EventPage]:
    """List active events, soonest first; with a search, the better match first."""
    bounds = day_range(query)
    more = query.limit + 1
    admin_search = None
    if query.status != "active":
        if viewer is None:
            raise Problem("not-signed-in", "Sign in first.")
        if not viewer.is_admin:
            raise Problem("not-allowed", "Only admins may list events that are not active.")
        keys = read_cursor(query.cursor, _BY_DATE, 2)
        status = None if query.status == "all" else query.status
        name, arguments = "list_events_by_status", (status, query.search, *bounds, *keys, more)
        sort_keys, run, admin_search = _date_keys, app.database.rows, query.search
    elif query.search:
        keys = read_cursor(query.cursor, _BY_MATCH, 3)
        name, arguments = "search_events", (query.search, *bounds, *keys, more)
        sort_keys, run = _match_keys, app.database.rows_of_search
    else:
        keys = read_cursor(query.cursor, _BY_DATE, 2)
        name, arguments = "list_events", (*bounds, *keys, more)
        sort_keys, run = _date_keys, app.database.rows

    async def read() -> bytes:
        async with app.searching(admin_search):
            rows = await run(name, *arguments)
        page, next_cursor = cut_page(rows, query.limit, sort_keys)
        events = [event_from(row, app.settings.currency) for row in page]
        return EventPage(items=events, next_cursor=next_cursor).model_dump_json().encode()

    return Reply(await app.share((name, *arguments), read))


def _match_keys(row: asyncpg.Record) -> tuple[object, ...]:
    return row["match_class"], row["date_time"], row["event_id"]


def etag(event: Event) -> str:
    """Return what changes whenever the answer does: edits, sales, and the start."""
    return f'"{event.version}-{event.tickets_available}-{str(event.bookable).lower()}"'


async def _get(app: Application, event_id: int) -> Event:
    row = await app.database.row("get_event", event_id)
    if row is None:
        raise Problem("event-not-found")
    return event_from(row, app.settings.currency)


@endpoint(
    "GET",
    "/events/{id}",
    problems=("event-not-found",),
    other_statuses={304: "It is as the ETag in If-None-Match says."},
    reply_headers=("ETag",),
)
async def get_event(app: Application, headers: EventHeaders, id: Id) -> Reply[Event] | Response:
    """Return one event, of any status."""

    async def read() -> tuple[str, bytes]:
        event = await _get(app, id)
        return etag(event), event.model_dump_json().encode()

    tag, written = await app.share(("get_event", id), read)
    cached = {"ETag": tag, "Cache-Control": "no-cache"}
    tags = (headers.if_none_match or "").split(",")
    if any(given.strip().removeprefix("W/") in {tag, "*"} for given in tags):
        return Response(status_code=304, headers=cached)
    return Reply(written, headers=cached)


@endpoint(
    "POST",
    "/events",
    status=201,
    problems=("date-time-in-past",),
    reply_headers=("Location", "ETag"),
)
async def create_event(app: Application, admin: SignedIn, body: NewEvent) -> Reply[Event]:
    """Create an active event."""
    row = await app.database.one("create_event", _new_fields(body), admin.id)
    event = event_from(row, app.settings.currency)
    return Reply(event, 201, {"Location": f"/api/events/{event.id}", "ETag": etag(event)})


@endpoint(
    "PUT",
    "/events/{id}",
    problems=(
        "event-not-found",
        "event-status-final",
        "capacity-below-sold",
        "date-time-in-past",
        "edited-meanwhile",
    ),
    reply_headers=("ETag",),
)
async def update_event(
    app: Application,
    admin: SignedIn,
    headers: EditHeaders,
    id: Id,
    body: EditedEvent,
) -> Reply[Event]:
    """Edit the whole event, or end it: cancelling cancels its bookings."""
    version = _expected_version(headers.if_match)
    was = await app.database.row("get_event", id)
    if was is None:
        raise Problem("event-not-found")
    arguments = (id, _edited_fields(body, was), version, admin.id)
    if body.status == "cancelled":
        (row,) = await app.database.rows_long("update_event", *arguments)
    else:
        async with app.change(id):
            row = await app.database.one("update_event", *arguments)
    event = event_from(row, app.settings.currency)
    return Reply(event, headers={"ETag": etag(event)})


def _new_fields(event: NewEvent) -> dict[str, Any]:
    """Return the fields by name of column, as create_event() takes them."""
    return event.model_dump(mode="json") | _start(event.date_time, event.time_zone)


def _edited_fields(event: EditedEvent, was: asyncpg.Record) -> dict[str, Any]:
    """Return the fields by name of column, as update_event() takes them.

    An event may keep its zone even if that is an old name or an abbreviation, which a new event may
    not have: nobody should have to choose a zone to correct a title, or to cancel. An unchanged
    instant leaves the announced local time alone.
    """
    zone = event.time_zone
    if zone != was["time_zone"]:
        zone = _checked("/time_zone", current_name, zone)
    elif event.date_time.tzinfo is None and not is_known(zone):
        raise _invalid("/time_zone", "has no rules here: choose a place, or give date_time in UTC")
    fields = event.model_dump(mode="json")
    if (event.date_time, zone) == (was["date_time"], was["time_zone"]):
        return fields
    return fields | _start(_checked("/date_time", start_of, event.date_time, zone), zone)


def _start(instant: datetime, zone: str) -> dict[str, Any]:
    """Return the columns that say when an event starts, local time by the pinned rules."""
    columns = {"date_time": instant.isoformat(), "time_zone": zone}
    if is_known(zone):
        columns["local_date_time"] = wall_time_of(instant, zone).isoformat()
    return columns


def _checked(pointer: str, check: Callable[..., T], *values: object) -> T:
    """Return what a check of a field returns; what it refuses becomes a problem of the field."""
    try:
        return check(*values)
    except ValueError as error:
        raise _invalid(pointer, str(error)) from None


def _invalid(pointer: str, sentence: str) -> Problem:
    name = pointer.removeprefix("/")
    return Problem(
        "validation", f"Look at: {name}.", errors=[FieldError("body", pointer, sentence)]
    )


def _expected_version(if_match: str | None) -> int | None:
    """Return the version in an ETag; None when any will do."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = re.fullmatch(r'\s*(?:W/)?"(\d{1,9})(?:-[^",]*)?"\s*', if_match)
    if match is None:
        sentence = 'must be one ETag of this event, like "3-146-true"'
        raise Problem("validation", sentence, errors=[FieldError("header", "/If-Match", sentence)])
    return int(match[1])
