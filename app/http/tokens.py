"""What a caller shows instead of the cookie of a session: a bearer token, or a door's cookie."""

from contextlib import suppress

import asyncpg
from starlette.requests import Request

from app.data.errors import UnavailableError
from app.http.services import Services

# How the secrets begin, so that people and programs that look for leaked secrets know them.
TOKEN_PREFIX = "mqt_"  # noqa: S105  (no secret)
PASS_PREFIX = "mqp_"  # noqa: S105
# How the cookie of a phone begins that a door pass has opened.
DOOR_PREFIX = "door_"


def bearer_secret(request: Request) -> str | None:
    """Return the secret of `Authorization: Bearer` (RFC 6750), or None without such a header.

    Other schemes are not ours: a proxy in front may ask for a password of its own.
    """
    scheme, _, secret = request.headers.get("authorization", "").partition(" ")
    return secret.strip() if scheme.lower() == "bearer" else None


async def find_token(services: Services, token_hash: bytes) -> asyncpg.Record | None:
    """Return the usable API token with this hash and its admin, or None; note that it is used."""
    return await _used(services, "find_token", token_hash)


async def find_pass_session(services: Services, token_hash: bytes) -> asyncpg.Record | None:
    """Return the usable pass of a phone's session and its admin, or None; note that it is used."""
    return await _used(services, "find_pass_session", token_hash)


async def _used(services: Services, query: str, token_hash: bytes) -> asyncpg.Record | None:
    row = await services.database.row(query, token_hash=token_hash)
    if row is not None and not row["used_today"]:
        # While the database takes no writes, a read must not fail for this.
        with suppress(UnavailableError):
            await services.database.value("note_token_use", token_id=row["token_id"])
    return row
