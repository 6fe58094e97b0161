"""The door of an event: what its page shows."""

from pydantic import Field

from app.api.shapes import EventStatus
from app.http.endpoints import endpoint
from app.http.fields import Id
from app.http.identity import Who
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services
from app.http.time_fields import Start


class Door(Start):
    """An event as its door crew sees it."""

    id: Id = Field(validation_alias="event_id")
    title: str
    venue: str
    status: EventStatus
    tickets_sold: int
    tickets_checked_in: int


@endpoint(
    "GET",
    "/events/{id}/door",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("door",),
    event_of=EventOf.PATH,
)
async def get_door(services: Services, id: Id) -> Door:
    """Return what the door of an event shows: which event, and how many guests are inside."""
    row = await services.database.row("get_event", event_id=id)
    if row is None:
        raise Problem("event-not-found")
    return Door.model_validate(dict(row))
