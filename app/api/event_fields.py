"""The fields of an event in requests, and the columns that they become."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, TypeVar

import asyncpg
from pydantic import Field, ValidationInfo, field_validator

from app.api.shapes import EventStatus
from app.http.fields import Category, Input, Line, Note, Paragraphs
from app.http.money import PriceInput
from app.http.problems import FieldError, Problem
from app.http.time_fields import TimeInput, TimeOfDayInput, TimeZone
from app.time_zones import current_name, instant_of, is_known, wall_time_of

T = TypeVar("T")

MinimumAge = Annotated[int, Field(ge=1, le=99)]
MaxTickets = Annotated[int, Field(ge=1, le=100)]
MaxTicketsPerCustomer = Annotated[
    int | None,
    Field(
        ge=1,
        le=10_000,
        description="How many tickets one customer may have; null: any number. A lower limit"
        " changes no existing booking.",
    ),
]
SaleStartsAt = Annotated[
    TimeInput | None,
    Field(
        description="From when on customers can book it, before date_time; null: at once. A missing"
        " one stays as it is in an edit, unless the event moves to before it."
    ),
]
SaleEndsAt = Annotated[
    TimeInput | None,
    Field(
        description="Until when customers can book it, at the latest date_time; null: until it"
        " starts. A missing one moves with the event in an edit."
    ),
]


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
    category: Category | None = None
    max_tickets_per_customer: MaxTicketsPerCustomer = None
    poster_seed: Annotated[
        int | None,
        Field(
            ge=-(2**31),
            lt=2**31,
            description="What its poster is drawn from. Null: it is chosen by chance for a new"
            " event, and stays as it is in an edit.",
        ),
    ] = None


class NewEvent(EventFields):
    """An event to create."""

    description: Paragraphs = ""
    # This field stands before date_time, because the validator of date_time uses it.
    time_zone: TimeZone
    date_time: TimeInput
    max_tickets_per_booking: MaxTickets = 10
    status: Literal["active", "draft"] = "active"

    sale_starts_at: SaleStartsAt = None
    sale_ends_at: SaleEndsAt = None

    @field_validator("date_time")
    @classmethod
    def _instant(cls, value: datetime, info: ValidationInfo) -> datetime:
        return start_of(value, info.data["time_zone"]) if "time_zone" in info.data else value

    @field_validator("sale_starts_at", "sale_ends_at")
    @classmethod
    def _sale_instant(cls, value: datetime | None, info: ValidationInfo) -> datetime | None:
        zone = info.data.get("time_zone")
        return value if value is None or zone is None else sale_time_of(value, zone)


class EditedEvent(EventFields):
    """All fields of an event as they should become."""

    description: Paragraphs
    # edited_fields() interprets time_zone and date_time, because it knows the current event.
    time_zone: Annotated[
        str,
        Field(
            description="As for a new event, or the event's current name unchanged.",
            examples=["Europe/Berlin"],
        ),
    ]
    date_time: TimeInput
    max_tickets_per_booking: MaxTickets
    sale_starts_at: SaleStartsAt = None
    sale_ends_at: SaleEndsAt = None
    status: EventStatus
    cancellation_reason: Annotated[
        Note | None,
        Field(description="Only together with status cancelled: why, in words for its guests."),
    ] = None


class NewCopies(Input):
    """When the copies of an event start."""

    dates: Annotated[
        list[TimeInput],
        Field(
            min_length=1,
            max_length=100,
            description="Without an offset: the time on the venue's clock.",
            examples=[["2031-05-06T20:00:00", "2031-05-13T20:00:00"]],
        ),
    ]


def start_of(given: datetime, zone: str) -> datetime:
    """Return the instant at which an event starts; without an offset it is given as wall time.

    Raises ValueError for a wall time that does not exist, and for a start too far away.
    """
    instant = instant_in(given, zone)
    if instant >= datetime(2100, 1, 1, tzinfo=UTC):
        raise ValueError("must be before the year 2100")
    return instant


def instant_in(given: datetime, zone: str) -> datetime:
    """Return the instant of a time; without an offset it is given as wall time in the zone.

    Raises ValueError for a wall time that does not exist.
    """
    return instant_of(given, zone) if given.tzinfo is None else given


def sale_time_of(given: datetime, zone: str) -> datetime:
    """Return the instant at which a sale starts or ends, as instant_in() does.

    Raises ValueError for a time that no sale has.
    """
    instant = instant_in(given, zone)
    if not 2000 <= instant.astimezone(UTC).year < 2100:
        raise ValueError("must be within the years 2000 to 2099")
    return instant


def new_fields(event: NewEvent) -> dict[str, Any]:
    """Return the fields by name of column, as create_event() takes them."""
    return event.model_dump(mode="json") | _start(event.date_time, event.time_zone)


def edited_fields(event: EditedEvent, was: asyncpg.Record) -> dict[str, Any]:
    """Return the fields by name of column, as update_event() takes them.

    An event may keep its zone even if that is an old name or an abbreviation, which a new event may
    not have: nobody should have to choose a zone to correct a title, or to cancel. An unchanged
    instant leaves the announced local time alone.
    """
    zone = event.time_zone
    if zone != was["time_zone"]:
        zone = _checked("/time_zone", current_name, zone)
    elif not is_known(zone) and any(
        time is not None and time.tzinfo is None
        for time in (event.date_time, event.sale_starts_at, event.sale_ends_at)
    ):
        raise _invalid("/time_zone", "has no rules here: choose a place, or give all times in UTC")
    # A client of an earlier release leaves out the fields it does not know: they stay as they are.
    fields = event.model_dump(mode="json", exclude_unset=True)
    if event.poster_seed is None:
        fields.pop("poster_seed", None)
    fields |= _sale_times(event, zone)
    if (event.date_time, zone) == (was["date_time"], was["time_zone"]):
        return fields
    return fields | _start(_checked("/date_time", start_of, event.date_time, zone), zone)


def _sale_times(event: EditedEvent, zone: str) -> dict[str, str]:
    """Return the sale times that an edit gives, as instants."""
    return {
        name: _checked(f"/{name}", sale_time_of, value, zone).isoformat()
        for name in ("sale_starts_at", "sale_ends_at")
        if (value := getattr(event, name)) is not None
    }


def copied_starts(given: list[datetime], zone: str) -> list[tuple[datetime, datetime | None]]:
    """Return instants and local times, as copy_event() takes them."""
    starts: list[tuple[datetime, datetime | None]] = []
    for number, date_time in enumerate(given):
        pointer = f"/dates/{number}"
        if date_time.tzinfo is None and not is_known(zone):
            raise _invalid(pointer, "needs an offset: the time zone has no rules here")
        instant = _checked(pointer, start_of, date_time, zone)
        starts.append((instant, wall_time_of(instant, zone) if is_known(zone) else None))
    return starts


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
