"""What was sold of an event, by day."""

import datetime as dt

from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import Id, Output
from app.http.identity import Who
from app.http.money import MoneyOutput
from app.http.problems import Problem
from app.http.scopes import EventOf
from app.http.services import Services


class DaySales(Output):
    """What was sold on one day."""

    date: dt.date
    bookings: int
    tickets: int
    revenue: MoneyOutput


class Sales(Output):
    """What was sold of an event, by day."""

    time_zone: str = Field(description="The time zone in which the days are counted.")
    currency: str
    items: list[DaySales]


@endpoint(
    "GET",
    "/admin/events/{id}/sales",
    who=Who.ADMIN,
    problems=("event-not-found",),
    scopes=("reports",),
    event_of=EventOf.PATH,
)
async def get_sales(services: Services, id: Id) -> Sales:
    """Return what was sold of an event, by day; days without a sale are left out."""
    rows = await services.database.rows("list_daily_sales", event_id=id)
    if not rows:
        raise Problem("event-not-found")
    settings = services.settings
    days = [
        DaySales.model_validate(dict(row), context=settings.validation_context)
        for row in rows
        if row["date"] is not None
    ]
    return Sales(time_zone=rows[0]["time_zone"], currency=settings.currency, items=days)
