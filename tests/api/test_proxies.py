"""Headers of a proxy are believed only if the proxy is trusted."""

from pathlib import Path

import pytest

from tests.support.raw_connections import connected, head
from tests.support.servers import serving

HEADERS = ("X-Forwarded-For: 203.0.113.7", "X-Real-IP: 203.0.113.7", "Via: 1.1 proxy")


@pytest.mark.parametrize(
    ("trusted", "warned"), (("", 1), ("192.0.2.0/24", 1), ("127.0.0.0/8,::1", 0))
)
async def test_an_untrusted_proxy_is_logged_once(
    database_url: str, tmp_path: Path, trusted: str, warned: int
) -> None:
    with serving(database_url, tmp_path, [{"TRUSTED_PROXIES": trusted}]) as (server,):
        async with connected(server) as connection:
            for header in HEADERS:
                await connection.send(head("GET", "/api/events", header))
                assert (await connection.answer()).status == 200
        lines = server.lines()
    peers = [line["peer"] for line in lines if line["event"] == "untrusted proxy"]
    assert peers == ["127.0.0.1"] * warned


async def test_no_warning_is_logged_without_a_proxy(database_url: str, tmp_path: Path) -> None:
    with serving(database_url, tmp_path, [{}]) as (server,):
        async with connected(server) as connection:
            await connection.send(head("GET", "/api/events"))
            assert (await connection.answer()).status == 200
        assert server.warnings() == []


@pytest.mark.parametrize(
    ("settings", "warned"),
    (
        ({"HOST": "0.0.0.0"}, True),
        ({"HOST": "0.0.0.0", "PUBLIC_URL": "http://127.0.0.1"}, False),
        ({}, False),
    ),
)
async def test_a_network_server_without_a_public_url_logs_a_warning(
    database_url: str, tmp_path: Path, settings: dict[str, str], warned: bool
) -> None:
    with serving(database_url, tmp_path, [settings]) as (server,):
        said = [line for line in server.lines() if line["event"] == "PUBLIC_URL is not set"]
    assert bool(said) == warned
