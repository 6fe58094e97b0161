"""The cookie by which an account knows a browser that has signed in to it.

While somebody guesses the password of an account from many networks, strangers must wait and known
browsers need not. The cookie signs nobody in. It follows OWASP's "Slow down online guessing attacks
with device cookies".
"""

import secrets

from starlette.requests import Request

from app.http.hosts import address_of, is_secure
from app.http.identity import token_hash
from app.http.services import Services
from app.settings import Settings

COOKIE = "device"
SECURE_COOKIE = "__Host-device"
# The same as in count_sign_in_attempt().
COOKIE_SECONDS = 180 * 24 * 3600


def device_hash(request: Request, settings: Settings) -> bytes | None:
    """Return the hash of the token in the browser's cookie; None: it has no cookie."""
    token = request.cookies.get(_name(settings))
    return token_hash(token) if token else None


async def remember_device(services: Services, request: Request, user_id: int) -> str:
    """Let an account know the browser that has signed in to it, and return the new cookie."""
    token = secrets.token_urlsafe(32)
    await services.database.row(
        "remember_device",
        user_id=user_id,
        old_hash=device_hash(request, services.settings),
        new_hash=token_hash(token),
        address=address_of(request),
    )
    secure = "; Secure" if is_secure(request.url.scheme, services.settings) else ""
    return (
        f"{_name(services.settings)}={token}; Max-Age={COOKIE_SECONDS}; Path=/; HttpOnly;"
        f" SameSite=Lax{secure}"
    )


def _name(settings: Settings) -> str:
    return SECURE_COOKIE if is_secure("", settings) else COOKIE
