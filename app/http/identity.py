"""The caller: the session cookie, the user it belongs to, and whether that user may call."""

import hashlib
from datetime import datetime
from enum import Enum, auto
from typing import Literal

from pydantic import Field
from starlette.requests import Request

from app.http.fields import Id, Output, TimeOutput
from app.http.origins import is_secure
from app.http.problems import Problem
from app.http.services import Services
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
    phone: str = Field(description="E.164", examples=["+4915255123450"])
    role: Role
    created_at: TimeOutput

    @property
    def is_admin(self) -> bool:
        """Whether they run events."""
        return self.role == "admin"


class SignedIn(User):
    """A user with a session."""

    expires_at: datetime


def token_hash(token: str) -> bytes:
    """Return the hash by which the database finds a session."""
    return hashlib.sha256(token.encode()).digest()


def cookie_name(settings: Settings) -> str:
    """Return the only name under which a session's cookie is accepted.

    When PUBLIC_URL becomes https, everybody signs in once more: a cookie that a browser still has
    under the old name may have come from anywhere.
    """
    return SECURE_COOKIE if is_secure("", settings) else COOKIE


async def caller_of(request: Request, services: Services, who: Who) -> SignedIn | None:
    """Return who is signed in, or None; raise Problem when that person may not call."""
    caller = await _signed_in(request, services)
    if who is Who.ANYONE:
        return caller
    if caller is None:
        raise Problem("not-signed-in")
    if who is Who.ADMIN and not caller.is_admin:
        raise Problem("not-allowed", "Only admins may do this.")
    return caller


async def _signed_in(request: Request, services: Services) -> SignedIn | None:
    token = request.cookies.get(cookie_name(services.settings))
    if not token:
        return None
    row = await services.sessions.submit(token_hash(token))
    return None if row is None else SignedIn.model_validate(dict(row))
