"""Who is asking: the session cookie, and the user it belongs to."""

import hashlib
from datetime import datetime
from typing import Literal

from pydantic import Field
from starlette.requests import Request

from app.application import Application
from app.fields import Answer, Id, Instant

COOKIE = "session"

Role = Literal["customer", "admin"]


class User(Answer):
    """Somebody who books, or works here."""

    id: Id
    name: str
    phone: str = Field(description="E.164", examples=["+4915255123450"])
    role: Role
    created_at: Instant

    @property
    def is_admin(self) -> bool:
        """Whether they run events."""
        return self.role == "admin"


class SignedIn(User):
    """A user with a session."""

    expires_at: datetime


def token_hash(token: str) -> bytes:
    """Return what the database knows a session by."""
    return hashlib.sha256(token.encode()).digest()


async def viewer(request: Request, app: Application) -> SignedIn | None:
    """Return who is signed in, or None."""
    token = request.cookies.get(COOKIE)
    if not token:
        return None
    row = await app.find_session(token_hash(token))
    return None if row is None else SignedIn.model_validate(dict(row))
