"""Upgrade requests through nginx.

With the usual snippet for WebSockets nginx passes Upgrade on, and then sends requests of other
visitors over the same connection. These tests need a real nginx, because nothing else behaves like
it, and are deselected where it is missing. test_framing.py sends the same bytes without nginx and
always runs.
"""

import asyncio
import shutil
import subprocess
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.local import ports
from tests.support.application import Api
from tests.support.raw_connections import connected, head
from tests.support.servers import ServerProcess

pytestmark = pytest.mark.nginx

CONFIGURATION = """
daemon off;
master_process off;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 512; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    map $http_upgrade $connection_upgrade {{ default upgrade; '' ''; }}
    upstream marquee {{ server 127.0.0.1:{upstream}; keepalive 8; }}
    server {{
        listen 127.0.0.1:{port};
        location / {{
            proxy_pass http://marquee;
            proxy_http_version 1.1;
            proxy_request_buffering {buffering};
            proxy_set_header Host $http_host;
            proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
            proxy_set_header Upgrade $http_upgrade;
            proxy_set_header Connection $connection_upgrade;
        }}
    }}
}}
"""
ATTACKS = 6
VICTIMS = 4


@pytest.fixture(params=("on", "off"), ids=lambda buffering: f"buffering {buffering}")
def behind_nginx(
    request: pytest.FixtureRequest, two_servers: list[ServerProcess], tmp_path: Path
) -> Iterator[ServerProcess]:
    """The first server, reached through nginx."""
    server, port = two_servers[0], ports.choose()
    configuration = tmp_path / "nginx.conf"
    upstream = server.address.rpartition(":")[2]
    configuration.write_text(
        CONFIGURATION.format(folder=tmp_path, upstream=upstream, port=port, buffering=request.param)
    )
    program = shutil.which("nginx") or "/usr/sbin/nginx"
    with subprocess.Popen([program, "-p", str(tmp_path), "-c", str(configuration)]) as nginx:
        try:
            deadline = time.monotonic() + 20
            while ports.is_free(port):
                assert nginx.poll() is None
                assert time.monotonic() < deadline
                time.sleep(0.02)
            yield ServerProcess(nginx, f"http://{ports.LOOPBACK}:{port}", server.log)
        finally:
            nginx.terminate()


def attack(smuggled: str) -> bytes:
    """Return a request whose body ends in the start of another request, too long for one piece."""
    body = b"\r\n" * 300_000 + f"{smuggled} HTTP/1.1\r\nX-Ignore: ".encode()
    headers = ("Connection: Upgrade", "Upgrade: h2c", f"Content-Length: {len(body)}")
    return head("POST", "/api/nothing", *headers) + body


async def test_a_smuggled_request_is_never_answered_to_another_visitor(
    two_apis: list[Api], behind_nginx: ServerProcess
) -> None:
    ana = two_apis[0].customer()
    cookie = f"Cookie: session={ana.person.token}"
    for smuggled in ("GET /api/config", "DELETE /api/sessions/current") * (ATTACKS // 2):
        async with connected(behind_nginx) as attacker:
            # nginx may close the connection before it has read everything.
            with suppress(ConnectionError):
                await attacker.send(attack(smuggled))
            with suppress(ConnectionError, asyncio.IncompleteReadError):
                await attacker.answer()
            for _ in range(VICTIMS):
                async with connected(behind_nginx) as victim:
                    await victim.send(head("GET", "/api/sessions/current", cookie))
                    answer = await victim.answer()
                assert answer.status == 200
                assert ana.person.phone.encode() in answer.body
                assert "set-cookie" not in answer.headers


async def test_a_client_that_asks_for_an_upgrade_is_served(
    two_apis: list[Api], behind_nginx: ServerProcess
) -> None:
    body = f'{{"phone": "{two_apis[0].customer().person.phone}", "password": "wrong"}}'.encode()
    headers = (
        *("Connection: Upgrade, HTTP2-Settings", "Upgrade: h2c", "HTTP2-Settings: AAMAAABk"),
        *("Content-Type: application/json", f"Content-Length: {len(body)}"),
    )
    async with connected(behind_nginx) as connection:
        for _ in range(3):
            await connection.send(head("POST", "/api/sessions", *headers), body)
            assert (await connection.answer()).status == 401
