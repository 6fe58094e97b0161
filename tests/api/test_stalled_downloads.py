"""Clients that request a file and stop reading occupy nothing for long."""

import asyncio
import time
from collections.abc import AsyncGenerator

import httpx2
import psycopg
import pytest
from starlette.types import Message, Scope

from app.data.database import EXPORTS
from app.http import downloads
from app.http.downloads import Download
from tests.support.application import Api, Caller
from tests.support.bodies import edited_event
from tests.support.rows import add_event

SOON = 5


class Client:
    """A client that accepts a number of messages and then no more."""

    def __init__(self, takes: int) -> None:
        self.stalled = asyncio.Event()
        self.received: list[Message] = []
        self._takes = takes

    async def receive(self) -> Message:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    async def send(self, message: Message) -> None:
        self.received.append(message)
        if len(self.received) > self._takes:
            self.stalled.set()
            await asyncio.Event().wait()

    @property
    def has_all(self) -> bool:
        return not self.received[-1].get("more_body", True)


class Pieces:
    """An endless file that records whether it was closed."""

    def __init__(self) -> None:
        self.closed = False

    async def __call__(self) -> AsyncGenerator[bytes, None]:
        try:
            while True:
                yield b"piece"
                await asyncio.sleep(0.01)
        finally:
            self.closed = True


@pytest.mark.parametrize(("limit", "takes"), (("STALLED_SECONDS", 2), ("WHOLE_SECONDS", 1_000_000)))
async def test_a_stalled_or_slow_download_ends(
    monkeypatch: pytest.MonkeyPatch, limit: str, takes: int
) -> None:
    monkeypatch.setattr(downloads, limit, 0.2)
    client, pieces = Client(takes), Pieces()
    begun = time.monotonic()
    scope = {"type": "http", "asgi": {"spec_version": "2.3"}, "state": {}}
    await Download(pieces())(scope, client.receive, client.send)

    assert time.monotonic() - begun < SOON
    assert pieces.closed
    assert not client.has_all


def event_with_bookings(db: psycopg.Connection, user_id: int) -> int:
    """Return an event whose file is too long to be sent at once."""
    event = add_event(db, capacity=10_000)
    db.execute(
        "INSERT INTO bookings (user_id, event_id, quantity, unit_price, total_amount, booked_by)"
        " SELECT %(user)s, %(event)s, 1, 20, 20, %(user)s FROM generate_series(1, 5000)",
        {"user": user_id, "event": event},
    )
    return event


async def begin_export(api: Api, caller: Caller, event: int) -> asyncio.Task[None]:
    """Request an event's bookings, take the first piece, and stop reading."""
    client = Client(takes=1)
    scope: Scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": f"/api/bookings/event/{event}.csv",
        "query_string": b"",
        "headers": [(b"cookie", f"session={caller.person.token}".encode())],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 80),
    }
    transport = api.client._transport
    assert isinstance(transport, httpx2.ASGITransport)
    app = transport.app

    async def ask() -> None:
        await app(scope, client.receive, client.send)

    task = asyncio.create_task(ask())
    async with asyncio.timeout(SOON):
        await client.stalled.wait()
    return task


@pytest.mark.leaves_contradictions  # Bookings without tickets are inserted quickly.
async def test_stalled_exports_delay_other_exports_only_for_a_while(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Long enough for the requests in between, even on a busy machine.
    monkeypatch.setattr(downloads, "STALLED_SECONDS", SOON)
    admin = api.admin()
    event, other = event_with_bookings(api.db, admin.id), add_event(api.db)
    path = f"/api/bookings/event/{event}.csv"
    stalled = [await begin_export(api, admin, event) for _ in range(EXPORTS)]

    assert (await admin.get(path)).status_code == 503
    assert (await admin.get("/api/admin/integrity")).status_code == 200
    shown = await api.anonymous.read(f"/api/events/{other}")
    cancelled = await admin.put(f"/api/events/{other}", edited_event(shown, status="cancelled"))
    assert cancelled.status_code == 200
    assert not any(task.done() for task in stalled)
    await asyncio.gather(*stalled)
    assert (await admin.get(path)).status_code == 200
