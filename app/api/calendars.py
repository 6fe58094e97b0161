"""Calendar files: of a booking, of an event, and the private calendar of a customer."""

import asyncio
import hashlib
import secrets
from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.requests import Request
from starlette.responses import Response

from app.api.shapes import ReadHeaders
from app.calendars import (
    CalendarFile,
    booking_entry,
    booking_file,
    customer_calendar,
    event_file,
)
from app.http.endpoints import Reply, endpoint
from app.http.fields import Id, Output, TimeOutput
from app.http.hosts import origin_of
from app.http.identity import SignedIn, Who, token_hash
from app.http.inputs import Headers, has_tag
from app.http.problems import Problem
from app.http.services import Services

TEXT_CALENDAR = "text/calendar"
# The soonest bookings of a customer that a calendar holds. Writing this many takes 0.1 s.
MOST_ENTRIES = 200

Secret = Annotated[
    str,
    StringConstraints(max_length=100, pattern="^[^\u0000]*$"),
    Field(description="Anyone who knows it may read the calendar."),
]


class CalendarState(Output):
    """Whether a customer has a private calendar address."""

    created_at: TimeOutput | None = Field(description="null: there is none.")


class NewCalendar(Output):
    """A private calendar address, which is shown this once."""

    address: str = Field(
        description="What a calendar program subscribes to. Anyone who knows it may read it.",
        examples=["https://tickets.example/api/calendars/6G3l0F2cIYt0sQ.ics"],
    )
    created_at: TimeOutput


@endpoint(
    "GET",
    "/bookings/{id}.ics",
    who=Who.SIGNED_IN,
    problems=("booking-not-found",),
    media_type=TEXT_CALENDAR,
)
async def get_booking_calendar_file(
    services: Services, request: Request, caller: SignedIn, id: Id
) -> Response:
    """Return a booking as a calendar file, to its customer and to admins.

    A booking always has the same UID, so that a calendar program changes the entry that it has.
    Once the booking is cancelled, the method of the file is CANCEL.
    """
    row = await services.database.row("get_calendar_entry", booking_id=id, caller_id=caller.id)
    if row is None:
        raise Problem("booking-not-found")
    return _download(booking_file(row, origin_of(request, services.settings)))


@endpoint(
    "GET",
    "/events/{id}.ics",
    who=Who.ANYONE,
    problems=("event-not-found",),
    media_type=TEXT_CALENDAR,
)
async def get_event_calendar_file(services: Services, request: Request, id: Id) -> Response:
    """Return an event as a calendar file, for people who have not booked it."""
    origin = origin_of(request, services.settings)

    async def read() -> CalendarFile:
        row = await services.database.row("get_published_event", event_id=id)
        if row is None:
            raise Problem("event-not-found")
        return event_file(row, origin)

    return _download(await services.reads.read(("event_file", id, origin), read))


def _download(file: CalendarFile) -> Response:
    headers = {
        "Content-Disposition": f'attachment; filename="{file.name}"',
        "Cache-Control": "no-store",
    }
    return Response(file.content, headers=headers, media_type=file.media_type)


@endpoint(
    "GET",
    "/calendars/{secret}.ics",
    who=Who.ANYONE,
    problems=("calendar-not-found",),
    other_statuses={304: "The calendar still has the ETag in If-None-Match."},
    media_type=TEXT_CALENDAR,
    reply_headers=("ETag",),
)
async def get_calendar(
    services: Services, request: Request, headers: Headers[ReadHeaders], secret: Secret
) -> Response:
    """Return a customer's bookings to the calendar program that knows the secret address.

    It holds the bookings of coming events and of the last six weeks, cancelled ones as well. There
    is nothing of the account in it, and no ticket codes.
    """
    owner = await services.database.row("find_calendar", secret_hash=token_hash(secret))
    if owner is None:
        raise Problem("calendar-not-found")
    origin = origin_of(request, services.settings)
    async with services.turn_to_write_calendar(owner["user_id"]):
        rows = await services.database.rows(
            "list_calendar_entries", user_id=owner["user_id"], limit=MOST_ENTRIES
        )
        entries = [booking_entry(row, origin) for row in rows]
        tag = f'"{hashlib.sha256(repr(entries).encode()).hexdigest()[:32]}"'
        cached = {"ETag": tag, "Cache-Control": "no-cache"}
        if has_tag(headers.if_none_match, tag):
            return Response(status_code=304, headers=cached)
        # In a thread, because bookings would wait for it otherwise.
        content = await asyncio.to_thread(customer_calendar, entries)
    return Response(content, headers=cached, media_type=f"{TEXT_CALENDAR}; charset=utf-8")


@endpoint("GET", "/calendars", who=Who.SIGNED_IN)
async def get_calendar_state(services: Services, caller: SignedIn) -> CalendarState:
    """Say whether the caller has a private calendar address, and since when."""
    row = await services.database.row("get_calendar", user_id=caller.id)
    return CalendarState(created_at=None if row is None else row["created_at"])


@endpoint("POST", "/calendars", who=Who.SIGNED_IN, status=201)
async def create_calendar(
    services: Services, request: Request, caller: SignedIn
) -> Reply[NewCalendar]:
    """Give the caller a new private calendar address. The one from before no longer works."""
    secret = secrets.token_urlsafe(32)
    row = await services.database.one(
        "make_calendar", user_id=caller.id, secret_hash=token_hash(secret)
    )
    origin = origin_of(request, services.settings)
    address = f"{origin}/api/calendars/{secret}.ics"
    return Reply(NewCalendar(address=address, created_at=row["created_at"]), 201)


@endpoint("DELETE", "/calendars", who=Who.SIGNED_IN, status=204)
async def delete_calendar(services: Services, caller: SignedIn) -> None:
    """End the caller's private calendar address."""
    await services.database.value("end_calendar", user_id=caller.id)
