"""Connections to PostgreSQL: to the primary, and without requests to cancel a statement."""

import asyncio
from functools import partial
from typing import Any, cast
from urllib.parse import parse_qs, urlsplit

import asyncpg

# With any other attribute, or none, the order of the hosts means something.
_ONLY_ONE_FITS = {"read-write", "primary"}


class Connection(asyncpg.Connection):
    """Closes the connection when asyncpg would ask the server to cancel the running statement.

    asyncpg asks on a time-out, when the task that awaits a statement is cancelled, and when a
    connection is closed while it works. A commit may be waiting for the synchronous standby then.
    PostgreSQL would end only that wait: everybody would see the transaction, although a failover
    can still undo it. When somebody else cancels the wait, PostgreSQL warns and reports success.
    Then this closes the connection as well, and the statement fails.
    """

    __slots__ = ()

    def _process_log_message(self, fields: dict[str, str], last_query: str | None) -> None:
        # The name of a function in PostgreSQL; the message may be in any language.
        if fields.get("R") == "SyncRepWaitForLSN":
            self.terminate()

    async def _cancel(self, *_: object) -> None:
        # Every request to cancel goes through this method; a test looks for them on the wire.
        self.terminate()


async def connect(url: str, **given: Any) -> Connection:
    """Connect to the primary, whichever host it is on now.

    All hosts are tried at once. asyncpg tries one after the other and has one timeout for all of
    them: a machine that has fallen silent would hide its standby.
    """
    given["connection_class"] = Connection
    attempts = [asyncio.create_task(_connect_to(one, given)) for one in urls_by_host(url)]
    chosen: Connection | None = None
    try:
        for number, attempt in enumerate(asyncio.as_completed(attempts), 1):
            try:
                chosen = await attempt
            except (OSError, asyncpg.PostgresError, asyncpg.InternalClientError):
                if number == len(attempts):
                    raise
            else:
                return chosen
        raise AssertionError("unreachable")
    finally:
        # Nothing is awaited here: a cancellation at that moment would lose the chosen connection.
        for attempt in attempts:
            attempt.add_done_callback(partial(_hang_up_unless, chosen))
            attempt.cancel()


def urls_by_host(url: str) -> list[str]:
    """Return the URL once for each of its hosts, if only one of them can be meant."""
    parts = urlsplit(url)
    login, at, hosts = parts.netloc.rpartition("@")
    wanted = parse_qs(parts.query).get("target_session_attrs", ["any"])
    if "," not in hosts or not _ONLY_ONE_FITS.issuperset(wanted):
        return [url]
    return [parts._replace(netloc=f"{login}{at}{host}").geturl() for host in hosts.split(",")]


async def _connect_to(url: str, given: dict[str, Any]) -> Connection:
    return cast("Connection", await asyncpg.connect(url, **given))


def _hang_up_unless(chosen: Connection | None, attempt: asyncio.Task[Connection]) -> None:
    """Close the connection that an attempt has made, if it is not the chosen one."""
    if attempt.cancelled() or attempt.exception() is not None:
        return
    if attempt.result() is not chosen:
        attempt.result().terminate()
