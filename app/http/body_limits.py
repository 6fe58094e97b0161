"""How large and how slow the body of a request may be."""

import asyncio

from starlette.requests import ClientDisconnect, Request

from app.http.problem_types import SLOW_BODY
from app.http.problems import Problem, busy

BODY_SECONDS = 10
MAX_BODY_BYTES = 64 * 1024


async def read_limited(request: Request) -> bytes:
    """Return the body; raise Problem when it is too large, too slow or cut short."""
    try:
        async with asyncio.timeout(BODY_SECONDS):
            return await _read(request)
    except TimeoutError:
        raise busy(SLOW_BODY) from None
    except ClientDisconnect:
        raise Problem("malformed-json", "The body was cut short.") from None


async def _read(request: Request) -> bytes:
    # A client may declare no length, or a wrong one.
    declared = request.headers.get("content-length", "")
    body = bytearray()
    if declared.isdecimal() and int(declared[:20]) > MAX_BODY_BYTES:
        raise Problem("too-large", "A body has at most 64 KiB.")
    async for piece in request.stream():
        body += piece
        if len(body) > MAX_BODY_BYTES:
            raise Problem("too-large", "A body has at most 64 KiB.")
    return bytes(body)
