"""A client that sends nothing, sends very slowly or does not read is disconnected in the end."""

import asyncio
import itertools
import json
import os
import signal
import socket
import sys
import time
from collections.abc import AsyncIterator, Iterator
from contextlib import ExitStack, asynccontextmanager
from pathlib import Path

import psycopg
import pytest

from tests.api.short_deadlines import BODY_SECONDS, HEAD_SECONDS, LINGER_SECONDS, STALLED_SECONDS
from tests.support.contract import SECURITY_HEADERS
from tests.support.people import add_person
from tests.support.raw_connections import Connection, connected, head
from tests.support.rows import add_event
from tests.support.servers import ServerProcess, serving

# Different from uvicorn's default.
KEEP_ALIVE_SECONDS = 7
# A busy machine may be late.
LATE = 2.0
COMMAND = (sys.executable, "-m", "tests.api.short_deadlines")


@pytest.fixture(scope="module")
def short_deadline_server(
    server_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[ServerProcess]:
    """A server with short deadlines."""
    settings = {"KEEP_ALIVE_SECONDS": str(KEEP_ALIVE_SECONDS)}
    folder = tmp_path_factory.mktemp("short-deadlines")
    with serving(server_database_url, folder, [settings], COMMAND) as (running,):
        yield running
        assert running.errors() == []


async def drip(connection: Connection, piece: bytes) -> None:
    try:
        while piece and not connection.writer.is_closing():
            await connection.send(piece)
            await asyncio.sleep(0.1)
    except ConnectionError:
        pass


@asynccontextmanager
async def dripping(connection: Connection, piece: bytes) -> AsyncIterator[None]:
    """Send a piece repeatedly in the background; an empty piece sends nothing."""
    task = asyncio.create_task(drip(connection, piece))
    try:
        yield
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)


LATE_HEADS = (
    (b"GET /hea", b""),
    (head("GET", "/healthz")[:-2], b""),
    (b"GET /healthz HTTP/1.1\r\n", b"a: b\r\n"),
    (b"GET /healthz HTTP/1.1\r\na: ", b"b"),
)
# Bytes of a client that makes no request.
IDLE = (b"", b"\r\n")


async def test_a_late_request_head_is_answered_408(short_deadline_server: ServerProcess) -> None:
    async def late(begin: bytes, more: bytes, used: bool) -> None:
        async with connected(short_deadline_server) as connection:
            if used:
                await connection.send(head("GET", "/healthz"))
                assert (await connection.answer()).status == 200
            began = time.monotonic()
            await connection.send(begin)
            async with dripping(connection, more):
                answer = await connection.answer()
                waited = time.monotonic() - began
                await connection.rest()
            assert answer.status == 408
            assert HEAD_SECONDS - 0.1 <= waited < HEAD_SECONDS + LATE
            assert time.monotonic() - began < HEAD_SECONDS + LINGER_SECONDS + LATE
            assert answer.headers.items() >= SECURITY_HEADERS.items()
            assert json.loads(answer.body)["type"] == "/problems/request-timeout"

    await asyncio.gather(
        *(late(begin, more, used) for begin, more in LATE_HEADS for used in (False, True))
    )


async def test_a_connection_without_a_request_is_closed_without_an_answer(
    short_deadline_server: ServerProcess,
) -> None:
    async def silent(more: bytes) -> None:
        async with connected(short_deadline_server) as connection:
            began = time.monotonic()
            async with dripping(connection, more):
                assert await connection.rest() == b""
            assert HEAD_SECONDS - 0.1 <= time.monotonic() - began < HEAD_SECONDS + LATE

    await asyncio.gather(*map(silent, IDLE))


async def test_an_idle_connection_stays_open_for_the_configured_time(
    short_deadline_server: ServerProcess,
) -> None:
    async def idle(more: bytes) -> None:
        async with connected(short_deadline_server) as connection:
            await connection.send(head("GET", "/healthz"))
            assert (await connection.answer()).status == 200
            # This is longer than a head may take: an idle connection is not a slow head.
            await asyncio.sleep(HEAD_SECONDS + 0.5)
            await connection.send(head("GET", "/healthz"))
            assert (await connection.answer()).status == 200
            began = time.monotonic()
            async with dripping(connection, more):
                assert await connection.rest() == b""
            waited = time.monotonic() - began
            assert KEEP_ALIVE_SECONDS - 0.1 <= waited < KEEP_ALIVE_SECONDS + LATE

    await asyncio.gather(*map(idle, IDLE))


async def test_a_head_that_a_busy_server_reads_late_is_served(
    short_deadline_server: ServerProcess,
) -> None:
    async with connected(short_deadline_server) as waiting:
        async with connected(short_deadline_server) as later:
            # This connection is accepted after the other one, so both have been accepted now.
            await later.send(head("GET", "/healthz"))
            assert (await later.answer()).status == 200
        os.kill(short_deadline_server.process.pid, signal.SIGSTOP)
        await waiting.send(head("GET", "/healthz"))
        await asyncio.sleep(HEAD_SECONDS + 0.5)
        os.kill(short_deadline_server.process.pid, signal.SIGCONT)
        assert (await waiting.answer()).status == 200


async def test_a_slow_body_is_given_up(short_deadline_server: ServerProcess) -> None:
    headers = ("Content-Type: application/json", "Content-Length: 1000")
    async with connected(short_deadline_server) as connection:
        began = time.monotonic()
        await connection.send(head("POST", "/api/sessions", *headers))
        async with dripping(connection, b" "):
            answer = await connection.answer()
            assert (answer.status, b"did not arrive in time" in answer.body) == (503, True)
            await connection.rest()
        assert time.monotonic() - began < BODY_SECONDS + LINGER_SECONDS + LATE


async def test_a_body_after_an_early_answer_is_given_up(
    short_deadline_server: ServerProcess,
) -> None:
    for more in (b" ", b""):
        async with connected(short_deadline_server) as connection:
            began = time.monotonic()
            await connection.send(head("POST", "/api/nothing", "Content-Length: 1000"))
            async with dripping(connection, more):
                assert (await connection.answer()).status == 404
                await connection.rest()
            assert time.monotonic() - began < LINGER_SECONDS + LATE


async def test_a_body_that_arrives_after_its_answer_keeps_the_connection(
    short_deadline_server: ServerProcess,
) -> None:
    async with connected(short_deadline_server) as connection:
        await connection.send(head("POST", "/api/nothing", "Content-Length: 4"))
        assert (await connection.answer()).status == 404
        began = time.monotonic()
        await connection.send(b"late")
        await asyncio.sleep(LINGER_SECONDS + 0.5)
        await connection.send(head("GET", "/healthz"))
        assert (await connection.answer()).status == 200
        assert await connection.rest() == b""
        assert time.monotonic() - began < LINGER_SECONDS + KEEP_ALIVE_SECONDS + LATE


async def test_a_connection_is_not_idle_while_its_answer_is_computed(
    database_url: str, db: psycopg.Connection, tmp_path: Path
) -> None:
    """This holds even if the request arrived before the previous answer was complete."""
    ana, event = add_person(db), add_event(db)
    body = json.dumps({"event_id": event, "quantity": 1}).encode()
    booking = head(
        *("POST", "/api/bookings", f"Cookie: session={ana.token}"),
        *("Content-Type: application/json", f"Content-Length: {len(body)}"),
    )
    with (
        serving(database_url, tmp_path, [{"KEEP_ALIVE_SECONDS": "1"}]) as (server,),
        psycopg.connect(database_url) as other,
    ):
        other.execute("SELECT FROM events WHERE id = %s FOR UPDATE", (event,))
        async with connected(server) as connection:
            began = time.monotonic()
            await connection.send(head("GET", "/healthz") + booking[:50])
            assert (await connection.answer()).status == 200
            await connection.send(booking[50:] + body)
            # The event stays locked for longer than an idle connection stays open.
            assert (await connection.answer()).status == 503
            assert time.monotonic() - began > 1


async def test_clients_that_do_not_read_are_disconnected(
    short_deadline_server: ServerProcess,
) -> None:
    """This holds while further answers wait, and after the last one was written."""
    pages = ("/api/openapi.json", "/api/docs")
    before = short_deadline_server.descriptors()
    with ExitStack() as still_open:
        for page, last in itertools.product(pages, range(25, 600, 25)):
            client = still_open.enter_context(socket.socket())
            # With a small buffer the kernel keeps little of the answer.
            client.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4_096)
            client.connect(("127.0.0.1", int(short_deadline_server.address.rpartition(":")[2])))
            ending = "close" if last % 2 else "keep-alive"
            asking = head("GET", page) * last + head("GET", page, f"Connection: {ending}")
            client.sendall(asking)
        deadline = time.monotonic() + KEEP_ALIVE_SECONDS + 2 * STALLED_SECONDS + 10
        for gone in (False, True):
            while (short_deadline_server.descriptors() <= before) != gone:
                assert time.monotonic() < deadline, "the server waits without end"
                await asyncio.sleep(0.1)
