"""Messages to webhooks: a test, sending facts again, and the list of deliveries. For admins."""

from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, ValidationInfo, field_validator

from app.http.endpoints import endpoint
from app.http.fields import Id, Input, Output, TimeOutput
from app.http.identity import SignedIn, Who
from app.http.inputs import Body, Query
from app.http.paging import Page, PageQuery, SortKeys
from app.http.problems import Problem
from app.http.services import Services
from app.http.time_fields import MomentInput


class Replay(Input):
    """Which facts are sent again."""

    from_time: Annotated[MomentInput, Field(alias="from", description="From this time on.")]
    to_time: Annotated[
        MomentInput | None,
        Field(alias="to", description="Until before this time; null: until now."),
    ] = None

    @field_validator("to_time")
    @classmethod
    def _after_from(cls, to_time: datetime | None, info: ValidationInfo) -> datetime | None:
        from_time = info.data.get("from_time")
        if to_time is not None and from_time is not None and to_time <= from_time:
            raise ValueError("must be after from")
        return to_time


class Delivery(Output):
    """A message to a webhook, and whether it was delivered."""

    id: Id
    message_id: str = Field(description="The same at each attempt, and when it is sent again.")
    type: str
    created_at: TimeOutput
    attempts: int
    attempted_at: TimeOutput | None = Field(
        description="When the last attempt ended; null: none has."
    )
    next_attempt_at: TimeOutput | None = Field(
        description="When it is tried next; null: it is delivered or given up."
    )
    delivered_at: TimeOutput | None
    given_up_at: TimeOutput | None
    last_status: int | None = Field(description="HTTP status; null: nothing was answered.")
    last_error: str | None = Field(description="Why the last attempt failed; null: it did not.")


class DeliveryPage(Page[Delivery]):
    """One page of deliveries."""


class DeliveryQuery(PageQuery):
    """Selects deliveries of a webhook."""

    failing: Annotated[
        bool, Field(strict=False, description="Only those whose last attempt failed.")
    ] = False


class Replayed(Output):
    """The answer to a replay."""

    messages: int = Field(description="How many facts are sent again.")


_NEWEST_FIRST = SortKeys(id=Id)


@endpoint(
    "POST",
    "/webhooks/{id}/test",
    who=Who.ADMIN,
    status=201,
    problems=("webhook-not-found", "webhook-disabled"),
    scopes=("webhooks",),
)
async def test_webhook(services: Services, caller: SignedIn, id: Id) -> Delivery:
    """Send a message of the type webhook.test once. The deliveries show the result."""
    row = await services.database.one("test_webhook", webhook_id=id, actor_id=caller.id)
    return Delivery.model_validate(dict(row))


@endpoint(
    "POST",
    "/webhooks/{id}/replay",
    who=Who.ADMIN,
    problems=("webhook-not-found", "webhook-disabled"),
    scopes=("webhooks",),
)
async def replay_facts(
    services: Services, caller: SignedIn, id: Id, body: Body[Replay]
) -> Replayed:
    """Send the facts of a span of time again, with the same ids and the same bytes.

    Notices to customers (customer.notice) are not sent again.
    """
    ((messages,),) = await services.database.rows_long(
        "replay_facts",
        webhook_id=id,
        from_time=body.from_time,
        to_time=body.to_time or datetime.now(UTC),
        actor_id=caller.id,
    )
    return Replayed(messages=messages)


@endpoint(
    "GET",
    "/webhooks/{id}/deliveries",
    who=Who.ADMIN,
    problems=("webhook-not-found",),
    scopes=("webhooks",),
)
async def list_webhook_deliveries(
    services: Services, id: Id, query: Query[DeliveryQuery]
) -> DeliveryPage:
    """List the deliveries to a webhook, newest first.

    One that succeeded is kept for 30 days, and one that was given up for 90.
    """
    parameters = _NEWEST_FIRST.parameters(query)
    if await services.database.row("get_webhook", webhook_id=id) is None:
        raise Problem("webhook-not-found")
    name = "list_failing_webhook_deliveries" if query.failing else "list_webhook_deliveries"
    rows = await services.database.rows(name, webhook_id=id, **parameters)
    page, next_cursor = _NEWEST_FIRST.cut(rows, query.limit)
    items = [Delivery.model_validate(dict(row)) for row in page]
    return DeliveryPage(items=items, next_cursor=next_cursor)
