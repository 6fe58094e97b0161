"""Which of several servers is connected to."""

import socket
import time
from urllib.parse import urlsplit

import asyncpg
import pytest

from app import primary
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
        # Here the order means something, or the hosts stand elsewhere.
        ("postgresql://a,b/db", ["postgresql://a,b/db"]),
        (
            "postgresql:///db?host=a,b&target_session_attrs=primary",
            ["postgresql:///db?host=a,b&target_session_attrs=primary"],
        ),
    ),
)
def test_only_hosts_of_which_one_fits_are_tried_at_once(url: str, each: list[str]) -> None:
    assert primary.one_by_one(url) == each


async def test_a_silent_host_and_a_dead_one_do_not_hide_the_primary(database_url: str) -> None:
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


async def test_what_is_wrong_with_the_last_host_is_told(database_url: str) -> None:
    with pytest.raises(OSError, match="Connect call failed"):
        await primary.connect(f"postgresql://u@{LOOPBACK}:{choose()}/db", timeout=10)
    with pytest.raises(asyncpg.InvalidCatalogNameError):
        await primary.connect(f"{database_url}_that_is_not_there", timeout=10)
