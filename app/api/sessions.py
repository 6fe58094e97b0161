"""Signing in and out."""

import ipaddress
import secrets
from typing import Annotated

import asyncpg
from pydantic import Field, StringConstraints
from starlette.requests import Request

from app.api import demo_accounts
from app.data.passwords import outdated
from app.http.endpoints import Reply, endpoint
from app.http.fields import Answer, Input, Instant, Phone
from app.http.identity import COOKIE, SECURE_COOKIE, SignedIn, User, cookie_name, token_hash
from app.http.origins import is_secure
from app.http.problems import Problem
from app.http.services import Application

# As long as a row of sessions lives.
COOKIE_SECONDS = 30 * 24 * 3600


class SignIn(Input):
    """Phone and password."""

    phone: Phone
    password: Annotated[
        str,
        StringConstraints(min_length=1, max_length=200),
        Field(json_schema_extra={"format": "password"}),
    ]


class Session(Answer):
    """Who is signed in; nobody: null."""

    user: User | None
    expires_at: Instant | None


@endpoint(
    "POST",
    "/sessions",
    status=201,
    problems=("sign-in-failed", "too-many-attempts"),
    reply_headers=("Set-Cookie",),
)
async def sign_in(app: Application, request: Request, body: SignIn) -> Reply[Session]:
    """Sign in. Sets the session's cookie."""
    address = _address(request)
    async with app.sign_in_attempt(address):
        attempt = await app.database.one("begin_sign_in", body.phone, address)
    hashed = attempt["password_hash"]
    right = await app.passwords.verify(hashed, body.password)
    public = demo_accounts.is_public(body.phone, body.password)
    if not right or (public and not app.settings.demo):
        raise _refused()
    token = secrets.token_urlsafe(32)
    begun = await app.database.row(
        "end_sign_in", attempt["attempt_id"], token_hash(token), attempt["user_id"], hashed
    )
    if begun is None:
        # The password was changed since it was looked up.
        raise _refused()
    if outdated(hashed):
        renewed = await app.passwords.hash(body.password)
        await app.database.row("rehash_password", attempt["user_id"], hashed, renewed)
    return Reply(_session(begun), 201, {"Set-Cookie": _cookie(app, request, token, COOKIE_SECONDS)})


@endpoint("GET", "/sessions/current")
async def get_session(viewer: SignedIn | None) -> Session:
    """Say who is signed in."""
    if viewer is None:
        return Session(user=None, expires_at=None)
    return Session(user=viewer, expires_at=viewer.expires_at)


@endpoint("DELETE", "/sessions/current", status=204, reply_headers=("Set-Cookie",))
async def sign_out(app: Application, request: Request) -> Reply[None]:
    """Sign out."""
    # Under the other name as well: that is a session from before PUBLIC_URL was set or removed, and
    # it must not come back to life when the setting changes again.
    for name in (COOKIE, SECURE_COOKIE):
        if token := request.cookies.get(name):
            await app.database.row("end_session", token_hash(token))
    return Reply(None, 204, {"Set-Cookie": _cookie(app, request, "", 0)})


def _refused() -> Problem:
    return Problem("sign-in-failed", "There is no account with this phone and password.")


def _session(row: asyncpg.Record) -> Session:
    return Session(user=User.model_validate(dict(row)), expires_at=row["expires_at"])


def _cookie(app: Application, request: Request, token: str, seconds: int) -> str:
    secure = "; Secure" if is_secure(request.url.scheme, app.settings) else ""
    name = cookie_name(app.settings)
    return f"{name}={token}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"


def _address(request: Request) -> ipaddress.IPv4Address | ipaddress.IPv6Address:
    """Return where the request comes from; a client behind a Unix socket has no address."""
    try:
        return ipaddress.ip_address(request.client.host if request.client else "::")
    except ValueError:
        return ipaddress.ip_address("::")
