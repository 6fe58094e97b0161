"""A plain HTTP client that knows whether each request was answered or lost."""

import asyncio
import json
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Any, Self

from app.local.ports import LOOPBACK

# Every timeout of the API fits into this limit, in every state of the database.
ANSWER_SECONDS = 30


class ConnectionLostError(Exception):
    """The connection was refused, or ended before the answer."""


@dataclass(frozen=True)
class Answer:
    """An answer of the API, and how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def content(self) -> Any:
        return json.loads(self.body)


class Client:
    """One keep-alive connection at a time, with a session or anonymous."""

    def __init__(self, port: int, token: str | None = None) -> None:
        self._port = port
        self._token = token
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.hang_up()

    async def get(self, path: str) -> Answer:
        return await self.send("GET", path)

    async def book(self, event_id: int, quantity: int, key: str) -> Answer:
        return await self.send("POST", "/api/bookings", _order(event_id, quantity), key)

    async def cancel(self, booking_id: int) -> Answer:
        return await self.send("PUT", f"/api/bookings/{booking_id}", {"status": "cancelled"})

    async def send(
        self, method: str, path: str, body: object = None, key: str | None = None
    ) -> Answer:
        """Send a request and return its answer; raise ConnectionLostError if there is none."""
        begun = time.monotonic()
        try:
            async with asyncio.timeout(ANSWER_SECONDS):
                await self._write(method, path, body, key)
                status, headers, content = await self._read()
        except TimeoutError:
            raise AssertionError(f"{method} {path} hung for {ANSWER_SECONDS} s") from None
        except (OSError, EOFError):
            await self.hang_up()
            raise ConnectionLostError from None
        if headers.get("connection") == "close":
            await self.hang_up()
        return Answer(status, headers, content, time.monotonic() - begun)

    async def connect(self) -> None:
        """Open the connection now; raise ConnectionLostError if it is refused."""
        try:
            await self._open()
        except OSError:
            raise ConnectionLostError from None

    async def book_and_hang_up(self, event_id: int, quantity: int, key: str) -> None:
        """Send a whole booking request, and disconnect before the answer."""
        with suppress(OSError):
            await self._write("POST", "/api/bookings", _order(event_id, quantity), key)
        await self.hang_up()

    async def hang_up(self) -> None:
        if self._streams is not None:
            _, writer = self._streams
            self._streams = None
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()

    async def _open(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if self._streams is None:
            self._streams = await asyncio.open_connection(LOOPBACK, self._port)
        return self._streams

    async def _write(self, method: str, path: str, body: object, key: str | None) -> None:
        _, writer = await self._open()
        lines = [f"{method} {path} HTTP/1.1", f"Host: {LOOPBACK}:{self._port}"]
        if self._token:
            lines.append(f"Cookie: session={self._token}")
        if key:
            lines.append(f"Idempotency-Key: {key}")
        content = b"" if body is None else json.dumps(body).encode()
        if content:
            lines += ["Content-Type: application/json", f"Content-Length: {len(content)}"]
        writer.write("\r\n".join([*lines, "", ""]).encode() + content)
        await writer.drain()

    async def _read(self) -> tuple[int, dict[str, str], bytes]:
        reader, _ = await self._open()
        head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        headers = dict(_header(line) for line in head[1:] if line)
        content = await reader.readexactly(int(headers.get("content-length", "0")))
        return int(head[0].split()[1]), headers, content


def _header(line: str) -> tuple[str, str]:
    name, _, value = line.partition(": ")
    return name.lower(), value


def _order(event_id: int, quantity: int) -> dict[str, int]:
    return {"event_id": event_id, "quantity": quantity}
