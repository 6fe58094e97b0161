"""Types of fields that several resources share; the CHECKs in sql/ keep the same limits."""

import re
import unicodedata
from collections.abc import Callable
from datetime import datetime
from typing import Annotated

import phonenumbers
from email_validator import EmailNotValidError, validate_email
from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    StringConstraints,
    ValidationInfo,
    WithJsonSchema,
)

from app.data.passwords import normalised
from app.data.weak_passwords import OWN_DATA, is_made_of_own_data, weakness

MAX_ID = 2**63 - 1

# The same characters as is_blank() in sql/functions/text.sql.
BLANK = (
    "\u0001-\u0020\u007f-\u00a0\u00ad\u034f\u061c\u115f\u1160\u1680\u17b4\u17b5\u180b-\u180f"
    "\u2000-\u200f\u2028-\u202f\u205f-\u206f\u2800\u3000\u3164\ufe00-\ufe0f\ufeff\uffa0"
    "\ufff0-\ufff8\U0001bca0-\U0001bca3\U0001d173-\U0001d17a\U000e0000-\U000e0fff"
)
_ONLY_BLANK = re.compile(f"[{BLANK}]*")
_CONTROL = re.compile("[\u0000-\u001f\u007f-\u009f]")
# The same characters as has_direction_overrides() in sql/functions/text.sql.
_DIRECTION_OVERRIDES = re.compile("[\u202a-\u202e\u2066-\u2069]")
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


def _shown_in_order(text: str) -> str:
    if _DIRECTION_OVERRIDES.search(text):
        raise ValueError("must not hold characters that change the direction of writing")
    return text


def _paragraphs(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if _CONTROL_BUT_LINES.search(text):
        raise ValueError("must not hold control characters")
    if len(text) > 10_000:
        raise ValueError("must have at most 10,000 characters")
    return text


# A Line is a name by which people recognise somebody or something.
# These are trimmed and put into Unicode's composed form. The text is otherwise kept as written.
Line = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_one_line(200)),
    AfterValidator(_shown_in_order),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 200}),
]
Note = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_one_line(500)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 500}),
]
Category = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_one_line(40)),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 40}),
]
Paragraphs = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_paragraphs),
    WithJsonSchema({"type": "string", "maxLength": 10_000}),
]


def _message(text: str) -> str:
    text = text.replace("\r\n", "\n")
    if _ONLY_BLANK.fullmatch(text):
        raise ValueError("must not be blank")
    if _CONTROL.search(text.replace("\n", "")):
        raise ValueError("must not hold control characters")
    if len(text) > 1000:
        raise ValueError("must have at most 1,000 characters")
    return text


MessageText = Annotated[
    str,
    AfterValidator(_normalised),
    AfterValidator(_message),
    WithJsonSchema({"type": "string", "minLength": 1, "maxLength": 1000}),
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

CategoryFilter = Annotated[
    str,
    StringConstraints(max_length=40),
    AfterValidator(_search),
    Field(description="Only events of this category, however its letters are written."),
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

# Times in outputs are aware and in UTC, which pydantic writes with Z.
TimeOutput = Annotated[datetime, WithJsonSchema({"type": "string", "format": "date-time"})]


def phone_number(value: str, info: ValidationInfo) -> str:
    """Return a phone number in E.164; raise ValueError when it is none."""
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
    AfterValidator(phone_number),
    Field(description="As people write it; stored in E.164.", examples=["+49 1525 5512345"]),
]


def _complete(value: str) -> str:
    number = phonenumbers.parse(value)
    region = phonenumbers.region_code_for_country_code(number.country_code or 0)
    usual = phonenumbers.example_number_for_type(region, phonenumbers.PhoneNumberType.MOBILE)
    digits = phonenumbers.national_significant_number(number)
    if usual is None or phonenumbers.is_valid_number(number):
        return value
    # The plans change, and a number that they do not know may be right. One that is shorter as
    # well has lost digits.
    if len(digits) < len(phonenumbers.national_significant_number(usual)):
        raise ValueError("is too short for a phone number of its country")
    return value


# Of an account to be made. Accounts from before this check sign in with what they have.
NewPhone = Annotated[Phone, AfterValidator(_complete)]


def _hard_to_guess(password: str) -> str:
    if reason := weakness(password):
        raise ValueError(reason)
    return password


def email_address(value: str) -> str:
    """Return a mail address in small letters; raise ValueError when it is none.

    RFC 5321 lets a mail server tell small letters from capitals, and none does. With one form, an
    account is found however the address is typed. A domain in other letters becomes punycode, and
    what stands before the @ is ASCII, because not every mail server takes other letters.
    """
    try:
        valid = validate_email(value.strip(), check_deliverability=False, allow_smtputf8=False)
    except EmailNotValidError:
        raise ValueError("is not a mail address") from None
    return (valid.ascii_email or valid.normalized).lower()


Email = Annotated[
    str,
    StringConstraints(min_length=1, max_length=254),
    AfterValidator(email_address),
    Field(description="Kept in small letters.", examples=["ana@example.org"]),
]


def _phone_or_email(value: str, info: ValidationInfo) -> str:
    return email_address(value) if "@" in value else phone_number(value, info)


PhoneOrEmail = Annotated[
    str,
    StringConstraints(min_length=1, max_length=254),
    AfterValidator(_phone_or_email),
    Field(
        description="The phone or the verified mail address of the account.",
        examples=["+49 1525 5512345", "ana@example.org"],
    ),
]

# Counted in the form that is hashed: ü is one character, however a keyboard writes it.
Password = Annotated[
    str,
    AfterValidator(normalised),
    StringConstraints(min_length=8, max_length=200),
    AfterValidator(_hard_to_guess),
    Field(
        description="At least 8 characters. Common passwords are refused, and those that are made"
        " of the account's own name or phone number.",
        json_schema_extra={"format": "password"},
    ),
]


def without_own_data(password: str | None, validated: ValidationInfo) -> str | None:
    """Refuse a password that is made of the name and phone number beside it."""
    own = {field: validated.data.get(field, "") for field in ("name", "phone")}
    if password is not None and is_made_of_own_data(password, **own):
        raise ValueError(OWN_DATA)
    return password


# Of somebody who has one: it is compared as it was typed.
CurrentPassword = Annotated[
    str,
    StringConstraints(min_length=1, max_length=200),
    Field(json_schema_extra={"format": "password"}),
]

MAX_TOKEN_LENGTH = 100

LinkToken = Annotated[
    str,
    StringConstraints(min_length=1, max_length=MAX_TOKEN_LENGTH),
    Field(description="The secret in the link of a mail, after token=."),
]
