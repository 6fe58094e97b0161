"""The caller: who sends the cookie of a session or a token, and whether they may call.

A request with `Authorization: Bearer` is decided by the token alone. Its cookie is not looked at.
"""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from enum import Enum, auto
from typing import Literal

import asyncpg
from pydantic import Field
from starlette.requests import Request

from app.http import security_events
from app.http.fields import Id, Output, TimeOutput
from app.http.hosts import is_secure
from app.http.problems import Problem
from app.http.scopes import Admits, Grant
from app.http.services import Services
from app.http.tokens import DOOR_PREFIX, bearer_secret, find_pass_session, find_token
from app.settings import Settings

COOKIE = "session"
# Browsers take a cookie of this name only over https and from this host itself, so that neither a
# sub-domain nor somebody on the network can plant one (RFC 6265bis).
SECURE_COOKIE = "__Host-session"

Role = Literal["customer", "admin"]


class Who(Enum):
    """Who may call an endpoint."""

    ANYONE = auto()
    SIGNED_IN = auto()
    ADMIN = auto()


class User(Output):
    """A customer or an admin."""

    id: Id
    name: str
    phone: str | None = Field(
        description="E.164; null: the user is erased.", examples=["+4915255123450"]
    )
    role: Role
    created_at: TimeOutput

    @property
    def is_admin(self) -> bool:
        """Whether they run events."""
        return self.role == "admin"


class SignedIn(User):
    """A user with a session, who is not erased; or a token or pass that acts for an admin."""

    phone: str
    expires_at: datetime
    session_id: int | None = None
    # Whether the password, and the second factor if it is on, were given a short time ago.
    is_confirmed: bool = Field(default=False, exclude=True)
    # Whether the session has only the password, of a user whose second factor is on.
    awaits_second_factor: bool = Field(default=False, exclude=True)
    gave_second_factor: bool = Field(default=False, exclude=True)
    # None: a person who may do all that their role allows.
    grant: Grant | None = Field(default=None, exclude=True)

    def lacks_second_factor(self, settings: Settings) -> bool:
        """Say whether this is an admin in person who must set up a second factor first."""
        must_have = self.is_admin and self.grant is None and settings.requires_second_factor
        return must_have and not self.gave_second_factor

    def require_confirmation(self) -> None:
        """Raise Problem unless the caller has given the password a short time ago."""
        if not self.is_confirmed:
            raise Problem(
                "confirmation-required", members={"second_factor": self.gave_second_factor}
            )

    def keep_to(self, event_id: int) -> None:
        """Raise Problem when the caller's token or pass is for another event."""
        if self.grant is not None and (refusal := self.grant.refusal_for(event_id)):
            raise Problem("not-allowed", refusal)


@dataclass(frozen=True)
class FactorRule:
    """What a call needs beside the right role.

    `before_second_factor`: a session may make it that has only the password yet.
    `before_setup`: an admin may make it who must set up a second factor and has none.
    `confirmed`: the password, and the second factor if it is on, must have been given a short time
    ago.
    """

    before_second_factor: bool = False
    before_setup: bool = False
    confirmed: bool = False

    def refusal(self, caller: SignedIn, settings: Settings) -> str | None:
        """Return the type of the problem of a caller who may not call yet."""
        if caller.awaits_second_factor and not self.before_second_factor:
            return "second-factor-required"
        # A session with only the password belongs to a user with a second factor: ask for it first.
        lacks = not caller.awaits_second_factor and caller.lacks_second_factor(settings)
        return "second-factor-missing" if lacks and not self.before_setup else None


def token_hash(token: str) -> bytes:
    """Return the hash by which the database finds a session."""
    return hashlib.sha256(token.encode()).digest()


def cookie_name(settings: Settings) -> str:
    """Return the only name under which a session's cookie is accepted.

    When PUBLIC_URL becomes https, everybody signs in once more: a cookie that a browser still has
    under the old name may have come from anywhere.
    """
    return SECURE_COOKIE if is_secure("", settings) else COOKIE


async def caller_of(
    request: Request,
    services: Services,
    who: Who,
    admits: Admits,
    rule: FactorRule,
    *,
    polled: bool = False,
) -> SignedIn | None:
    """Return who is signed in, or None; raise Problem when that person may not call.

    What anyone may call is answered to a token without the scope, and to a session without its
    second factor, as to anyone. A call that is `polled` does not count as a use of the session.
    """
    caller = await _signed_in(request, services, polled=polled)
    if caller is not None:
        security_events.about(request, user_id=caller.id)
    if who is Who.ANYONE:
        return caller if caller and not _refusal(request, services, caller, admits, rule) else None
    if caller is None:
        raise _not_signed_in(request)
    if refusal := _refusal(request, services, caller, admits, rule):
        raise refusal
    if who is Who.ADMIN and not caller.is_admin:
        raise Problem("not-allowed", "Only admins may do this.")
    if rule.confirmed:
        caller.require_confirmation()
    return caller


def _refusal(
    request: Request, services: Services, caller: SignedIn, admits: Admits, rule: FactorRule
) -> Problem | None:
    """Return why a caller may not call, whatever the role."""
    if caller.grant is not None:
        sentence = admits.refusal(caller.grant, request.path_params)
        return Problem("not-allowed", sentence) if sentence else None
    type_ = rule.refusal(caller, services.settings)
    return Problem(type_) if type_ else None


def _not_signed_in(request: Request) -> Problem:
    if bearer_secret(request) is None:
        return Problem("not-signed-in")
    return Problem(
        "not-signed-in",
        "This token is unknown, has expired, or was revoked.",
        headers={"WWW-Authenticate": 'Bearer error="invalid_token"'},
    )


async def _signed_in(request: Request, services: Services, *, polled: bool) -> SignedIn | None:
    secret = bearer_secret(request)
    if secret is not None:
        return _scoped(await find_token(services, token_hash(secret)))
    token = request.cookies.get(cookie_name(services.settings))
    if not token:
        return None
    if token.startswith(DOOR_PREFIX):
        return _scoped(await find_pass_session(services, token_hash(token)))
    row = await services.sessions.submit(token_hash(token))
    if row is None:
        return None
    if row["seen_long_ago"] and not polled:
        services.seen_sessions.note(row["session_id"])
    return SignedIn.model_validate(dict(row))


def _scoped(row: asyncpg.Record | None) -> SignedIn | None:
    if row is None:
        return None
    return SignedIn.model_validate({**row, "grant": Grant.model_validate(dict(row))})
