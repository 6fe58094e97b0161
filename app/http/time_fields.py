"""Types of fields that hold a time, a date or a time zone."""

import re
from datetime import UTC, date, datetime, time
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    BeforeValidator,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
    computed_field,
)

from app.http.fields import Output, TimeOutput
from app.time_zones import current_name, utc_offset

TimeZone = Annotated[
    str,
    AfterValidator(current_name),
    Field(
        description="IANA name of a place, or UTC; an old name becomes the current one.",
        examples=["Europe/Berlin"],
    ),
]

_DATE_TIME = re.compile(
    r"\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d(:\d\d(\.0+)?)?(?P<offset>[Zz]|[+-]\d\d:\d\d)?"
)


def _date_time(value: object) -> datetime:
    match = _DATE_TIME.fullmatch(value) if isinstance(value, str) else None
    if match is None:
        raise ValueError("must be a time like 2027-03-01T19:00:00Z, in whole seconds")
    try:
        parsed = datetime.fromisoformat(match[0].upper())
        return parsed.astimezone(UTC) if parsed.tzinfo else parsed
    except (ValueError, OverflowError):
        raise ValueError("is a time that does not exist") from None


_DATE_TIME_SCHEMA: dict[str, Any] = {
    "type": "string",
    "description": "RFC 3339, whole seconds; without an offset it is wall time at the venue.",
    "examples": ["2027-03-01T19:00:00Z"],
}
# Aware and in UTC, or naive when no offset was given.
TimeInput = Annotated[datetime, BeforeValidator(_date_time), WithJsonSchema(_DATE_TIME_SCHEMA)]


def _day_or_time(value: str) -> date | datetime:
    if re.fullmatch(r"\d{4}-\d\d-\d\d", value):
        try:
            day = date.fromisoformat(value)
        except ValueError:
            raise ValueError("is a date that does not exist") from None
        if not date(1900, 1, 1) <= day <= date(2199, 12, 31):
            raise ValueError("must lie between 1900 and 2199")
        return day
    return _moment(value)


def _moment(value: str) -> datetime:
    moment = _date_time(value)
    return moment if moment.tzinfo else moment.replace(tzinfo=UTC)


MomentInput = Annotated[
    datetime,
    BeforeValidator(_moment),
    WithJsonSchema(
        {
            "type": "string",
            "description": "RFC 3339, whole seconds; without an offset it is UTC.",
            "examples": ["2027-03-01T19:00:00Z"],
        }
    ),
]

DayOrTimeInput = Annotated[
    date | datetime,
    BeforeValidator(_day_or_time),
    WithJsonSchema(
        {
            "type": "string",
            "description": "A date (the whole day, in each event's zone) or a time (RFC 3339).",
            "examples": ["2027-03-01"],
        }
    ),
]

_TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
_TIME_OF_DAY_SCHEMA: dict[str, Any] = {
    "type": "string",
    "description": "Hours and minutes on the venue's clock.",
    "pattern": _TIME_OF_DAY,
    "examples": ["19:30"],
}
TimeOfDayInput = Annotated[
    str, StringConstraints(pattern=_TIME_OF_DAY), WithJsonSchema(_TIME_OF_DAY_SCHEMA)
]
TimeOfDayOutput = Annotated[
    time,
    PlainSerializer(lambda value: value.strftime("%H:%M"), return_type=str),
    WithJsonSchema(_TIME_OF_DAY_SCHEMA),
]


class Start(Output):
    """When an event starts."""

    date_time: TimeOutput
    time_zone: str = Field(description="IANA name of the venue's time zone.")

    @computed_field(  # type: ignore[prop-decorator]
        description="How far the venue's clocks are ahead of UTC at that time, for a client that"
        " does not know the zone.",
        json_schema_extra={"pattern": r"^[+-]\d\d:\d\d$", "examples": ["+01:00"]},
    )
    @property
    def utc_offset(self) -> str:
        """Return the offset at date_time."""
        return utc_offset(self.date_time, self.time_zone)
