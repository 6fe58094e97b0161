"""Searches and failing sign-ins have limited resources, so that they do not slow down bookings."""

import asyncio
import time

import psycopg
import pytest

from app.data import database, passwords
from app.data.database import SEARCHES
from app.data.passwords import Passwords, Verdict, hash_password
from app.http import services
from tests.support.application import Api, in_process
from tests.support.locks import locked, until_waiting_for_locks
from tests.support.rows import add_event, value

MANY = 20
# A search times out after a second, and those that queue behind it after two.
REFUSED_SECONDS = 3 + 2


def waiting(api: Api) -> int:
    """Return how many connections of the API wait for a lock."""
    count: int = value(
        api.db,
        "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
        " AND application_name = 'marquee' AND wait_event_type = 'Lock'",
    )
    return count


async def test_slow_searches_time_out_while_bookings_go_on(api: Api, database_url: str) -> None:
    ana, event = api.customer(), add_event(api.db)
    # Only searches read this table, and bookings do not write it.
    async with locked(database_url, "LOCK TABLE event_words IN ACCESS EXCLUSIVE MODE"):
        begun = time.monotonic()
        searches = [
            asyncio.create_task(api.anonymous.get(f"/api/events?search=unheard{number}"))
            for number in range(MANY)
        ]
        await until_waiting_for_locks(database_url, SEARCHES)
        for _ in range(3):
            await ana.book(event)
        assert waiting(api) <= SEARCHES
        answers = await asyncio.gather(*searches)
    assert time.monotonic() - begun < REFUSED_SECONDS
    assert {answer.status_code for answer in answers} == {503}
    assert {answer.headers["retry-after"] for answer in answers} == {"1"}
    assert await api.anonymous.read("/api/events?search=unheard") == {
        "items": [],
        "next_cursor": None,
        "in_description": False,
    }


async def test_searches_pause_only_while_tickets_are_sold(
    database_url: str, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Each pause takes as long as a pause may take, which is a second.
    monkeypatch.setattr(database, "SEARCH_SHARE", 1e-9)
    event = add_event(db)

    async def seconds_of_searches() -> float:
        begun = time.monotonic()
        for word in ("one", "two", "three"):
            await api.anonymous.read(f"/api/events?search={word}")
        return time.monotonic() - begun

    async with in_process(database_url) as client:
        api = Api(client, db)
        ana = api.customer()
        assert await seconds_of_searches() < 2
        await ana.book(event)
        assert await seconds_of_searches() >= 1


async def test_searches_of_admins_use_few_connections(
    database_url: str, db: psycopg.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(services, "ADMIN_SEARCHES", 0)
    monkeypatch.setattr(services, "TURN_SECONDS", 0.05)
    event = add_event(db)
    async with in_process(database_url) as client:
        admin = Api(client, db).admin()
        for path in (
            "/api/users",
            "/api/admin/events",
            "/api/admin/events?sort=title",
            "/api/events?status=all",
            f"/api/bookings/event/{event}",
        ):
            assert (await admin.get(path)).status_code == 200
            joined = "&" if "?" in path else "?"
            refused = await admin.get(f"{path}{joined}search=ana")
            assert (refused.status_code, refused.headers["retry-after"]) == (503, "1"), path


async def test_failing_sign_ins_of_one_address_use_one_connection(
    api: Api, database_url: str
) -> None:
    ana, event = api.customer(), add_event(api.db)
    wrong = {**ana.sign_in_body, "password": "wrong"}
    async with locked(database_url, "LOCK TABLE sign_in_failures IN ACCESS EXCLUSIVE MODE"):
        signing_in = [
            asyncio.create_task(api.anonymous.post("/api/sessions", wrong)) for _ in range(MANY)
        ]
        await until_waiting_for_locks(database_url)
        for _ in range(3):
            await ana.book(event)
        assert waiting(api) == 1
    answers = await asyncio.gather(*signing_in)
    assert {answer.status_code for answer in answers} <= {401, 429, 503}


async def test_a_password_changed_during_verification_is_refused(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    ana = api.customer()
    verify = Passwords.verify

    async def change_then_verify(self: Passwords, hashed: str | None, password: str) -> Verdict:
        changed = hash_password("another password")
        api.db.execute("SELECT replace_password(%s, %s, NULL)", [ana.id, changed])
        return await verify(self, hashed, password)

    monkeypatch.setattr(passwords.Passwords, "verify", change_then_verify)
    answer = await api.anonymous.post("/api/sessions", ana.sign_in_body)

    assert (answer.status_code, answer.json()["type"]) == (401, "/problems/sign-in-failed")
    assert value(api.db, "SELECT count(*) FROM sessions WHERE user_id = %s", ana.id) == 0
