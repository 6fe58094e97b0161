"""The activity log: who did what, and when."""

from typing import Annotated, Any, Literal

from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import MAX_ID, Id, Output, TimeOutput
from app.http.identity import Who
from app.http.inputs import Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.services import Services


class Activity(Output):
    """A line of the activity log."""

    id: Id = Field(validation_alias="activity_id")
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
        "event-message-sent",
        "webhook-created",
        "webhook-changed",
        "webhook-deleted",
        "webhook-replayed",
        "token-created",
        "token-revoked",
        "user-erased",
    ]
    event_id: Id | None
    event_title: str | None
    booking_id: Id | None
    ticket_id: Id | None
    user_id: Id | None
    user_name: str | None
    detail: dict[str, Any] = Field(description="For edits: the changed fields, before and after.")


class ActivityPage(Page[Activity]):
    """One page of the activity log."""


class ActivityQuery(PageQuery):
    """Selects a part of the activity log."""

    event_id: Annotated[int | None, Field(ge=1, le=MAX_ID, strict=False)] = None


_NEWEST_FIRST = SortKeys(activity_id=Id)


@endpoint("GET", "/admin/activity", who=Who.ADMIN)
async def list_activity(services: Services, query: Query[ActivityQuery]) -> ActivityPage:
    """List what was done, newest first."""
    parameters = _NEWEST_FIRST.parameters(query)
    rows = await services.database.rows("list_activity", event_id=query.event_id, **parameters)
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [Activity.model_validate(dict(row)) for row in page]
    return ActivityPage(items=items, next_cursor=next_cursor)
