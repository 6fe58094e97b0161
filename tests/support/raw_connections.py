"""Raw bytes to and from a server, which no regular client would send or read."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from tests.support.servers import ServerProcess

SECONDS = 20


@dataclass(frozen=True)
class Answer:
    """One answer of a connection."""

    status: int
    headers: dict[str, str]
    body: bytes


class Connection:
    """One connection to a server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self.writer = writer

    async def send(self, *pieces: bytes) -> None:
        for piece in pieces:
            self.writer.write(piece)
            await self.writer.drain()

    async def answer(self) -> Answer:
        """Return the next answer, which must have a length or be chunked."""
        async with asyncio.timeout(SECONDS):
            head = (await self._reader.readuntil(b"\r\n\r\n")).decode("latin-1")
            first, *lines = head.rstrip().split("\r\n")
            pairs = (line.split(": ", 1) for line in lines)
            headers = {name.lower(): value for name, value in pairs}
            status = int(first.split()[1])
            if headers.get("transfer-encoding") == "chunked":
                body = b"".join([piece async for piece in self._chunks()])
            else:
                body = await self._reader.readexactly(int(headers.get("content-length", 0)))
            return Answer(status, headers, body)

    async def _chunks(self) -> AsyncIterator[bytes]:
        while size := int(await self._reader.readline(), 16):
            yield await self._reader.readexactly(size)
            await self._reader.readline()
        await self._reader.readline()

    async def rest(self) -> bytes:
        """Return everything until the server closes the connection, as it must."""
        read = bytearray()
        async with asyncio.timeout(SECONDS):
            try:
                while piece := await self._reader.read(65_536):
                    read += piece
            except ConnectionError:
                pass
        return bytes(read)


@asynccontextmanager
async def connected(server: ServerProcess) -> AsyncIterator[Connection]:
    """Connect; disconnect when leaving."""
    address = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        yield Connection(reader, writer)
    finally:
        writer.transport.abort()


def head(method: str, path: str, *headers: str) -> bytes:
    """Return a request's head."""
    lines = [f"{method} {path} HTTP/1.1", "Host: localhost", *headers, "", ""]
    return "\r\n".join(lines).encode("latin-1")
