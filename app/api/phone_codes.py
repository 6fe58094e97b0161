"""Codes that are sent to a phone: what several resources ask for in the same way."""

import hashlib
import secrets

from pydantic import Field
from starlette.requests import Request

from app.http.fields import Output, TimeOutput
from app.http.hosts import address_of
from app.http.identity import token_hash
from app.http.services import Services

CODE_DIGITS = 6


class PhoneCodeSent(Output):
    """A code is on its way to a phone. POST /api/phone-verifications takes it."""

    phone: str = Field(
        description="E.164: where the code was sent to.", examples=["+4915255123450"]
    )
    token: str = Field(description="What belongs to this code; it is in no other answer.")
    expires_at: TimeOutput = Field(description="Until when the code is valid: for 15 minutes.")


async def send_code(
    services: Services,
    request: Request,
    phone: str,
    *,
    user_id: int | None = None,
    name: str | None = None,
    password_hash: str | None = None,
) -> PhoneCodeSent | None:
    """Have a code sent to a phone, for a user or for somebody who signs up.

    None: nothing is done, because no enabled webhook takes the type phone.code.
    """
    token = secrets.token_urlsafe(32)
    code = f"{secrets.randbelow(10**CODE_DIGITS):0{CODE_DIGITS}}"
    text = (
        f"{code} is your code for Marquee. It is valid for 15 minutes. Give it to nobody: we never"
        " ask for it."
    )
    expires_at = await services.database.value(
        "request_phone_code",
        token_hash=token_hash(token),
        code_hash=code_hash(token, code),
        phone=phone,
        text=text,
        user_id=user_id,
        name=name,
        password_hash=password_hash,
        address=address_of(request),
    )
    if expires_at is None:
        return None
    return PhoneCodeSent(phone=phone, token=token, expires_at=expires_at)


def code_hash(token: str, code: str) -> bytes:
    """Return the hash of a code together with its token.

    Alone, a code of six digits would be found from its hash within a second.
    """
    return hashlib.sha256(f"{token} {code}".encode()).digest()
