"""Long downloads. When a client stops reading, its download ends and frees what it holds."""

import asyncio
from typing import Any

import structlog
from starlette.responses import StreamingResponse
from starlette.types import Message, Receive, Scope, Send

# PostgreSQL ends the transaction of a download that stands still for ten seconds.
STALLED_SECONDS = 10
WHOLE_SECONDS = 120

log = structlog.get_logger("marquee")


class Download(StreamingResponse):
    """Streams an async generator, and always closes it.

    The client must take each piece, and the whole file, in time. Otherwise the connection is closed
    before the end, so that no client mistakes a part for the whole file.
    """

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Send what the generator yields."""

        async def send_in_time(message: Message) -> None:
            async with asyncio.timeout(STALLED_SECONDS):
                await send(message)

        pieces: Any = self.body_iterator
        try:
            async with asyncio.timeout(WHOLE_SECONDS):
                await super().__call__(scope, receive, send_in_time)
        except TimeoutError:
            log.warning("download given up", request_id=scope["state"].get("request_id"))
        finally:
            await pieces.aclose()
