"""Passwords that people choose: another one for their own account, or one with an admin's code.

No admin chooses or learns the password of somebody else. At the box office an admin makes a code,
and the customer enters it and chooses the password.
"""

import secrets
from typing import Annotated

from pydantic import AfterValidator, Field, StringConstraints
from starlette.requests import Request

from app.api.known_devices import remember_device
from app.api.own_password import confirm_password
from app.api.session_cookies import session_cookie
from app.api.sign_in_attempts import begin_sign_in
from app.data.weak_passwords import OWN_DATA, is_made_of_own_data
from app.http import security_events
from app.http.endpoints import Reply, endpoint
from app.http.fields import CurrentPassword, Id, Input, Output, Password, PhoneOrEmail, TimeOutput
from app.http.identity import SignedIn, Who, token_hash
from app.http.inputs import Body
from app.http.problems import FieldError, Problem
from app.http.services import Services
from app.http.typed_codes import code_hash, new_code, typed_code

# Sixty bits: the hash of a code cannot be reversed within the 15 minutes of its life.
CODE_SYMBOLS = 12


class ChangedPassword(Input):
    """The password that the caller has, and the one that is to replace it."""

    current_password: CurrentPassword
    new_password: Password


class PasswordCode(Output):
    """A code with which a user chooses a password. No other answer shows it."""

    code: str = Field(examples=["4F7K-Q2MX-9B0T"])
    expires_at: TimeOutput = Field(description="Until when the code is valid: for 15 minutes.")


class PasswordByCode(Input):
    """Whose password it is, the code that an admin has made, and the new password."""

    account: PhoneOrEmail
    code: Annotated[
        str,
        StringConstraints(min_length=1, max_length=50),
        AfterValidator(typed_code(CODE_SYMBOLS)),
        Field(description="As an admin has shown it; case and hyphens make no difference."),
    ]
    password: Password


@endpoint(
    "PUT",
    "/account/password",
    who=Who.SIGNED_IN,
    status=204,
    problems=("password-wrong", "too-many-attempts"),
    reply_headers=("Set-Cookie",),
)
async def change_password(
    services: Services, request: Request, caller: SignedIn, body: Body[ChangedPassword]
) -> Reply[None]:
    """Change the caller's password. It ends all other sessions, and this one gets a new token.

    Wrong passwords count as failed sign-ins.
    """
    _refuse_own_data("/new_password", body.new_password, caller.name, caller.phone)
    old_hash = await confirm_password(services, request, caller, body.current_password)
    token = secrets.token_urlsafe(32)
    seconds = await services.database.value(
        "change_own_password",
        user_id=caller.id,
        old_hash=old_hash,
        new_hash=await services.passwords.hash(body.new_password),
        session_id=caller.session_id,
        token_hash=token_hash(token),
    )
    if seconds is None:
        raise Problem("password-wrong", "The password was changed a moment ago.")
    security_events.record(request, "password-changed")
    # A new password makes the account forget all browsers, and this one is still known.
    device_cookie = await remember_device(services, request, caller.id)
    cookie = session_cookie(services, request, token, seconds)
    return Reply(None, 204, cookies=(cookie, device_cookie))


@endpoint(
    "POST",
    "/users/{id}/password-code",
    who=Who.ADMIN,
    confirmed=True,
    status=201,
    problems=("user-not-found", "user-erased"),
)
async def create_password_code(
    services: Services, request: Request, caller: SignedIn, id: Id
) -> PasswordCode:
    """Make a code with which a user chooses a password, in place of an earlier code.

    It is valid once, for 15 minutes, and is in this answer only.
    """
    code = new_code(CODE_SYMBOLS)
    expires_at = await services.database.value(
        "create_password_code", user_id=id, code_hash=code_hash(code), actor_id=caller.id
    )
    security_events.record(request, "password-code-made", of_user_id=id)
    return PasswordCode(code=code, expires_at=expires_at)


@endpoint(
    "PUT",
    "/password-codes",
    who=Who.ANYONE,
    status=204,
    problems=("code-not-valid", "too-many-attempts"),
)
async def use_password_code(
    services: Services, request: Request, body: Body[PasswordByCode]
) -> None:
    """Set the password of an account with the code of an admin, and end all of its sessions.

    Wrong codes count as failed sign-ins.
    """
    attempt = await begin_sign_in(services, request, body.account)
    given = {"user_id": attempt["user_id"], "code_hash": code_hash(body.code)}
    user = await services.database.row("find_password_code", **given)
    if user is None:
        raise Problem("code-not-valid")
    _refuse_own_data("/password", body.password, user["name"], user["phone"])
    hashed = await services.passwords.hash_for_anyone(body.password)
    if not await services.database.value("use_password_code", **given, password_hash=hashed):
        raise Problem("code-not-valid")
    security_events.record(request, "password-changed")


def _refuse_own_data(pointer: str, password: str, name: str, phone: str) -> None:
    if is_made_of_own_data(password, name, phone):
        raise Problem(
            "validation", f"Check: {pointer[1:]}.", errors=[FieldError("body", pointer, OWN_DATA)]
        )
