"""The second factor: setting it up, giving it, and turning it off. And giving the password again.

A sign-in with a second factor begins a session that may do nothing but give it. What concerns
other people's accounts needs that the password, and the second factor if it is on, were given
within the last 15 minutes: such a call is answered confirmation-required, and POST
/api/account/confirmations gives them again.
"""

import secrets

from pydantic import Field
from starlette.requests import Request

from app.api.factor_codes import (
    FactorCode,
    give_second_factor,
    new_recovery_codes,
    new_secret,
    setup_address,
    step_of,
)
from app.api.known_devices import remember_device
from app.api.own_password import confirm_password
from app.api.session_cookies import session_cookie
from app.api.shapes import Session
from app.http import security_events
from app.http.endpoints import Reply, endpoint
from app.http.fields import CurrentPassword, Id, Input, Output, TimeOutput
from app.http.identity import SignedIn, User, Who, token_hash
from app.http.inputs import Body
from app.http.problems import FieldError, Problem
from app.http.services import Services
from app.http.typed_codes import code_hash

WRONG_CODE = ("second-factor-wrong", "second-factor-off", "too-many-attempts")


class GivenFactor(Input):
    """The code of the second factor."""

    code: FactorCode


class Confirmation(Input):
    """The caller's password again, and the second factor if it is on."""

    password: CurrentPassword
    code: FactorCode | None = Field(
        default=None, description="Required if the second factor is on, and ignored otherwise."
    )


class SecondFactor(Output):
    """The state of the caller's second factor."""

    since: TimeOutput | None = Field(description="Since when it is on. null: it is off.")
    recovery_codes: int = Field(description="How many recovery codes are left.")
    required: bool = Field(description="Whether the caller may do nothing without one.")


class SecondFactorSetup(Output):
    """What an authenticator app needs. The factor is on once a code of the app was entered."""

    secret: str = Field(description="To be typed into the app, in base32.")
    address: str = Field(
        description="To be scanned by the app as a QR code.", examples=["otpauth://totp/..."]
    )


class RecoveryCodes(Output):
    """Codes that replace the app once each. No other answer shows them."""

    recovery_codes: list[str] = Field(examples=[["4F7K-Q2MX-9B0T-4F7K-Q2MX-9B0T"]])


@endpoint(
    "POST",
    "/sessions/current/second-factor",
    who=Who.SIGNED_IN,
    before_second_factor=True,
    before_setup=True,
    problems=WRONG_CODE,
    reply_headers=("Set-Cookie",),
)
async def give_factor(
    services: Services, request: Request, caller: SignedIn, body: Body[GivenFactor]
) -> Reply[Session]:
    """Finish a sign-in with the second factor. The session gets a new token.

    Wrong codes count as failed sign-ins.
    """
    await give_second_factor(services, request, caller, body.code)
    cookie = await _renewed(services, request, caller, with_factor=True)
    security_events.record(request, "sign-in-succeeded")
    device_cookie = await remember_device(services, request, caller.id)
    user = User.model_validate(caller.model_dump())
    session = Session(user=user, expires_at=caller.expires_at, door=None, second_factor=None)
    return Reply(session, cookies=(cookie, device_cookie))


@endpoint(
    "POST",
    "/account/confirmations",
    who=Who.SIGNED_IN,
    before_setup=True,
    status=204,
    problems=("password-wrong", *WRONG_CODE),
    reply_headers=("Set-Cookie",),
)
async def confirm(
    services: Services, request: Request, caller: SignedIn, body: Body[Confirmation]
) -> Reply[None]:
    """Give the password and the second factor again: enough for 15 minutes in this session.

    The session gets a new token. Wrong passwords and codes count as failed sign-ins.
    """
    if caller.gave_second_factor and body.code is None:
        missing = FieldError("body", "/code", "Field required")
        raise Problem("validation", "Check: code.", errors=[missing])
    await confirm_password(services, request, caller, body.password)
    if caller.gave_second_factor and body.code is not None:
        await give_second_factor(services, request, caller, body.code)
    cookie = await _renewed(services, request, caller, with_factor=caller.gave_second_factor)
    return Reply(None, 204, {"Set-Cookie": cookie})


@endpoint("GET", "/account/second-factor", who=Who.SIGNED_IN, before_setup=True)
async def get_second_factor(services: Services, caller: SignedIn) -> SecondFactor:
    """Say whether the caller's second factor is on."""
    row = await services.database.row("get_second_factor", user_id=caller.id)
    return SecondFactor(
        since=row["since"] if row else None,
        recovery_codes=row["recovery_codes"] if row else 0,
        required=caller.is_admin and services.settings.requires_second_factor,
    )


@endpoint(
    "POST",
    "/account/second-factor",
    who=Who.SIGNED_IN,
    before_setup=True,
    confirmed=True,
    status=201,
    problems=("second-factor-on",),
)
async def begin_second_factor(services: Services, caller: SignedIn) -> SecondFactorSetup:
    """Begin to set up a second factor. It is on once PUT has given a code of the app."""
    secret = new_secret()
    if not await services.database.value(
        "begin_second_factor_setup", user_id=caller.id, secret=secret
    ):
        raise Problem("second-factor-on")
    return SecondFactorSetup(secret=secret, address=setup_address(secret, caller.phone))


@endpoint(
    "PUT",
    "/account/second-factor",
    who=Who.SIGNED_IN,
    before_setup=True,
    confirmed=True,
    problems=("second-factor-wrong", "second-factor-off"),
    reply_headers=("Set-Cookie",),
)
async def enable_second_factor(
    services: Services, request: Request, caller: SignedIn, body: Body[GivenFactor]
) -> Reply[RecoveryCodes]:
    """Turn the second factor on with a code of the app, which ends all other sessions.

    The session gets a new token. The recovery codes are in this answer only.
    """
    secret = await services.database.value("find_second_factor_setup", user_id=caller.id)
    if secret is None:
        raise Problem("second-factor-off", "Begin to set it up first.")
    step = step_of(secret, body.code)
    if step is None:
        raise Problem("second-factor-wrong")
    codes = new_recovery_codes()
    token = secrets.token_urlsafe(32)
    seconds = await services.database.value(
        "enable_second_factor",
        user_id=caller.id,
        secret=secret,
        step=step,
        code_hashes=[code_hash(code) for code in codes],
        session_id=caller.session_id,
        token_hash=token_hash(token),
    )
    if seconds is None:
        raise Problem("second-factor-off", "Begin to set it up again.")
    security_events.record(request, "second-factor-on")
    cookie = session_cookie(services, request, token, seconds)
    return Reply(RecoveryCodes(recovery_codes=codes), headers={"Set-Cookie": cookie})


@endpoint("DELETE", "/account/second-factor", who=Who.SIGNED_IN, confirmed=True, status=204)
async def disable_second_factor(services: Services, request: Request, caller: SignedIn) -> None:
    """Turn the caller's second factor off."""
    await services.database.value("remove_second_factor", user_id=caller.id, actor_id=caller.id)
    security_events.record(request, "second-factor-off")


@endpoint(
    "POST",
    "/account/recovery-codes",
    who=Who.SIGNED_IN,
    confirmed=True,
    status=201,
    problems=("second-factor-off",),
)
async def replace_recovery_codes(
    services: Services, request: Request, caller: SignedIn
) -> RecoveryCodes:
    """Make new recovery codes. The earlier ones end."""
    codes = new_recovery_codes()
    hashes = [code_hash(code) for code in codes]
    if not await services.database.value(
        "replace_recovery_codes", user_id=caller.id, code_hashes=hashes
    ):
        raise Problem("second-factor-off")
    security_events.record(request, "recovery-codes-made")
    return RecoveryCodes(recovery_codes=codes)


@endpoint(
    "DELETE",
    "/users/{id}/second-factor",
    who=Who.ADMIN,
    confirmed=True,
    status=204,
    problems=("user-not-found",),
)
async def reset_second_factor(
    services: Services, request: Request, caller: SignedIn, id: Id
) -> None:
    """Turn a user's second factor off, for a user who has lost it, and end the user's sessions.

    The admin must have made sure who it is: the password alone then signs in.
    """
    await services.database.value("remove_second_factor", user_id=id, actor_id=caller.id)
    security_events.record(request, "second-factor-reset", of_user_id=id)


async def _renewed(
    services: Services, request: Request, caller: SignedIn, *, with_factor: bool
) -> str:
    """Give the session of the call a new token, and return its cookie."""
    token = secrets.token_urlsafe(32)
    seconds = await services.database.value(
        "renew_session",
        session_id=caller.session_id,
        user_id=caller.id,
        token_hash=token_hash(token),
        with_factor=with_factor,
    )
    if seconds is None:
        raise Problem("not-signed-in")
    return session_cookie(services, request, token, seconds)
