"""The number of connections is limited by the file descriptors, and the log says so."""

import asyncio
import json
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import AsyncExitStack, ExitStack

import pytest

from app.http.descriptors import SPARE
from tests.support.contract import SECURITY_HEADERS
from tests.support.raw_connections import Answer, Connection, connected, head
from tests.support.servers import ServerProcess, serving

DESCRIPTORS = 256
MOST = DESCRIPTORS - SPARE


@pytest.fixture
def serve_with(
    server_database_url: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[str], ServerProcess]]:
    """Return a function that starts a server with a limited number of file descriptors."""
    with ExitStack() as running:

        def start(limit: str) -> ServerProcess:
            command = ("sh", "-c", f'ulimit {limit} && exec "$0" -m app', sys.executable)
            folder = tmp_path_factory.mktemp("limited")
            (server,) = running.enter_context(serving(server_database_url, folder, [{}], command))
            return server

        yield start


async def ask(connection: Connection, path: str = "/healthz") -> Answer:
    await connection.send(head("GET", path))
    return await connection.answer()


async def test_a_connection_beyond_the_limit_is_refused_and_logged_once(
    serve_with: Callable[[str], ServerProcess],
) -> None:
    server = serve_with(f"-n {DESCRIPTORS}")
    async with AsyncExitStack() as add_customers:
        # Some have been answered; the others do not complete their first line.
        everyone = [await add_customers.enter_async_context(connected(server)) for _ in range(MOST)]
        kept, unfinished = everyone[:10], everyone[10:]
        for connection in unfinished:
            await connection.send(b"GET /heal")
        for _ in range(5):
            async with connected(server) as newcomer:
                answer = await ask(newcomer)
                assert answer.status == 503
                assert await newcomer.rest() == b""
            assert answer.headers.items() >= SECURITY_HEADERS.items()
            assert answer.headers["retry-after"] == "1"
            assert json.loads(answer.body)["type"] == "/problems/busy"
        # Refused connections use no descriptor, and open ones are still served.
        async with AsyncExitStack() as flood:
            for _ in range(300):
                await flood.enter_async_context(connected(server))
            # These requests need new database connections, which use descriptors as well.
            answers = await asyncio.gather(
                *(ask(kept[number], f"/api/events/{number + 1}") for number in range(len(kept)))
            )
            assert {answer.status for answer in answers} <= {200, 404}
    async with connected(server) as newcomer:
        assert (await ask(newcomer)).status in {200, 503}
    warnings = [(line["event"], line["most"]) for line in server.warnings()]
    assert warnings == [("too many connections", MOST)]


async def test_idle_connections_do_not_keep_visitors_out(
    serve_with: Callable[[str], ServerProcess],
) -> None:
    server = serve_with(f"-n {DESCRIPTORS}")
    async with AsyncExitStack() as visitors:
        stay = Counter[str]()
        for _ in range(MOST + 50):
            visitor = await visitors.enter_async_context(connected(server))
            answer = await ask(visitor)
            assert answer.status == 200
            stay[answer.headers.get("connection", "keep-alive")] += 1
            if "connection" in answer.headers:
                assert await visitor.rest() == b""
        assert stay["keep-alive"] == MOST // 2
    assert server.warnings() == []


async def test_the_file_limit_is_raised_to_the_systems_maximum(
    serve_with: Callable[[str], ServerProcess],
) -> None:
    server = serve_with(f"-Sn {DESCRIPTORS}")
    async with AsyncExitStack() as visitors:
        for _ in range(2 * DESCRIPTORS):
            visitor = await visitors.enter_async_context(connected(server))
            await visitor.send(b"GET /heal")
        newcomer = await visitors.enter_async_context(connected(server))
        assert (await ask(newcomer)).status == 200
