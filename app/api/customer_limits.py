"""How many tickets of an event a customer may still book."""

from typing import Annotated

from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import Id, Input, Output
from app.http.identity import SignedIn, Who
from app.http.inputs import Query
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services


class CustomerLimit(Output):
    """The limit of an event for each customer, and what one customer has."""

    limit: int | None = Field(
        description="How many tickets one customer may have; null: any number."
    )
    owned: int = Field(description="How many tickets of confirmed bookings the customer has.")
    remaining: int | None = Field(
        description="How many the customer may still book; null: any number."
    )


class CustomerLimitQuery(Input):
    """Selects a customer."""

    user_id: Annotated[
        Id | None, Field(description="The customer, by default the caller; others only for admins.")
    ] = None


@endpoint(
    "GET",
    "/events/{id}/customer-limit",
    who=Who.SIGNED_IN,
    problems=("not-allowed", "event-not-found"),
    scopes=("box-office",),
    event_of=EventOf.PATH,
)
async def get_customer_limit(
    services: Services, caller: SignedIn, id: Id, query: Query[CustomerLimitQuery]
) -> CustomerLimit:
    """Say how many tickets of an event a customer has, and may still book."""
    customer = caller.id if query.user_id is None else query.user_id
    if customer != caller.id and not caller.is_admin:
        raise Problem("not-allowed", "These are somebody else's tickets.")
    row = await services.database.row(
        "get_customer_limit", event_id=id, user_id=customer, sees_drafts=caller.is_admin
    )
    if row is None:
        raise Problem("event-not-found")
    limit, owned = row["limit"], row["owned"]
    remaining = None if limit is None else max(limit - owned, 0)
    return CustomerLimit(limit=limit, owned=owned, remaining=remaining)
