"""A relay in front of a PostgreSQL server, which sees cancel requests and can be cut."""

import asyncio
import struct
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager, suppress

from app.local.ports import LOOPBACK

# The codes in the first message of a connection:
# https://www.postgresql.org/docs/current/protocol-message-formats.html
CANCEL_REQUEST = 80877102
ENCRYPTION_REQUESTS = {80877103, 80877104}  # TLS, GSSAPI
START_SECONDS = 10


class Relay:
    """Forwards data in both directions until it is cut."""

    def __init__(self, target_port: int) -> None:
        self.port = 0
        self.cancel_requests = 0
        self._target_port = target_port
        self._cut = False
        self._open: set[asyncio.Task[None]] = set()

    @property
    def connections(self) -> int:
        """The number of connected clients."""
        return len(self._open)

    def cut(self) -> None:
        """Drop all further data, without closing a connection."""
        self._cut = True

    async def serve(self, started: "Future[Callable[[], object]]") -> None:
        """Serve until a thread calls the function that `started` gets as its result."""
        stop = asyncio.Event()
        server = await asyncio.start_server(self._accept, LOOPBACK, 0)
        self.port = server.sockets[0].getsockname()[1]
        loop = asyncio.get_running_loop()
        started.set_result(lambda: loop.call_soon_threadsafe(stop.set))
        await stop.wait()
        server.close()

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._open.add(task)
        try:
            with suppress(OSError, EOFError):
                await self._connect(reader, writer)
        finally:
            writer.transport.abort()
            self._open.discard(task)

    async def _connect(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opening = await reader.readexactly(8)
        code = struct.unpack("!ii", opening)[1]
        if code in ENCRYPTION_REQUESTS:
            writer.write(b"N")
            await self._connect(reader, writer)
            return
        self.cancel_requests += code == CANCEL_REQUEST
        server_reader, server_writer = await asyncio.open_connection(LOOPBACK, self._target_port)
        try:
            server_writer.write(opening)
            there = asyncio.create_task(self._pass_on(reader, server_writer))
            back = asyncio.create_task(self._pass_on(server_reader, writer))
            await asyncio.wait({there, back}, return_when=asyncio.FIRST_COMPLETED)
        finally:
            server_writer.transport.abort()

    async def _pass_on(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(OSError):
            while data := await reader.read(65_536):
                if not self._cut:
                    writer.write(data)
                    await writer.drain()


@contextmanager
def running_relay(target_port: int) -> Iterator[Relay]:
    """Run a relay in its own thread, so that tests may block; stop it when leaving."""
    relay = Relay(target_port)
    started: Future[Callable[[], object]] = Future()
    thread = threading.Thread(target=lambda: asyncio.run(relay.serve(started)), name="relay")
    thread.start()
    stop = started.result(START_SECONDS)
    try:
        yield relay
    finally:
        stop()
        thread.join()
