"""POST /phone-readings: how a phone number is understood, before it is sent."""

import phonenumbers
from pydantic import Field

from app.http.endpoints import endpoint
from app.http.fields import Input, Output, Phone
from app.http.identity import Who
from app.http.inputs import Body


class TypedPhone(Input):
    """A phone number as somebody types it."""

    phone: Phone


class PhoneReading(Output):
    """A phone number as it is understood."""

    phone: str = Field(description="In E.164, as it would be stored.", examples=["+4915255512345"])
    region: str | None = Field(
        description="ISO 3166 code of its country. null: it belongs to none.", examples=["DE"]
    )
    usual: bool = Field(description="Whether the numbering plan of its country has such numbers.")


@endpoint("POST", "/phone-readings", who=Who.ANYONE)
async def read_phone(body: Body[TypedPhone]) -> PhoneReading:
    """Say how a phone number is understood. It is not stored, and no account is looked up."""
    number = phonenumbers.parse(body.phone)
    # A number that no plan knows has only the country of its code.
    region = phonenumbers.region_code_for_number(
        number
    ) or phonenumbers.region_code_for_country_code(number.country_code or 0)
    return PhoneReading(
        phone=body.phone,
        # 001 stands for codes of the whole world, ZZ for codes that nobody has.
        region=None if region in {"001", "ZZ"} else region,
        usual=phonenumbers.is_valid_number(number),
    )
