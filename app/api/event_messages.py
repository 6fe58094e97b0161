"""Messages that admins write to the guests of an event."""

import secrets

from pydantic import Field

from app.api.shapes import IdempotencyHeaders
from app.http.endpoints import Reply, endpoint
from app.http.fields import Id, Input, MessageText, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Headers, Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services


class NewMessage(Input):
    """What the guests of an event should read."""

    text: MessageText


class EventMessage(Output):
    """A message that was sent to the guests of an event."""

    id: Id
    text: str
    people: int = Field(description="How many guests were told.")
    at: TimeOutput
    actor_id: Id | None = Field(description="The admin who sent it; null: it was sent in psql.")
    actor_name: str | None


class EventMessagePage(Page[EventMessage]):
    """One page of the messages to the guests of an event."""


class MessagePreview(Output):
    """What guests would read, and how many they are."""

    text: str
    people: int
    tickets: int = Field(description="0 once the event is cancelled.")


_NEWEST_FIRST = SortKeys(id=Id)


@endpoint(
    "POST",
    "/events/{id}/messages",
    who=Who.ADMIN,
    status=201,
    problems=("event-not-found", "idempotency-key-reused"),
    reply_headers=("Idempotent-Replayed",),
    scopes=("events",),
    event_of=EventOf.PATH,
)
async def send_event_message(
    services: Services,
    caller: SignedIn,
    headers: Headers[IdempotencyHeaders],
    id: Id,
    body: Body[NewMessage],
) -> Reply[EventMessage]:
    """Send a message to all guests. With an Idempotency-Key, repeating it sends nothing more."""
    (row,) = await services.database.rows_long(
        "send_event_message",
        event_id=id,
        text=body.text,
        idempotency_key=headers.idempotency_key or secrets.token_urlsafe(32),
        actor_id=caller.id,
    )
    message = EventMessage.model_validate(dict(row))
    return Reply(message, 201, {"Idempotent-Replayed": "true"} if row["replayed"] else {})


@endpoint(
    "POST",
    "/events/{id}/messages/preview",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("events",),
    event_of=EventOf.PATH,
)
async def preview_event_message(
    services: Services, id: Id, body: Body[NewMessage]
) -> MessagePreview:
    """Say what guests would read, and how many they are now. Nothing is sent."""
    row = await services.database.row("get_message_preview", event_id=id, text=body.text)
    if row is None:
        raise Problem("event-not-found")
    return MessagePreview.model_validate(dict(row))


@endpoint("GET", "/events/{id}/messages", who=Who.ADMIN, scopes=("events",), event_of=EventOf.PATH)
async def list_event_messages(
    services: Services, id: Id, query: Query[PageQuery]
) -> EventMessagePage:
    """List the messages that were sent to the guests of an event, newest first."""
    parameters = _NEWEST_FIRST.parameters(query)
    rows = await services.database.rows("list_event_messages", event_id=id, **parameters)
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [EventMessage.model_validate(dict(row)) for row in page]
    return EventMessagePage(items=items, next_cursor=next_cursor)
