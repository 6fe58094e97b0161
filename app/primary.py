"""Connecting to whichever of several servers takes writes."""

import asyncio
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import asyncpg

# With any other attribute, or none, the order of the hosts means something.
_ONLY_ONE_FITS = {"read-write", "primary"}


async def connect(url: str, **given: Any) -> asyncpg.Connection:
    """Connect to the primary, whichever host it is on now.

    All hosts are tried at once. asyncpg tries one after the other and has one timeout for all of
    them: a machine that has fallen silent would hide its standby.
    """
    attempts = [asyncio.create_task(asyncpg.connect(one, **given)) for one in one_by_one(url)]
    chosen: asyncpg.Connection | None = None
    try:
        for number, attempt in enumerate(asyncio.as_completed(attempts), 1):
            try:
                chosen = cast("asyncpg.Connection", await attempt)
            except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError):
                if number == len(attempts):
                    raise
            else:
                return chosen
        raise AssertionError("unreachable")
    finally:
        await _let_go(attempts, chosen)


def one_by_one(url: str) -> list[str]:
    """Return the URL once for each of its hosts, if only one of them can be meant."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    wanted = parse_qs(parts.query).get("target_session_attrs", ["any"])
    if "," not in hosts or not _ONLY_ONE_FITS.issuperset(wanted):
        return [url]
    return [parts._replace(netloc=f"{login}{at}{host}").geturl() for host in hosts.split(",")]


async def _let_go(
    attempts: list[asyncio.Task[asyncpg.Connection]], chosen: asyncpg.Connection | None
) -> None:
    """End the attempts that are not needed, and the connections they have made."""
    for attempt in attempts:
        attempt.cancel()
    for outcome in await asyncio.gather(*attempts, return_exceptions=True):
        if isinstance(outcome, asyncpg.Connection) and outcome is not chosen:
            outcome.terminate()
