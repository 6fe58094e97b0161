"""Types of fields that several resources share; the CHECKs in sql/ keep the same limits."""

import re
import unicodedata
from collections.abc import Callable
from datetime import UTC, date, datetime, time
from decimal import Decimal
from typing import Annotated, Any

import phonenumbers
from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
    computed_field,
)

from app.data.passwords import normalised
from app.time_zones import current_name, utc_offset

MAX_ID = 2**63 - 1

# The same characters as is_blank() in sql/functions/text.sql.
BLANK = (
    "\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ONLY_BLANK = re.compile(f"[{BLANK}]*")
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f]")
_CONTROL_BUT_LINES = re.compile("[\u0000-\u0008\u000b-\u001f\u007f-\u009f]")


class Input(BaseModel):
    """A part of a request. Unknown fields and other types than the declared ones are refused."""

    model_config = ConfigDict(extra="forbid", strict=True)


class Output(BaseModel):
    """A part of a response."""

    model_config = ConfigDict(json_schema_serialization_defaults_required=True)


def _normalised(text: str) -> str:
    return unicodedata.normalize("NFC", text).strip()


def _one_line(most: int) -> Callable[[str], str]:
    def check(text: str) -> str:
        if _ONLY_BLANK.fullmatch(text):
            raise ValueError("must not be blank")
        if _CONTROL.search(text):
            raise ValueError("must be one line without control characters")
        if len(text) > most:
            raise ValueError(f"must have at most {most} characters")
        return text

    return check


def _paragraphs(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if _CONTROL_BUT_LINES.search(text):
        raise ValueError("must not hold control characters")
    if len(text) > 10_000:
        raise ValueError("must have at most 10,000 characters")
    return text


# These are trimmed and put into Unicode's composed form. The text is otherwise kept as written.
Line = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_one_line(200)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
Note = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_one_line(500)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500}),
]
Paragraphs = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_paragraphs),
    WithJsonSchema({"type": "string", "maxLength": 10_000}),
]


def _search(text: str) -> str | None:
    text = _normalised(text)
    if "\u0000" in text:
        raise ValueError("must not hold control characters")
    return None if _ONLY_BLANK.fullmatch(text) else text


SearchText = Annotated[
    str,
    StringConstraints(max_length=100),
    AfterValidator(_search),
    Field(description="Parts of words, in any order."),
]


def _customer_search(text: str | None) -> str | None:
    """Find a phone, which is stored in E.164, by any part of it as people write it."""
    if text is None or not re.fullmatch(r"[0-9\s()+./-]*", text):
        return text
    digits = re.sub(r"[^0-9]", "", text.replace("(0)", ""))
    without_prefix = digits.lstrip("0")
    # Fewer digits are more likely the end of a phone number, where zeros count.
    return without_prefix if len(without_prefix) >= 4 else digits or text


CustomerSearch = Annotated[
    SearchText, AfterValidator(_customer_search), Field(description="Part of a name or phone.")
]

Id = Annotated[int, Field(ge=1, le=MAX_ID)]


def _money(value: object) -> Decimal:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,8}(\.[0-9]{1,2})?", value):
        raise ValueError('must be a decimal string like "25.00", from 0.00 to 99999999.99')
    return Decimal(value)


def _two_places(value: Decimal) -> str:
    return f"{value:.2f}"


_MONEY_SCHEMA = {"type": "string", "pattern": r"^\d{1,8}(\.\d{1,2})?$", "examples": ["25.00"]}
PriceInput = Annotated[Decimal, BeforeValidator(_money), WithJsonSchema(_MONEY_SCHEMA)]


def _total(value: object) -> Decimal:
    if not isinstance(value, str) or not re.fullmatch(r"[0-9]{1,10}(\.[0-9]{1,2})?", value):
        raise ValueError('must be a decimal string like "50.00"')
    return Decimal(value)


TotalInput = Annotated[
    Decimal,
    BeforeValidator(_total),
    WithJsonSchema({"type": "string", "pattern": r"^\d{1,10}(\.\d{1,2})?$", "examples": ["50.00"]}),
]

MoneyOutput = Annotated[
    Decimal,
    PlainSerializer(_two_places, return_type=str),
    WithJsonSchema({"type": "string", "pattern": r"^\d+\.\d\d$", "examples": ["25.00"]}),
]


def _phone(value: str, info: ValidationInfo) -> str:
    region = (info.context or {}).get("region")
    try:
        number = phonenumbers.parse(value, region)
    except phonenumbers.NumberParseException:
        raise ValueError("is not a phone number") from None
    if not phonenumbers.is_possible_number(number):
        raise ValueError("is not a possible phone number")
    written = phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
    if not re.fullmatch(r"\+[1-9][0-9]{4,14}", written):
        raise ValueError("is not a possible phone number")
    return written


Phone = Annotated[
    str,
    StringConstraints(min_length=1, max_length=50),
    AfterValidator(_phone),
    Field(description="As people write it; stored in E.164.", examples=["+49 1525 5512345"]),
]

# Counted in the form that is hashed: ü is one character, however a keyboard writes it.
Password = Annotated[
    str,
    AfterValidator(normalised),
    StringConstraints(min_length=8, max_length=200),
    Field(description="At least 8 characters.", json_schema_extra={"format": "password"}),
]

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

# Times in outputs are aware and in UTC, which pydantic writes with Z.
TimeOutput = Annotated[datetime, WithJsonSchema({"type": "string", "format": "date-time"})]


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
