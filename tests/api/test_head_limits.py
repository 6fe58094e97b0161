"""The size of a request's head is limited in any pieces, and an attack uses no memory."""

import asyncio
import json
from collections.abc import Iterator
from contextlib import suppress

import pytest

from app.http.wire import LINGER_SECONDS
from tests.support.application import Api
from tests.support.contract import SECURITY_HEADERS
from tests.support.raw_connections import connected, head
from tests.support.servers import ServerProcess

LIMIT = 16 * 1024
MIB = 2**20


def head_of(size: int) -> bytes:
    """Return a head of this many bytes."""
    rest = size - len(head("GET", "/healthz", "Connection: close", "X: "))
    return head("GET", "/healthz", "Connection: close", "X: " + "x" * rest)


@pytest.mark.parametrize("piece", (100_000, 4_096, 1))
async def test_a_head_of_sixteen_kibibytes_is_served_in_any_pieces(
    two_apis: list[Api], two_servers: list[ServerProcess], piece: int
) -> None:
    del two_apis
    for size, status in ((LIMIT, 200), (LIMIT + 20, 431)):
        async with connected(two_servers[1]) as connection:
            raw = head_of(size)
            await connection.send(*(raw[at : at + piece] for at in range(0, len(raw), piece)))
            answer = await connection.answer()
            assert answer.status == status
            assert await connection.rest() == b""
    assert answer.headers.items() >= SECURITY_HEADERS.items()
    assert json.loads(answer.body)["type"] == "/problems/headers-too-large"


async def test_the_address_and_the_trailers_count_as_well(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    del two_apis
    large = "x" * LIMIT
    trailing = head("POST", "/api/users", "Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\n"
    for raw in (
        head("GET", f"/{large}"),
        head("GET", f"/healthz?{large}"),
        head("GET", "/healthz", *["a:"] * (LIMIT // 4)),
        head("GET", "/healthz", f"{large}: x"),
    ):
        async with connected(two_servers[1]) as connection:
            await connection.send(raw)
            assert (await connection.answer()).status == 431
    async with connected(two_servers[1]) as connection:
        # The request is answered before its trailers are seen.
        await connection.send(trailing)
        assert (await connection.answer()).status == 415
        with suppress(ConnectionError):
            await connection.send(b"X: ", *[b"x" * LIMIT] * 100, b"\r\n\r\n")
        assert await connection.rest() == b""


async def test_many_small_pipelined_requests_are_not_a_large_head(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    """Each piece ends in the middle of a head, and is larger than a head may be."""
    del two_apis
    count = 1_000
    one = head("GET", "/healthz", "X: " + "x" * 400)
    raw = one * count
    async with connected(two_servers[1]) as connection:
        size = 40 * len(one) + 7
        sending = asyncio.create_task(
            connection.send(*(raw[at : at + size] for at in range(0, len(raw), size)))
        )
        for _ in range(count):
            assert (await connection.answer()).status == 200
        await sending


async def test_a_head_in_small_pieces_after_many_requests_is_served(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    del two_apis
    one = head("GET", "/healthz", "X: " + "x" * 400)
    count = LIMIT // len(one)
    async with connected(two_servers[1]) as connection:
        await connection.send(one * count + one[:-40])
        for _ in range(count):
            assert (await connection.answer()).status == 200
        for at in range(len(one) - 40, len(one)):
            await connection.send(one[at : at + 1])
            await asyncio.sleep(0.001)
        assert (await connection.answer()).status == 200


async def test_a_client_that_keeps_sending_reads_the_refusal(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    del two_apis
    async with connected(two_servers[1]) as connection:
        await connection.send(head("GET", "/healthz", "X: " + "x" * 8 * MIB))
        assert (await connection.answer()).status == 431
        # The answer comes before the server has waited for further input.
        async with asyncio.timeout(LINGER_SECONDS / 2):
            assert await connection.rest() == b""


@pytest.mark.parametrize("size", (60_000, 1_000), ids=("one chunk", "many chunks"))
async def test_a_chunked_body_is_not_counted_as_a_head(
    two_apis: list[Api], two_servers: list[ServerProcess], size: int
) -> None:
    headers = ("Content-Type: application/json", "Transfer-Encoding: chunked")
    ana = two_apis[1].customer()
    body = json.dumps(ana.sign_in_body).ljust(60_000).encode()
    async with connected(two_servers[1]) as connection:
        await connection.send(head("POST", "/api/sessions", *headers, "Expect: 100-continue"))
        assert (await connection.answer()).status == 100
        for at in range(0, len(body), size):
            chunk = body[at : at + size]
            await connection.send(b"%x\r\n" % size)
            for piece in range(0, size, 1_000):
                await connection.send(chunk[piece : piece + 1_000])
                await asyncio.sleep(0.001)
            await connection.send(b"\r\n")
        await connection.send(b"0\r\nX-Checksum: 1\r\n\r\n")
        assert (await connection.answer()).status == 201


def attacks() -> Iterator[tuple[str, bytes, bytes, int]]:
    """Yield endless heads: a name, the beginning, the repeated part, and the size to send."""
    begin = b"GET / HTTP/1.1\r\nHost: localhost\r\n"
    chunks = head("POST", "/api/users", "Transfer-Encoding: chunked") + b"1\r\nx\r\n0\r\n"
    yield "one value", begin + b"X: ", b"x" * MIB, 100
    yield "two million headers", begin, b"abcd: 1234567\r\n" * (MIB // 15), 30
    yield "empty headers", begin, b"a:\r\n" * (MIB // 4), 20
    yield "one trailer", chunks + b"X: ", b"x" * MIB, 100
    yield "many trailers", chunks, b"a:\r\n" * (MIB // 4), 20
    yield "an address", b"GET /", b"x" * MIB, 100


async def test_endless_heads_do_not_use_memory(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    server = two_servers[1]

    async def attack(begin: bytes, more: bytes, count: int) -> None:
        async with connected(server) as connection:
            try:
                await connection.send(begin, *[more] * count)
                await connection.rest()
            except ConnectionError:
                pass  # The server has closed the connection.

    assert await two_apis[1].anonymous.read("/healthz")
    await attack(b"GET / HTTP/1.1\r\nX: ", b"x" * MIB, 1)
    before = server.memory()
    for name, begin, more, count in attacks():
        under_way = [asyncio.create_task(attack(begin, more, count)) for _ in range(3)]
        while not all(task.done() for task in under_way):
            assert await two_apis[1].anonymous.read("/healthz")
            assert server.memory() - before < 24 * MIB, name
        await asyncio.gather(*under_way)
