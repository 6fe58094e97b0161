"""Which of several servers the API connects to."""

import asyncio
import socket
import time
from typing import Any
from urllib.parse import urlsplit

import asyncpg
import pytest

from app.data import primary
from app.local.ports import LOOPBACK, choose


@pytest.mark.parametrize(
    ("url", "each"),
    (
        ("postgresql://u:p@a:1/db", ["postgresql://u:p@a:1/db"]),
        (
            "postgresql://u:p@a:1,b/db?target_session_attrs=read-write",
            [
                "postgresql://u:p@a:1/db?target_session_attrs=read-write",
                "postgresql://u:p@b/db?target_session_attrs=read-write",
            ],
        ),
        # In these URLs the order matters, or the hosts are elsewhere.
        ("postgresql://a,b/db", ["postgresql://a,b/db"]),
        (
            "postgresql:///db?host=a,b&target_session_attrs=primary",
            ["postgresql:///db?host=a,b&target_session_attrs=primary"],
        ),
    ),
)
def test_hosts_are_tried_concurrently_only_where_one_fits(url: str, each: list[str]) -> None:
    assert primary.urls_by_host(url) == each


async def test_the_primary_is_found_beside_silent_and_dead_hosts(database_url: str) -> None:
    with socket.create_server((LOOPBACK, 0)) as silent:
        parts = urlsplit(database_url)
        numbers = (silent.getsockname()[1], choose(), parts.port)
        hosts = ",".join(f"{LOOPBACK}:{port}" for port in numbers)
        url = f"postgresql://{parts.username}@{hosts}{parts.path}?target_session_attrs=read-write"
        begun = time.monotonic()
        connection = await primary.connect(url, timeout=10)
        assert time.monotonic() - begun < 5
        assert await connection.fetchval("SELECT 1") == 1
        await connection.close()


async def test_the_error_of_the_last_host_is_raised(database_url: str) -> None:
    with pytest.raises(OSError, match="Connect call failed"):
        await primary.connect(f"postgresql://u@{LOOPBACK}:{choose()}/db", timeout=10)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await primary.connect(f"{database_url}_that_is_not_there", timeout=10)


@pytest.mark.parametrize("steps", range(5))
async def test_an_abandoned_connection_attempt_leaves_no_connection(
    database_url: str, monkeypatch: pytest.MonkeyPatch, steps: int
) -> None:
    made: list[primary.Connection] = []
    is_made = asyncio.Event()
    connect_to = primary._connect_to

    async def noted(url: str, given: dict[str, Any]) -> primary.Connection:
        made.append(await connect_to(url, given))
        is_made.set()
        return made[0]

    monkeypatch.setattr(primary, "_connect_to", noted)
    waiting = asyncio.create_task(primary.connect(database_url, timeout=10))
    await is_made.wait()
    for _ in range(steps):
        await asyncio.sleep(0)
    waiting.cancel()

    await asyncio.wait({waiting})
    if waiting.cancelled():
        # Connections are closed in the next iteration of the event loop.
        await asyncio.sleep(0)
    else:
        waiting.result().terminate()

    assert [connection.is_closed() for connection in made] == [True]
