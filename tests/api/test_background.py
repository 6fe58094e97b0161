"""Background work: loops, facts that are read while a process runs, and copies of a database."""

import asyncio
import os
import signal
import subprocess
import sys
from collections.abc import AsyncIterator, MutableMapping
from typing import Any

import asyncpg
import psycopg
import pytest
import structlog

from app.background import facts, loops
from app.background.loops import repeating
from app.data.database import Database
from app.local.paths import ROOT
from tests.support.application import Api, in_process
from tests.support.locks import await_true
from tests.support.rows import add_event, add_user, rows, value


@pytest.fixture
async def database(database_url: str) -> AsyncIterator[Database]:
    async with Database.connect(database_url) as connected:
        yield connected


@pytest.fixture
def logged(monkeypatch: pytest.MonkeyPatch) -> list[MutableMapping[str, Any]]:
    """What the loops log during this test."""
    capture = structlog.testing.LogCapture()
    for module in (facts, loops):
        monkeypatch.setattr(module, "log", structlog.wrap_logger(None, processors=[capture]))
    return capture.entries


def add_endpoint(db: psycopg.Connection) -> None:
    db.execute(
        "INSERT INTO webhook_endpoints (url, secret)"
        " VALUES ('https://receiver.example/', sha256('secret'))"
    )


async def test_a_loop_that_fails_is_retried_and_logs_once(
    logged: list[MutableMapping[str, Any]],
) -> None:
    calls = 0
    done = asyncio.Event()

    async def fail_three_times() -> float:
        nonlocal calls
        calls += 1
        if calls <= 3:
            raise asyncpg.PostgresError("it failed")
        done.set()
        return 3600

    async with repeating("work", fail_three_times, first_pause=0, retry_pause=0):
        await asyncio.wait_for(done.wait(), 5)

    assert [(line["work"], line["message"]) for line in logged] == [("work", "it failed")]


async def test_a_loop_ends_with_its_block() -> None:
    begun, ended = asyncio.Event(), False

    async def hang() -> float:
        nonlocal ended
        begun.set()
        try:
            await asyncio.sleep(3600)
        finally:
            ended = True
        return 0

    async with repeating("work", hang, first_pause=0, retry_pause=0):
        await asyncio.wait_for(begun.wait(), 5)
    assert ended


async def test_facts_are_read_while_a_process_runs(
    database: Database, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(facts, "PAUSE_SECONDS", 0.01)
    monkeypatch.setattr(facts, "BATCH", 2)
    add_endpoint(db)
    async with facts.fanning_out(database):
        for _ in range(5):
            add_event(db)
        await asyncio.to_thread(await_true, db, "SELECT count(*) = 5 FROM webhook_deliveries")


async def test_metrics_show_how_far_facts_lag(api: Api) -> None:
    add_endpoint(api.db)
    add_event(api.db)
    api.db.execute("UPDATE webhook_endpoints SET failing_since = now()")
    lag = float(figure(await metrics(api), "marquee_facts_lag_seconds"))
    assert 0 < lag < 600
    api.db.execute("SELECT fan_out_facts()")
    text = await metrics(api)
    assert float(figure(text, "marquee_facts_lag_seconds")) == 0
    assert float(figure(text, "marquee_webhook_deliveries_waiting")) == 1
    assert float(figure(text, "marquee_webhook_endpoints_failing")) == 1


async def metrics(api: Api) -> str:
    return (await api.anonymous.get("/metrics")).text


async def test_metrics_show_mails_that_wait_and_that_were_given_up(api: Api) -> None:
    user_id = add_user(api.db, email="ada@example.org")
    for attempts, over in ((0, False), (1, False), (7, True), (7, True), (1, True)):
        api.db.execute(
            "INSERT INTO mails (user_id, address, purpose, attempts, next_attempt_at, given_up_at,"
            " last_error) VALUES (%(user)s, 'ada@example.org', 'password-reset', %(attempts)s,"
            " CASE WHEN %(over)s THEN NULL ELSE now() + interval '1 hour' END,"
            " CASE WHEN %(over)s THEN now() END, 'SMTPConnectError')",
            {"user": user_id, "attempts": attempts, "over": over},
        )
    text = await metrics(api)
    assert float(figure(text, "marquee_mails_waiting")) == 2
    # One was given up before its last attempt, because it became pointless.
    assert float(figure(text, "marquee_mails_given_up")) == 2


def figure(text: str, name: str) -> str:
    (line,) = (line for line in text.splitlines() if line.startswith(f"{name} "))
    return line.split()[1]


async def test_a_process_that_starts_on_a_copy_says_how_to_resume(
    database: Database, db: psycopg.Connection, logged: list[MutableMapping[str, Any]]
) -> None:
    db.execute("SELECT fan_out_facts()")
    db.execute("UPDATE fact_cursors SET database = 'of another cluster'")
    await facts.pause_restored(database)
    db.execute("SELECT resume_facts()")
    await facts.pause_restored(database)

    (warning,) = logged
    assert warning["log_level"] == "warning"
    assert "SELECT resume_facts()" in warning["advice"]


async def test_a_process_knows_that_it_serves_a_copy_before_its_first_answer(
    database_url: str, db: psycopg.Connection
) -> None:
    db.execute("SELECT fan_out_facts()")
    db.execute("UPDATE fact_cursors SET database = 'of another cluster'")
    async with in_process(database_url, BACKGROUND="false"):
        assert [row["paused"] for row in rows(db, "SELECT paused FROM fact_cursors")] == [True] * 2


async def test_a_process_starts_when_pausing_fails(
    database: Database, db: psycopg.Connection, logged: list[MutableMapping[str, Any]]
) -> None:
    db.execute("REVOKE EXECUTE ON FUNCTION pause_restored_facts() FROM ticketing_api")
    await facts.pause_restored(database)
    assert [line["sqlstate"] for line in logged] == ["42501"]


def test_background_work_runs_without_serving(database_url: str, db: psycopg.Connection) -> None:
    add_endpoint(db)
    add_event(db)
    variables = {**os.environ, "DATABASE_URL": database_url}
    with subprocess.Popen(
        [sys.executable, "-m", "app.background"],
        cwd=ROOT,
        env=variables,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        try:
            await_true(db, "SELECT count(*) = 1 FROM webhook_deliveries")
            process.send_signal(signal.SIGTERM)
            _, errors = process.communicate(timeout=20)
        finally:
            process.kill()
    assert (process.returncode, errors) == (0, b"")
    assert value(db, "SELECT count(*) FROM webhook_deliveries") == 1
