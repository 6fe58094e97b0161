"""/healthz and /readyz, and how an unreachable database looks to clients."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import suppress

import pytest

from app.operations.migrations import known_migrations
from tests.support.application import Api, in_process
from tests.support.rows import add_event


class Gate:
    """A connection to the database that can be cut, as by a failed network."""

    def __init__(self, host: str, port: int) -> None:
        self._to = (host, port)
        self._server: asyncio.Server | None = None
        self._open: set[asyncio.StreamWriter] = set()
        self.port = 0

    async def open(self) -> None:
        self._server = await asyncio.start_server(self._pass, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def shut(self) -> None:
        """Refuse new connections and break the open ones."""
        assert self._server is not None
        self._server.close()
        for writer in self._open:
            writer.transport.abort()
        await self._server.wait_closed()

    async def _pass(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        far_reader, far_writer = await asyncio.open_connection(*self._to)
        self._open |= {writer, far_writer}
        await asyncio.gather(_copy(reader, far_writer), _copy(far_reader, writer))
        self._open -= {writer, far_writer}


async def _copy(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
    with suppress(ConnectionError):
        while piece := await reader.read(65_536):
            writer.write(piece)
            await writer.drain()
    writer.close()


@pytest.fixture
async def gate(database_url: str) -> AsyncIterator[Gate]:
    address = database_url.partition("@")[2].partition("/")[0]
    host, _, port = address.partition(":")
    gate = Gate(host, int(port))
    await gate.open()
    yield gate
    await gate.shut()


async def test_healthz_and_readyz_answer_ok(api: Api) -> None:
    assert await api.anonymous.read("/healthz") == {"status": "alive"}
    assert await api.anonymous.read("/readyz") == {"status": "ready"}


async def test_readyz_fails_while_a_migration_is_missing(api: Api) -> None:
    last = max(known_migrations())
    api.db.execute("UPDATE _yoyo_migration SET migration_id = 'x' WHERE migration_id = %s", (last,))
    response = await api.anonymous.get("/readyz")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/database-away")
    assert last in response.json()["detail"]
    assert (await api.anonymous.get("/healthz")).status_code == 200
    # An unknown migration belongs to a newer release, which is no reason to stop.
    api.db.execute(
        "INSERT INTO _yoyo_migration (migration_hash, migration_id) VALUES ('y', %s)", (last,)
    )
    assert (await api.anonymous.get("/readyz")).status_code == 200


async def test_readyz_fails_for_an_empty_database(api: Api) -> None:
    api.db.execute("ALTER TABLE _yoyo_migration RENAME TO elsewhere")
    response = await api.anonymous.get("/readyz")
    assert (response.status_code, response.json()["type"]) == (503, "/problems/database-away")
    api.db.execute("ALTER TABLE elsewhere RENAME TO _yoyo_migration")
    assert (await api.anonymous.get("/readyz")).status_code == 200


async def test_the_api_recovers_after_the_database_was_unreachable(
    api: Api, gate: Gate, database_url: str
) -> None:
    address = database_url.partition("@")[2].partition("/")[0]
    add_event(api.db)
    ana = api.customer()
    async with in_process(database_url.replace(address, f"127.0.0.1:{gate.port}")) as client:
        there = Api(client, api.db)
        caller = there.caller(ana.person)
        assert (await caller.get("/readyz")).status_code == 200
        await gate.shut()
        for path in ("/readyz", "/api/events", "/api/events/1", f"/api/bookings/user/{ana.id}"):
            response = await caller.get(path)
            assert (response.status_code, response.json()["type"]) == (
                503, "/problems/database-away",
            )  # fmt: skip
            assert response.headers["retry-after"]
        response = await caller.post("/api/bookings", {"event_id": 1, "quantity": 1})
        assert response.status_code == 503
        assert (await caller.get("/healthz")).status_code == 200
        assert (await caller.get("/api/config")).status_code == 200
        await gate.open()
        assert (await caller.get("/readyz")).status_code == 200
        assert (await caller.read("/api/events"))["items"]
        assert await caller.book(1)
