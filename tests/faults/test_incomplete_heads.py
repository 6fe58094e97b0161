"""Ten thousand clients that begin a request and never finish it."""

import asyncio
import resource
import socket
import time
from contextlib import ExitStack
from pathlib import Path

from app.http.wire import HEAD_SECONDS
from tests.support.raw_connections import connected, head
from tests.support.servers import ServerProcess, serving

CLIENTS = 10_000


async def test_others_are_served_beside_ten_thousand_incomplete_heads(
    seeded_url: str, tmp_path: Path
) -> None:
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = CLIENTS + 500
    if hard != resource.RLIM_INFINITY:
        assert hard >= wanted, "Raise the limit on open files (ulimit -Hn) for this test."
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, wanted), hard))
    try:
        with serving(seeded_url, tmp_path, [{}]) as (server,):
            await _serve_others(server)
            assert server.errors() == []
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


async def _serve_others(server: ServerProcess) -> None:
    slowest = 0.0

    async def others() -> None:
        nonlocal slowest
        while True:
            began = time.monotonic()
            async with connected(server) as connection:
                await connection.send(head("GET", "/api/events", "Connection: close"))
                assert (await connection.answer()).status == 200
            slowest = max(slowest, time.monotonic() - began)
            await asyncio.sleep(0.05)

    serving_others = asyncio.create_task(others())
    port = int(server.address.rpartition(":")[2])
    began = time.monotonic()
    answers = await asyncio.to_thread(_answers_to_half_heads, port)
    assert time.monotonic() - began < HEAD_SECONDS + 20
    assert not serving_others.done()
    serving_others.cancel()
    assert answers == {b"HTTP/1.1 408"}
    assert slowest < 3


def _answers_to_half_heads(port: int) -> set[bytes]:
    """Begin ten thousand requests, and return the answers to those that time out."""
    with ExitStack() as still_open:
        clients = []
        for _ in range(CLIENTS):
            client = still_open.enter_context(socket.create_connection(("127.0.0.1", port), 60))
            client.sendall(b"GET /healthz HTTP/1.1\r\nHost: loc")
            clients.append(client)
        return {client.recv(12) for client in clients}
