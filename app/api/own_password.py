"""The caller's password again, before what somebody at an unlocked computer may not do."""

from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.requests import Request

from app.api.known_devices import device_hash
from app.data.passwords import Verdict
from app.http import security_events
from app.http.hosts import address_of
from app.http.identity import SignedIn
from app.http.problems import FieldError, Problem
from app.http.services import Services

OwnPassword = Annotated[
    Annotated[str, StringConstraints(max_length=200)] | None,
    Field(
        description="The caller's password. Required if the account has one, and it was not given a"
        " short time ago.",
        json_schema_extra={"format": "password"},
    ),
]


async def require_confirmation(
    services: Services, request: Request, caller: SignedIn, password: str | None
) -> None:
    """Raise Problem unless the caller has given the password, here or a short time ago.

    A password here is not enough where the second factor is on.
    """
    if password is None or caller.gave_second_factor:
        caller.require_confirmation()
    if password is not None:
        await confirm_password(services, request, caller, password)


async def confirm_password(
    services: Services, request: Request, caller: SignedIn, password: str | None
) -> str:
    """Return the hash of the password; raise Problem unless it is the caller's, who has one.

    Failures count as failed sign-ins.
    """
    if not password:
        missing = FieldError("body", "/password", "Field required")
        raise Problem("validation", "Check: password.", errors=[missing])
    address = address_of(request)
    security_events.about(request, account=caller.phone, attempt="sign-in")
    async with services.turn_to_sign_in(address):
        attempt = await services.database.one(
            "begin_confirmation",
            user_id=caller.id,
            address=address,
            device_hash=device_hash(request, services.settings),
        )
    hashed = attempt["password_hash"]
    if await services.passwords.verify(hashed, password) is not Verdict.WRONG:
        confirmed = await services.database.value(
            "confirm_password",
            attempt_id=attempt["attempt_id"],
            user_id=caller.id,
            password_hash=hashed,
        )
        if confirmed:
            return str(hashed)
    raise Problem("password-wrong", "This is not your password.")
