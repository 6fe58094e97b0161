"""Creating and editing events."""

import re
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import asyncpg
from pydantic import Field, ValidationInfo, field_validator

from app.api.shapes import Event, EventStatus, IdempotencyHeaders, etag, event_from
from app.http.endpoints import Reply, endpoint
from app.http.fields import (
    Id,
    Input,
    Line,
    Note,
    Paragraphs,
    PriceInput,
    TimeInput,
    TimeOfDayInput,
    TimeZone,
)
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Headers
from app.http.problems import FieldError, Problem
from app.http.services import Services
from app.time_zones import current_name, instant_of, is_known, wall_time_of

T = TypeVar("T")

MinimumAge = Annotated[int, Field(ge=1, le=99)]
MaxTickets = Annotated[int, Field(ge=1, le=100)]


class EventFields(Input):
    """The fields that a new event and an edited one have in common."""

    title: Line
    venue: Line
    capacity: Annotated[int, Field(ge=1, le=1_000_000)]
    price: PriceInput
    doors_open: TimeOfDayInput | None = None
    payment_note: Note | None = None
    end_time: TimeOfDayInput | None = None
    address: Note | None = None
    minimum_age: MinimumAge | None = None
    access_note: Note | None = None
    organiser_contact: Note | None = None


class NewEvent(EventFields):
    """An event to create."""

    description: Paragraphs = ""
    # This field stands before date_time, because the validator of date_time uses it.
    time_zone: TimeZone
    date_time: TimeInput
    max_tickets_per_booking: MaxTickets = 10
    status: Literal["active"] = "active"

    @field_validator("date_time")
    @classmethod
    def _instant(cls, value: datetime, info: ValidationInfo) -> datetime:
        return start_of(value, info.data["time_zone"]) if "time_zone" in info.data else value


class EditedEvent(EventFields):
    """All fields of an event as they should become."""

    description: Paragraphs
    # _edited_fields() interprets time_zone and date_time, because it knows the current event.
    time_zone: Annotated[
        str,
        Field(
            description="As for a new event, or the event's current name unchanged.",
            examples=["Europe/Berlin"],
        ),
    ]
    date_time: TimeInput
    max_tickets_per_booking: MaxTickets
    status: EventStatus
    cancellation_reason: Annotated[
        Note | None,
        Field(description="Only together with status cancelled: why, in words for its guests."),
    ] = None


class EditHeaders(Input):
    """Headers of an edit."""

    if_match: Annotated[
        str | None,
        Field(
            alias="If-Match",
            description="The ETag that the edit is based on. Only its version is compared.",
        ),
    ] = None


def start_of(given: datetime, zone: str) -> datetime:
    """Return the instant at which an event starts; without an offset it is given as wall time.

    Raises ValueError for a wall time that does not exist, and for a start too far away.
    """
    instant = instant_of(given, zone) if given.tzinfo is None else given
    if instant >= datetime(2100, 1, 1, tzinfo=UTC):
        raise ValueError("must be before the year 2100")
    return instant


@endpoint(
    "POST",
    "/events",
    who=Who.ADMIN,
    status=201,
    problems=("date-time-in-past", "idempotency-key-reused"),
    reply_headers=("Location", "ETag", "Idempotent-Replayed"),
)
async def create_event(
    services: Services, caller: SignedIn, headers: Headers[IdempotencyHeaders], body: Body[NewEvent]
) -> Reply[Event]:
    """Create an active event. With an Idempotency-Key, repeating the request makes no second."""
    row = await services.database.one(
        "create_event",
        fields=_new_fields(body),
        actor_id=caller.id,
        idempotency_key=headers.idempotency_key,
    )
    event = event_from(row, services.settings)
    more = {"Location": f"/api/events/{event.id}", "ETag": etag(event)}
    if row["replayed"]:
        more["Idempotent-Replayed"] = "true"
    return Reply(event, 201, more)


@endpoint(
    "PUT",
    "/events/{id}",
    who=Who.ADMIN,
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
    services: Services,
    caller: SignedIn,
    headers: Headers[EditHeaders],
    id: Id,
    body: Body[EditedEvent],
) -> Reply[Event]:
    """Edit the whole event, or end it: cancelling cancels its bookings."""
    version = _expected_version(headers.if_match)
    was = await services.database.row("get_event", event_id=id)
    if was is None:
        raise Problem("event-not-found")
    edit = {
        "event_id": id,
        "fields": _edited_fields(body, was),
        "expected_version": version,
        "actor_id": caller.id,
    }
    if body.status == "cancelled":
        (row,) = await services.database.rows_long("update_event", **edit)
    else:
        async with services.turn_to_change(id):
            row = await services.database.one("update_event", **edit)
    event = event_from(row, services.settings)
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
    # A client of an earlier release leaves out the fields it does not know: they stay as they are.
    fields = event.model_dump(mode="json", exclude_unset=True)
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
    """Return the result of a check; its ValueError becomes a problem of the field."""
    try:
        return check(*values)
    except ValueError as error:
        raise _invalid(pointer, str(error)) from None


def _invalid(pointer: str, sentence: str) -> Problem:
    name = pointer.removeprefix("/")
    return Problem("validation", f"Check: {name}.", errors=[FieldError("body", pointer, sentence)])


def _expected_version(if_match: str | None) -> int | None:
    """Return the version in an ETag; None when any version is accepted."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = re.fullmatch(r'\s*(?:W/)?"(\d{1,9})(?:-[^",]*)?"\s*', if_match)
    if match is None:
        sentence = 'must be one ETag of this event, like "3-146-true"'
        raise Problem("validation", sentence, errors=[FieldError("header", "/If-Match", sentence)])
    return int(match[1])
