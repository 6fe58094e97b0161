"""The cookie of a session."""

from starlette.requests import Request

from app.http.hosts import is_secure
from app.http.identity import cookie_name
from app.http.services import Services


def session_cookie(services: Services, request: Request, token: str, seconds: int) -> str:
    """Return the header that gives the browser the token of a session for so many seconds."""
    secure = "; Secure" if is_secure(request.url.scheme, services.settings) else ""
    name = cookie_name(services.settings)
    return f"{name}={token}; Max-Age={seconds}; Path=/; HttpOnly; SameSite=Lax{secure}"
