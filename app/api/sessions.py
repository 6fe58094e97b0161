"""Signing in and out."""

import ipaddress
import secrets
from typing import Annotated

import asyncpg
from pydantic import Field, StringConstraints
from starlette.requests import Request

from app.api import demo_accounts
from app.data.passwords import Verdict
from app.http.endpoints import Reply, endpoint
from app.http.fields import Input, Output, Phone, TimeOutput
from app.http.identity import COOKIE, SECURE_COOKIE, SignedIn, User, Who, cookie_name, token_hash
from app.http.inputs import Body
from app.http.origins import is_secure
from app.http.problems import Problem
from app.http.services import Services

# Must equal the default of sessions.expires_at.
COOKIE_SECONDS = 30 * 24 * 3600


class SignIn(Input):
    """Phone and password."""

    phone: Phone
    password: Annotated[
        str,
        StringConstraints(min_length=1, max_length=200),
        Field(json_schema_extra={"format": "password"}),
    ]


class Session(Output):
    """The user who is signed in; null: nobody."""

    user: User | None
    expires_at: TimeOutput | None


@endpoint(
    "POST",
    "/sessions",
    who=Who.ANYONE,
    status=201,
    problems=("sign-in-failed", "too-many-attempts"),
    reply_headers=("Set-Cookie",),
)
async def sign_in(services: Services, request: Request, body: Body[SignIn]) -> Reply[Session]:
    """Sign in. Sets the session's cookie."""
    address = _address(request)
    async with services.turn_to_sign_in(address):
        attempt = await services.database.one("begin_sign_in", phone=body.phone, address=address)
    hashed = attempt["password_hash"]
    verdict = await services.passwords.verify(hashed, body.password)
    public = demo_accounts.is_public(body.phone, body.password)
    if verdict is Verdict.WRONG or (public and not services.settings.demo):
        raise _refused()
    token = secrets.token_urlsafe(32)
    begun = await services.database.row(
        "end_sign_in",
        attempt_id=attempt["attempt_id"],
        token_hash=token_hash(token),
        user_id=attempt["user_id"],
        password_hash=hashed,
    )
    if begun is None:
        # The password was changed since it was looked up.
        raise _refused()
    if verdict is Verdict.OUTDATED:
        renewed = await services.passwords.hash(body.password)
        await services.database.row(
            "rehash_password", user_id=attempt["user_id"], old_hash=hashed, new_hash=renewed
        )
    return Reply(
        _session(begun), 201, {"Set-Cookie": _cookie(services, request, token, COOKIE_SECONDS)}
    )


@endpoint("GET", "/sessions/current", who=Who.ANYONE)
async def get_session(caller: SignedIn | None) -> Session:
    """Say who is signed in."""
    if caller is None:
        return Session(user=None, expires_at=None)
    return Session(user=caller, expires_at=caller.expires_at)


@endpoint("DELETE", "/sessions/current", who=Who.ANYONE, status=204, reply_headers=("Set-Cookie",))
async def sign_out(services: Services, request: Request) -> Reply[None]:
    """Sign out."""
    # The session under the other name ends as well. It is from before PUBLIC_URL was set or
    # removed, and it must not become valid when the setting changes again.
    for name in (COOKIE, SECURE_COOKIE):
        if token := request.cookies.get(name):
            await services.database.row("end_session", token_hash=token_hash(token))
    return Reply(None, 204, {"Set-Cookie": _cookie(services, request, "", 0)})


def _refused() -> Problem:
    return Problem("sign-in-failed", "There is no account with this phone and password.")


def _session(row: asyncpg.Record) -> Session:
    return Session(user=User.model_validate(dict(row)), expires_at=row["expires_at"])


def _cookie(services: Services, request: Request, token: str, seconds: int) -> str:
    secure = "; Secure" if is_secure(request.url.scheme, services.settings) else ""
    name = cookie_name(services.settings)
    return f"{name}={token}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _address(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return where the request comes from; a client behind a Unix socket has no address."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "::")
    except ValueError:
        return ipaddress.ip_address("::")
