"""The code that shows whose number it is: it makes an account, or gives the number to one."""

from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints

from app.api.phone_codes import CODE_DIGITS, code_hash
from app.http.endpoints import endpoint
from app.http.fields import MAX_TOKEN_LENGTH, Input
from app.http.identity import User, Who, token_hash
from app.http.inputs import Body
from app.http.problems import Problem
from app.http.services import Services


def _digits(code: str) -> str:
    digits = "".join(code.split())
    if len(digits) != CODE_DIGITS or not (digits.isascii() and digits.isdecimal()):
        raise ValueError(f"must have {CODE_DIGITS} digits")
    return digits


class PhoneVerification(Input):
    """A code as somebody read it on their phone."""

    token: Annotated[
        str,
        StringConstraints(min_length=1, max_length=MAX_TOKEN_LENGTH),
        Field(description="From the answer that said that a code is on its way."),
    ]
    code: Annotated[
        str,
        StringConstraints(min_length=1, max_length=20),
        AfterValidator(_digits),
        Field(description="Six digits; spaces do not matter.", examples=["042 317"]),
    ]
    take_over: bool = Field(
        default=False,
        description="Take the number from the account that has it now. That account keeps its"
        " bookings, and can no longer sign in with the number.",
    )


@endpoint(
    "POST",
    "/phone-verifications",
    who=Who.ANYONE,
    problems=("code-not-valid", "code-wrong", "phone-in-use", "last-admin"),
)
async def verify_phone(services: Services, body: Body[PhoneVerification]) -> User:
    """Enter the code that was sent to a phone, and return the account that has the number now.

    It is the new account of somebody who signs up (this does not sign in), or the account that
    changes its number. A code has five tries. It stays valid when another account has the number:
    the same call with take_over takes it.
    """
    row = await services.database.one(
        "prove_phone",
        token_hash=token_hash(body.token),
        code_hash=code_hash(body.token, body.code),
        take_over=body.take_over,
    )
    match row["outcome"]:
        case "wrong":
            raise Problem("code-wrong", members={"tries_left": row["tries_left"]})
        case "not-valid":
            raise Problem("code-not-valid")
        case "taken":
            raise Problem("phone-in-use")
    return User.model_validate(dict(row))
