"""The maintenance that an API process does at start and once a day."""

import asyncio
from collections.abc import AsyncIterator, MutableMapping
from typing import Any, LiteralString

import psycopg
import pytest
import structlog
from pydantic import SecretStr

from app.background import upkeep
from app.data.database import Database
from app.local.ports import LOOPBACK, choose
from app.settings import Settings
from tests.support.application import in_process
from tests.support.locks import await_true
from tests.support.rows import add_user, value

LAST: LiteralString = (
    "SELECT max(inhrelid::regclass::text) FROM pg_inherits"
    " WHERE inhparent = 'activity'::regclass AND inhrelid <> 'activity_default'::regclass"
)


async def await_last(db: psycopg.Connection, name: str) -> None:
    """Return when the last month's partition is this one."""
    await asyncio.to_thread(await_true, db, f"SELECT ({LAST}) = %s", name)


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.connect(database_url) as connected:
        yield connected


@pytest.fixture
def settings(database_url: str) -> Settings:
    return Settings(
        database_url=SecretStr(database_url), mail_retention_days=5, notice_retention_days=9
    )


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[MutableMapping[str, Any]]:
    """What the module logs during this test."""
    capture = structlog.testing.LogCapture()
    monkeypatch.setattr(upkeep, "log", structlog.wrap_logger(None, processors=[capture]))
    return capture.entries


@pytest.fixture
def missing(db: psycopg.Connection) -> str:
    """Drop the last month's partition, and return its name."""
    name: str = value(db, LAST)
    db.execute(f"DROP TABLE {name}".encode())
    return name


async def test_a_starting_process_creates_the_next_partitions(
    database_url: str, db: psycopg.Connection, missing: str
) -> None:
    async with in_process(database_url):
        assert value(db, LAST) == missing


async def test_partitions_are_created_every_day(
    database: Database,
    settings: Settings,
    db: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "DAY_SECONDS", 0.01)
    async with upkeep.upkeep(database, settings):
        name: str = value(db, LAST)
        db.execute(f"DROP TABLE {name}".encode())

        await await_last(db, name)


async def test_old_deliveries_are_deleted_batch_after_batch(
    database: Database,
    settings: Settings,
    db: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 3)
    monkeypatch.setattr(upkeep, "PAUSE_SECONDS", 0.01)
    db.execute("SELECT create_webhook_endpoint('https://a.example/', '{}', NULL, NULL)")
    db.execute(
        "INSERT INTO webhook_deliveries (endpoint_id, source, source_id, type, body,"
        " next_attempt_at, delivered_at)"
        " SELECT id, 'test', n, 'webhook.test', '{}', NULL, now() - n * interval '1 day'"
        " FROM webhook_endpoints, generate_series(21, 40) AS n"
    )
    async with upkeep.upkeep(database, settings):
        left = "SELECT array_agg(source_id ORDER BY source_id) FROM webhook_deliveries"
        await asyncio.to_thread(
            await_true, db, f"SELECT ({left}) = '{{21,22,23,24,25,26,27,28,29}}'"
        )


async def test_what_is_over_is_deleted_slice_after_slice_by_the_settings(
    database: Database,
    settings: Settings,
    db: psycopg.Connection,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "BATCH", 2)
    monkeypatch.setattr(upkeep, "PAUSE_SECONDS", 0.01)
    user_id = add_user(db)
    db.execute(
        "INSERT INTO notices (user_id, kind, event_id, matter, at)"
        " SELECT %s, 'event-reminder', 1, n::text, now() - n * interval '1 day'"
        " FROM generate_series(12, 5, -1) AS n",
        [user_id],
    )
    db.execute(
        "INSERT INTO mails (user_id, address, purpose, created_at)"
        " SELECT %s, 'a@example.org', 'password-reset', now() - n * interval '1 day'"
        " FROM generate_series(12, 2, -1) AS n",
        [user_id],
    )
    async with upkeep.upkeep(database, settings):
        await asyncio.to_thread(
            await_true,
            db,
            "SELECT (SELECT count(*) FROM notices) = 4 AND (SELECT count(*) FROM mails) = 3",
        )


async def test_maintenance_is_retried_while_the_database_is_unreachable(
    db: psycopg.Connection,
    database_url: str,
    settings: Settings,
    missing: str,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(upkeep, "RETRY_SECONDS", 0.01)
    async with (
        Database.connect(f"postgresql://owner@{LOOPBACK}:{choose()}/nothing") as away,
        Database.connect(database_url) as back,
        upkeep.upkeep(away, settings),
    ):
        assert value(db, LAST) != missing

        monkeypatch.setattr(away, "_pool", back._pool)

        await await_last(db, missing)


async def test_a_failure_to_create_partitions_is_logged(
    database: Database, db: psycopg.Connection, logged: list[MutableMapping[str, Any]]
) -> None:
    db.execute("REVOKE EXECUTE ON FUNCTION make_activity_partitions() FROM ticketing_api")

    assert not await upkeep.make_partitions(database)

    assert [(line["event"], line["sqlstate"]) for line in logged] == [("upkeep failed", "42501")]


async def test_an_api_logged_in_as_the_owner_logs_a_warning(
    database: Database,
    database_url: str,
    superuser_url: str,
    logged: list[MutableMapping[str, Any]],
) -> None:
    await upkeep.warn_of_too_many_rights(database)
    assert [(line["log_level"], line["login"]) for line in logged] == [("warning", "owner")]

    login = "api_of_this_test"
    with psycopg.connect(superuser_url, autocommit=True) as superuser:
        superuser.execute(f"CREATE ROLE {login} LOGIN IN ROLE ticketing_api".encode())
        try:
            url = database_url.replace("://owner@", f"://{login}@")
            async with Database.connect(url) as connected:
                await upkeep.warn_of_too_many_rights(connected)
                assert len(logged) == 1
        finally:
            superuser.execute(f"DROP ROLE {login}".encode())
