"""Signing in and out, one's own sessions, and phones that a door pass has opened."""

import secrets
from datetime import UTC, datetime
from typing import Annotated

from pydantic import Field, StringConstraints
from starlette.requests import Request

from app.api import demo_accounts
from app.api.known_devices import remember_device
from app.api.session_cookies import session_cookie
from app.api.shapes import DoorAccess, Session
from app.api.sign_in_attempts import begin_sign_in
from app.data.passwords import Verdict
from app.http import security_events
from app.http.browsers import browser_words
from app.http.endpoints import Reply, endpoint
from app.http.fields import Id, Input, Output, Phone, PhoneOrEmail, TimeOutput
from app.http.hosts import address_of
from app.http.identity import COOKIE, SECURE_COOKIE, SignedIn, User, Who, token_hash
from app.http.inputs import Body
from app.http.problems import FieldError, Problem
from app.http.scopes import EventOf, Grant
from app.http.services import Services
from app.http.tokens import DOOR_PREFIX, find_pass_session


class SignIn(Input):
    """Phone or mail address, and password."""

    phone: Phone | None = Field(default=None, description="Or account.")
    account: PhoneOrEmail | None = Field(
        default=None,
        description="Instead of phone: the phone or the verified mail address of the account.",
    )
    password: Annotated[
        str,
        StringConstraints(min_length=1, max_length=200),
        Field(json_schema_extra={"format": "password"}),
    ]


class NewDoorSession(Input):
    """The secret of a door pass."""

    secret: Annotated[
        str,
        StringConstraints(max_length=200, pattern="^[!-~]+$"),
        Field(alias="pass", json_schema_extra={"format": "password"}),
    ]


class OwnSession(Output):
    """One of the sessions of the caller."""

    id: Id
    is_current: bool = Field(description="Whether this call was made with it.")
    created_at: TimeOutput = Field(description="When the sign-in was.")
    last_seen_at: TimeOutput = Field(description="When it was last used, up to five minutes late.")
    network: str | None = Field(
        description="Where the sign-in came from: an IPv4 address or an IPv6 network. null: not"
        " known.",
        examples=["192.0.2.7", "2001:db8:1:2::/64"],
    )
    browser: str | None = Field(
        description="What the sign-in came from, in a few words. null: not known.",
        examples=["Firefox on Android"],
    )


class OwnSessions(Output):
    """The sessions of the caller, the last used first."""

    items: list[OwnSession]


@endpoint(
    "POST",
    "/sessions",
    who=Who.ANYONE,
    status=201,
    problems=("sign-in-failed", "too-many-attempts"),
    reply_headers=("Set-Cookie",),
)
async def sign_in(services: Services, request: Request, body: Body[SignIn]) -> Reply[Session]:
    """Sign in. Sets the session's cookie.

    Where the second factor is on, user is null, and the session may do nothing but give it.
    """
    attempt = await begin_sign_in(services, request, _account(body))
    hashed = attempt["password_hash"]
    verdict = await services.passwords.verify(hashed, body.password)
    public = demo_accounts.is_public(attempt["phone"], body.password)
    if verdict is Verdict.WRONG or (public and not services.settings.demo):
        raise _refused()
    token = secrets.token_urlsafe(32)
    begun = await services.database.row(
        "end_sign_in",
        attempt_id=attempt["attempt_id"],
        token_hash=token_hash(token),
        user_id=attempt["user_id"],
        password_hash=hashed,
        address=address_of(request),
        browser=browser_words(request.headers.get("user-agent")),
    )
    if begun is None:
        # The password was changed, or the account disabled, since it was looked up.
        raise _refused()
    if verdict is Verdict.OUTDATED:
        renewed = await services.passwords.hash(body.password)
        await services.database.row(
            "rehash_password", user_id=attempt["user_id"], old_hash=hashed, new_hash=renewed
        )
    # The browser forgets the session that it had. Anyone who has a copy of its token is out, too.
    await _end_sessions_of(services, request)
    security_events.about(request, user_id=begun["id"])
    cookie = session_cookie(services, request, token, begun["lasts_seconds"])
    if begun["awaits_second_factor"]:
        security_events.record(request, "second-factor-asked")
        return Reply(_awaiting(begun["expires_at"]), 201, cookies=(cookie,))
    security_events.record(request, "sign-in-succeeded")
    device_cookie = await remember_device(services, request, begun["id"])
    user = SignedIn.model_validate(dict(begun))
    return Reply(_session(services, user), 201, cookies=(cookie, device_cookie))


@endpoint(
    "GET",
    "/sessions/current",
    who=Who.ANYONE,
    scopes=("door",),
    event_of=EventOf.HANDLER,
    before_second_factor=True,
    before_setup=True,
)
async def get_session(services: Services, caller: SignedIn | None) -> Session:
    """Say who is signed in."""
    if caller is None:
        return Session(user=None, expires_at=None, door=None, second_factor=None)
    if caller.grant is not None:
        door = _door(caller.grant)
        return Session(user=None, expires_at=caller.expires_at, door=door, second_factor=None)
    if caller.awaits_second_factor:
        return _awaiting(caller.expires_at)
    return _session(services, caller)


@endpoint(
    "DELETE",
    "/sessions/current",
    who=Who.ANYONE,
    status=204,
    reply_headers=("Set-Cookie",),
    before_second_factor=True,
    before_setup=True,
)
async def sign_out(services: Services, request: Request, caller: SignedIn | None) -> Reply[None]:
    """Sign out."""
    await _end_sessions_of(services, request)
    if caller is not None:
        security_events.record(request, "sign-out")
    return Reply(None, 204, {"Set-Cookie": session_cookie(services, request, "", 0)})


@endpoint("GET", "/sessions", who=Who.SIGNED_IN)
async def list_sessions(services: Services, caller: SignedIn) -> OwnSessions:
    """List the caller's sessions, at most a hundred, the last used first."""
    rows = await services.database.rows("list_sessions", user_id=caller.id)
    return OwnSessions(
        items=[OwnSession(is_current=row["id"] == caller.session_id, **dict(row)) for row in rows]
    )


@endpoint("DELETE", "/sessions", who=Who.SIGNED_IN, status=204)
async def end_other_sessions(services: Services, caller: SignedIn) -> None:
    """End all sessions of the caller but the one of this call."""
    await services.database.row(
        "end_other_sessions", user_id=caller.id, session_id=caller.session_id
    )


@endpoint(
    "DELETE", "/sessions/{id}", who=Who.SIGNED_IN, status=204, problems=("session-not-found",)
)
async def end_session(services: Services, caller: SignedIn, id: Id) -> None:
    """End one of the caller's sessions."""
    if not await services.database.value("end_own_session", session_id=id, user_id=caller.id):
        raise Problem("session-not-found")


@endpoint(
    "POST",
    "/door-sessions",
    who=Who.ANYONE,
    status=201,
    problems=("pass-not-valid",),
    reply_headers=("Set-Cookie",),
)
async def open_door(
    services: Services, request: Request, body: Body[NewDoorSession]
) -> Reply[Session]:
    """Begin the session of a phone with a door pass. Sets the session's cookie.

    The session checks in tickets of one event and may do nothing else. It ends with its pass.
    """
    token = DOOR_PREFIX + secrets.token_urlsafe(32)
    async with services.turn_to_sign_in(address_of(request)):
        begun = await services.database.value(
            "begin_pass_session",
            pass_hash=token_hash(body.secret),
            token_hash=token_hash(token),
        )
    found = begun and await find_pass_session(services, token_hash(token))
    if not found:
        raise Problem("pass-not-valid")
    await _end_sessions_of(services, request)
    seconds = int((found["expires_at"] - datetime.now(UTC)).total_seconds())
    door = DoorAccess(event_id=found["event_id"], name=found["token_name"])
    return Reply(
        Session(user=None, expires_at=found["expires_at"], door=door, second_factor=None),
        201,
        {"Set-Cookie": session_cookie(services, request, token, seconds)},
    )


async def _end_sessions_of(services: Services, request: Request) -> None:
    """End the session of the request's cookie.

    The session under the other name ends as well. It is from before PUBLIC_URL was set or removed,
    and it must not become valid when the setting changes again.
    """
    for name in (COOKIE, SECURE_COOKIE):
        if token := request.cookies.get(name):
            end = "end_pass_session" if token.startswith(DOOR_PREFIX) else "end_session"
            await services.database.row(end, token_hash=token_hash(token))


def _door(grant: Grant) -> DoorAccess | None:
    if not grant.is_pass or grant.event_id is None:
        return None
    return DoorAccess(event_id=grant.event_id, name=grant.token_name)


def _account(body: SignIn) -> str:
    """Return whose password it is: what was given of phone and account, which must be one."""
    if body.phone is not None and body.account is None:
        return body.phone
    if body.account is not None and body.phone is None:
        return body.account
    pointer, detail = (
        ("/account", "leave it out, or phone") if body.phone else ("/phone", "Field required")
    )
    raise Problem(
        "validation", f"Check: {pointer[1:]}.", errors=[FieldError("body", pointer, detail)]
    )


def _refused() -> Problem:
    return Problem(
        "sign-in-failed", "There is no account with this phone or mail address and this password."
    )


def _session(services: Services, user: SignedIn) -> Session:
    lacks = user.lacks_second_factor(services.settings)
    return Session(
        user=User.model_validate(user.model_dump()),
        expires_at=user.expires_at,
        door=None,
        second_factor="missing" if lacks else None,
    )


def _awaiting(expires_at: datetime) -> Session:
    return Session(user=None, expires_at=expires_at, door=None, second_factor="required")
