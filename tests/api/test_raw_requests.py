"""Malformed and unusual requests over a real connection."""

import asyncio
import json
from collections.abc import AsyncIterator, Iterable
from urllib.parse import urlsplit

from app.api import ENDPOINTS
from app.http.openapi import document
from app.local.paths import ROOT
from tests.support.application import Api
from tests.support.servers import ServerProcess


async def answer_to(server: ServerProcess, pieces: Iterable[bytes]) -> tuple[int, bytes]:
    """Return the status and the rest of the answer to raw bytes, within a time limit."""
    address = urlsplit(server.address)
    reader, writer = await asyncio.open_connection(address.hostname, address.port)
    try:
        async with asyncio.timeout(10):
            for piece in pieces:
                writer.write(piece)
            await writer.drain()
            head = await reader.readuntil(b"\r\n\r\n")
            return int(head.split()[1]), head + await reader.read(4_096)
    finally:
        writer.transport.abort()


def request(method: str, path: str, *headers: str, body: bytes = b"") -> bytes:
    lines = [f"{method} {path} HTTP/1.1", "Host: marquee.localhost", "Connection: close", *headers]
    return "\r\n".join([*lines, "", ""]).encode("latin-1") + body


async def test_a_websocket_request_is_ignored_and_its_path_is_not_logged(
    two_servers: list[ServerProcess], two_apis: list[Api]
) -> None:
    code = "7FDY9-S5J0F-BKKYT-F3Y6W-M"
    for path, expected in (
        *(("/", 200), ("/api/events", 200), ("/api/nothing", 404)),
        (f"/api/tickets/{code}", 401),
    ):
        status, answer = await answer_to(two_servers[0], [handshake(path)])
        assert (status, b"x-request-id" in answer) == (expected, True), path
    assert code not in two_servers[0].log.read_text()
    assert await two_apis[0].anonymous.read("/healthz")


def handshake(path: str) -> bytes:
    return request(
        "GET",
        path,
        "Upgrade: websocket",
        "Connection: Upgrade",
        "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==",
        "Sec-WebSocket-Version: 13",
    ).replace(b"Connection: close\r\n", b"")


async def test_a_too_large_body_is_413_with_and_without_a_length(
    two_servers: list[ServerProcess], two_apis: list[Api]
) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(160):
            yield b" " * 65_536

    headers = {"Content-Type": "application/json"}
    for content in (b" " * 10_000_000, chunks()):
        response = await two_apis[0].anonymous.post("/api/users", content=content, headers=headers)
        assert (response.status_code, response.json()["type"]) == (413, "/problems/too-large")
    # The body is announced but never sent, and the answer does not wait for it.
    status, answer = await answer_to(
        two_servers[0],
        [
            request(
                "POST", "/api/users", "Content-Type: application/json", "Content-Length: 99999999"
            )
        ],
    )
    assert (status, b"/problems/too-large" in answer) == (413, True)


async def test_malformed_requests_are_refused_and_the_next_is_served(
    two_servers: list[ServerProcess], two_apis: list[Api]
) -> None:
    for raw in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # TLS
        b"GET\r\n\r\n",
        b"BREW /api/events HTTP/1.1\r\nHost: x\r\n\r\n",
        request("GET", "/api/events?search=\x00"),
        request("GET", "/api/events", "X: " + "x" * 200_000),
        request("GET", "/" + "x" * 200_000),
        request("POST", "/api/users", "Content-Length: -1"),
        request("POST", "/api/users", "Content-Length: x"),
        request("POST", "/api/users", "Transfer-Encoding: chunked", body=b"zz\r\n"),
        request("GET", "/api/events", "Cookie: session=" + "\xff" * 100),
        request("GET", "http://elsewhere.test/api/events"),
        request("OPTIONS", "*"),
    ):
        async with asyncio.timeout(20):
            try:
                status, _ = await answer_to(two_servers[1], [raw + b"\r\n\r\n"])
            except (asyncio.IncompleteReadError, ConnectionError):
                status = 400  # closed without an answer
        assert status < 500, raw[:60]
        assert await two_apis[1].anonymous.read("/healthz")


async def test_the_document_is_served_as_it_is_printed(two_apis: list[Api]) -> None:
    served = await two_apis[0].anonymous.read("/api/openapi.json")
    printed = json.loads(json.dumps(document(ENDPOINTS)))
    assert served == printed
    # The frontend's types are generated from it; see app/README.md.
    assert json.loads((ROOT / "frontend" / "openapi.json").read_text()) == printed
