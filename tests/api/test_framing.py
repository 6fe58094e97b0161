"""Where one request ends and the next begins, on real connections."""

import asyncio
import json
import socket
import struct

import pytest

from tests.support.application import Api
from tests.support.contract import SECURITY_HEADERS
from tests.support.raw_connections import connected, head
from tests.support.servers import ServerProcess

UPGRADES = ("h2c", "websocket", "foo")
SMUGGLED = b"GET /api/config HTTP/1.1\r\nHost: localhost\r\n\r\n"


def upgrade(protocol: str) -> tuple[str, str]:
    return f"Upgrade: {protocol}", "Connection: Upgrade, HTTP2-Settings"


@pytest.mark.parametrize("protocol", UPGRADES)
async def test_the_body_of_an_upgrade_request_is_not_a_request(
    two_apis: list[Api], two_servers: list[ServerProcess], protocol: str
) -> None:
    del two_apis
    async with connected(two_servers[1]) as connection:
        length = f"Content-Length: {len(SMUGGLED)}"
        await connection.send(head("POST", "/api/nothing", *upgrade(protocol), length))
        # The head has been read when the answer comes, so the body arrives in a later piece.
        assert (await connection.answer()).status == 404
        await connection.send(SMUGGLED, head("GET", "/healthz", "Connection: close"))
        answer = await connection.answer()
        assert answer.body == b'{"status":"alive"}'
        assert await connection.rest() == b""


@pytest.mark.parametrize("protocol", UPGRADES)
@pytest.mark.parametrize("chunked", (False, True))
async def test_an_upgrade_request_with_a_body_is_served(
    two_apis: list[Api], two_servers: list[ServerProcess], protocol: str, chunked: bool
) -> None:
    """Java's HttpClient and Ktor ask for h2c in the first request over clear text."""
    ana = two_apis[1].customer()
    body = json.dumps(ana.sign_in_body).encode()
    framing = f"Content-Length: {len(body)}"
    if chunked:
        body = b"".join(b"%x\r\n%b\r\n" % (1, body[at : at + 1]) for at in range(len(body)))
        body, framing = body + b"0\r\n\r\n", "Transfer-Encoding: chunked"
    headers = (framing, "Content-Type: application/json", *upgrade(protocol))
    async with connected(two_servers[1]) as connection:
        # First everything at once, with the next request behind it. Then in pieces, where the
        # second one is sent only after the first has been read.
        sign_in, after = head("POST", "/api/sessions", *headers), head("GET", "/healthz")
        await connection.send(sign_in + body + after)
        assert (await connection.answer()).status == 201
        assert (await connection.answer()).status == 200
        await connection.send(head("POST", "/api/sessions", *headers, "Expect: 100-continue"))
        assert (await connection.answer()).status == 100
        await connection.send(*(body[at : at + 7] for at in range(0, len(body), 7)), after)
        answer = await connection.answer()
        assert (answer.status, json.loads(answer.body)["user"]["id"]) == (201, ana.id)
        assert (await connection.answer()).status == 200


async def test_pipelined_upgrade_requests_are_served_in_order(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    del two_apis
    async with connected(two_servers[1]) as connection:
        one = head("POST", "/healthz", *upgrade("h2c"), "Content-Length: 3") + b"GET"
        await connection.send(one * 500 + head("GET", "/healthz", "Connection: close"))
        assert [(await connection.answer()).status for _ in range(500)] == [405] * 500
        assert (await connection.answer()).status == 200
        assert await connection.rest() == b""


async def test_connect_is_refused(two_apis: list[Api], two_servers: list[ServerProcess]) -> None:
    del two_apis
    for target in ("localhost:443", "/"):
        async with connected(two_servers[1]) as connection:
            await connection.send(head("CONNECT", target) + SMUGGLED)
            assert (await connection.answer()).status == 400
            assert await connection.rest() == b""


async def test_a_trailer_is_not_taken_as_a_header(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    ana = two_apis[1].customer()
    async with connected(two_servers[1]) as connection:
        cookie = f"Cookie: session={ana.person.token}\r\n".encode()
        for trailer, user in ((b"", None), (cookie, None)):
            asking = head("GET", "/api/sessions/current", "Transfer-Encoding: chunked")
            await connection.send(asking + b"1\r\nx\r\n0\r\n" + trailer + b"\r\n")
            assert json.loads((await connection.answer()).body)["user"] == user


async def test_five_thousand_pipelined_requests_are_all_answered(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    del two_apis
    async with connected(two_servers[1]) as connection:

        async def send() -> None:
            await connection.send(*([head("GET", "/healthz") * 50] * 100))

        sending = asyncio.create_task(send())
        for _ in range(5_000):
            assert (await connection.answer()).status == 200
        await sending


async def test_malformed_http_is_answered_with_a_problem(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    del two_apis
    for raw in (
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"BREW / HTTP/1.1\r\n\r\n",
        b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        head("GET", "/healthz", "Content-Length: 1", "Content-Length: 2"),
        head("POST", "/api/users", "Content-Length: 3", "Transfer-Encoding: chunked"),
        head("GET", "/healthz", "Folded: a", " b"),
        head(
            "POST", "/api/sessions", "Content-Type: application/json", "Transfer-Encoding: chunked"
        )
        + b"zz\r\n",
    ):
        async with connected(two_servers[1]) as connection:
            await connection.send(raw)
            answer = await connection.answer()
            assert await connection.rest() == b""
        assert answer.status == 400, raw
        assert answer.headers.items() >= SECURITY_HEADERS.items()
        assert answer.headers["content-type"] == "application/problem+json"
        assert answer.headers["connection"] == "close"
        assert answer.headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in answer.headers["content-security-policy"]
        problem = json.loads(answer.body)
        assert problem["type"] == "/problems/malformed-request"
        # The request id of the answer is in the log.
        assert problem["request_id"] == answer.headers["x-request-id"]
        assert problem["request_id"] in two_servers[1].log.read_text()


async def test_a_refusal_comes_after_the_answers_to_earlier_requests(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    """Otherwise a proxy that shares a connection would give the refusal to the wrong client."""
    del two_apis
    for refused in (
        b"BREW / HTTP/1.1\r\n\r\n",
        head("GET", "/healthz", "X: " + "x" * 20_000),
        head("POST", "/api/users", "Transfer-Encoding: chunked") + b"zz\r\n",
    ):
        async with connected(two_servers[1]) as connection:
            await connection.send(head("GET", "/api/events") * 3 + refused)
            for _ in range(3):
                answer = await connection.answer()
                assert (answer.status, b'"items"' in answer.body) == (200, True)
            assert b"HTTP/1.1 200" not in await connection.rest()


async def test_a_client_that_disconnects_between_answers_is_not_an_error(
    two_apis: list[Api], two_servers: list[ServerProcess]
) -> None:
    server = two_servers[1]
    known = len(server.log.read_text())
    for _ in range(20):
        async with connected(server) as connection:
            await connection.send(head("GET", "/api/events") * 300)
            for _ in range(2):
                assert (await connection.answer()).status == 200
            # The client resets the connection while the next answers are computed.
            client: socket.socket = connection.writer.get_extra_info("socket")
            client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    # After later answers the server has processed every disconnect.
    for _ in range(20):
        assert await two_apis[1].anonymous.read("/api/events")
    lines = [json.loads(line) for line in server.log.read_text()[known:].splitlines()]
    assert {line["level"] for line in lines} == {"info"}
    assert sum(line["event"] == "request" for line in lines) >= 60
