"""Creating, copying and editing events."""

import re
from typing import Annotated

from pydantic import Field

from app.api.event_fields import (
    EditedEvent,
    NewCopies,
    NewEvent,
    copied_starts,
    edited_fields,
    new_fields,
)
from app.api.shapes import (
    Event,
    IdempotencyHeaders,
    SaleEndsAt,
    SaleStartsAt,
    etag,
    event_from,
)
from app.http.endpoints import Reply, endpoint
from app.http.fields import Id, Input, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Headers
from app.http.problems import FieldError, Problem
from app.http.scopes import EventOf
from app.http.services import Services


class EventCopies(Output):
    """The copies, in the order of the dates."""

    items: list[Event]


class EditPreview(Output):
    """Whom an edit concerns, before it is saved."""

    people: int = Field(description="How many guests will be told; 0: nobody is told of it.")
    bookings: int
    tickets: int
    text: str | None = Field(description="What they will be told; null: nothing.")
    cancellable_until: TimeOutput | None = Field(
        description="Until when they can cancel: until the event begins."
    )
    sale_starts_at: SaleStartsAt
    sale_ends_at: SaleEndsAt


class EditHeaders(Input):
    """Headers of an edit."""

    if_match: Annotated[
        str | None,
        Field(
            alias="If-Match",
            description="The ETag that the edit is based on. Only its version is compared.",
        ),
    ] = None


@endpoint(
    "POST",
    "/events",
    who=Who.ADMIN,
    status=201,
    problems=("date-time-in-past", "idempotency-key-reused"),
    reply_headers=("Location", "ETag", "Idempotent-Replayed"),
    scopes=("events",),
)
async def create_event(
    services: Services, caller: SignedIn, headers: Headers[IdempotencyHeaders], body: Body[NewEvent]
) -> Reply[Event]:
    """Create an event or a draft. With an Idempotency-Key, repeating it makes no second."""
    row = await services.database.one(
        "create_event",
        fields=new_fields(body),
        actor_id=caller.id,
        idempotency_key=headers.idempotency_key,
    )
    event = event_from(row, services.settings)
    more = {"Location": f"/api/events/{event.id}", "ETag": etag(event)}
    if row["replayed"]:
        more["Idempotent-Replayed"] = "true"
    return Reply(event, 201, more)


@endpoint(
    "POST",
    "/events/{id}/copies",
    who=Who.ADMIN,
    status=201,
    problems=("event-not-found", "date-time-in-past", "idempotency-key-reused"),
    reply_headers=("Idempotent-Replayed",),
    scopes=("events",),
)
async def copy_event(
    services: Services,
    caller: SignedIn,
    headers: Headers[IdempotencyHeaders],
    id: Id,
    body: Body[NewCopies],
) -> Reply[EventCopies]:
    """Copy an event to other dates, as drafts. With an Idempotency-Key, repeating it copies once.

    Doors, end and sale times stay as far from the start as they are.
    """
    event = await services.database.row("get_event", event_id=id)
    if event is None:
        raise Problem("event-not-found")
    rows = await services.database.rows(
        "copy_event",
        event_id=id,
        dates=copied_starts(body.dates, event["time_zone"]),
        actor_id=caller.id,
        idempotency_key=headers.idempotency_key,
    )
    copies = EventCopies(items=[event_from(row, services.settings) for row in rows])
    return Reply(copies, 201, {"Idempotent-Replayed": "true"} if rows[0]["replayed"] else {})


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
    scopes=("events",),
    event_of=EventOf.PATH,
)
async def update_event(
    services: Services,
    caller: SignedIn,
    headers: Headers[EditHeaders],
    id: Id,
    body: Body[EditedEvent],
) -> Reply[Event]:
    """Edit the whole event, publish it, or end it: cancelling cancels its bookings."""
    version = _expected_version(headers.if_match)
    was = await services.database.row("get_event", event_id=id)
    if was is None:
        raise Problem("event-not-found")
    edit = {
        "event_id": id,
        "fields": edited_fields(body, was),
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


@endpoint(
    "POST",
    "/events/{id}/preview",
    who=Who.ADMIN,
    problems=("event-not-found", "date-time-in-past"),
    scopes=("events",),
    event_of=EventOf.PATH,
)
async def preview_event_update(services: Services, id: Id, body: Body[EditedEvent]) -> EditPreview:
    """Say how many guests will be told of an edit, and in which words. Nothing is saved."""
    was = await services.database.row("get_event", event_id=id)
    if was is None:
        raise Problem("event-not-found")
    row = await services.database.one(
        "get_edit_preview", event_id=id, fields=edited_fields(body, was)
    )
    return EditPreview.model_validate(dict(row))


def _expected_version(if_match: str | None) -> int | None:
    """Return the version in an ETag; None when any version is accepted."""
    if if_match is None or if_match.strip() == "*":
        return None
    match = re.fullmatch(r'\s*(?:W/)?"(\d{1,9})(?:-[^",]*)?"\s*', if_match)
    if match is None:
        sentence = 'must be one ETag of this event, like "3-146-open"'
        raise Problem("validation", sentence, errors=[FieldError("header", "/If-Match", sentence)])
    return int(match[1])
