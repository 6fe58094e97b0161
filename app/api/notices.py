"""Notices: what a customer is told in the app."""

from typing import Annotated, Literal

from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import Id, Input, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.services import Services

# The masthead shows no larger number, so that counting takes the same short time for everybody.
MOST_COUNTED = 100


class Notice(Output):
    """What a customer is told about a booking or an event."""

    id: Id
    kind: Literal[
        "booking-confirmed",
        "booking-cancelled",
        "event-changed",
        "event-cancelled",
        "event-message",
        "event-reminder",
    ]
    text: str = Field(description="Plain text. Mails say the same.")
    event_id: Id
    event_title: str
    booking_id: Id | None = Field(description="null: it is not about one booking.")
    at: TimeOutput
    read: bool


class NoticePage(Page[Notice]):
    """One page of a customer's notices."""


class UnreadNotices(Output):
    """How many notices the caller has not read."""

    count: int = Field(description=f"{MOST_COUNTED}: as many, or more.")


class ShownNotices(Input):
    """The notices that a customer was shown."""

    ids: Annotated[list[Id], Field(min_length=1, max_length=100)]


_NEWEST_FIRST = SortKeys(id=Id)


@endpoint("GET", "/notices", who=Who.SIGNED_IN)
async def list_notices(services: Services, caller: SignedIn, query: Query[PageQuery]) -> NoticePage:
    """List what the caller was told, newest first."""
    parameters = _NEWEST_FIRST.parameters(query)
    rows = await services.database.rows("list_notices", user_id=caller.id, **parameters)
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [Notice.model_validate(dict(row)) for row in page]
    return NoticePage(items=items, next_cursor=next_cursor)


@endpoint("GET", "/notices/unread", who=Who.SIGNED_IN, polled=True)
async def get_unread_notices(services: Services, caller: SignedIn) -> UnreadNotices:
    """Count the notices that the caller has not read."""
    return await _unread(services, caller)


@endpoint("POST", "/notices/read", who=Who.SIGNED_IN)
async def mark_notices_read(
    services: Services, caller: SignedIn, body: Body[ShownNotices]
) -> UnreadNotices:
    """Mark notices as read that the caller was shown. All others stay as they are.

    It takes the ids of what was shown, and not only the newest of them: a notice that is committed
    later can have a smaller id.
    """
    await services.database.value("mark_notices_read", user_id=caller.id, ids=body.ids)
    return await _unread(services, caller)


async def _unread(services: Services, caller: SignedIn) -> UnreadNotices:
    count = await services.database.value(
        "get_unread_notices", user_id=caller.id, most=MOST_COUNTED
    )
    return UnreadNotices(count=count)
