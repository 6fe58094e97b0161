"""The list of one's own sessions, ending them, and what counts as using one."""

import asyncio
import re
from http.cookies import SimpleCookie
from typing import Any, LiteralString

import httpx2
import pytest

from app.data import seen_sessions
from tests.support.application import Api, Caller
from tests.support.locks import await_true, locked
from tests.support.people import Person, add_session
from tests.support.rows import add_event, value

FIREFOX = "Mozilla/5.0 (Android 14; Mobile; rv:132.0) Gecko/132.0 Firefox/132.0"
SEEN_LONG_AGO: LiteralString = (
    "UPDATE sessions SET created_at = now() - interval '30 minutes',"
    " last_seen_at = now() - interval '10 minutes'"
)
IS_SEEN: LiteralString = "SELECT last_seen_at > now() - interval '1 minute' FROM sessions"


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def sign_in(api: Api, caller: Caller, **headers: str) -> Caller:
    """Return the same person in another browser."""
    answer = await api.anonymous.post("/api/sessions", caller.sign_in_body, headers=headers)
    assert answer.status_code == 201
    token = SimpleCookie(answer.headers["set-cookie"])["session"].value
    person = caller.person
    return api.caller(Person(person.id, person.name, person.phone, token))


async def is_signed_in(caller: Caller) -> bool:
    return (await caller.read("/api/sessions/current"))["user"] is not None


async def listed(caller: Caller) -> list[dict[str, Any]]:
    items: list[dict[str, Any]] = (await caller.read("/api/sessions"))["items"]
    return items


async def test_the_list_says_where_one_is_signed_in(api: Api) -> None:
    computer = api.customer()
    api.db.execute(SEEN_LONG_AGO)
    phone = await sign_in(api, computer, **{"User-Agent": FIREFOX})
    await sign_in(api, api.customer("Ben Winter"))

    items = await listed(phone)

    assert [(item["browser"], item["is_current"]) for item in items] == [
        ("Firefox on Android", True),
        (None, False),
    ]
    assert re.fullmatch(r"[0-9a-f.:/]+", items[0]["network"])
    assert items[0]["created_at"] == items[0]["last_seen_at"] > items[1]["last_seen_at"]
    assert [item["is_current"] for item in await listed(computer)] == [False, True]


async def test_one_session_ends(api: Api) -> None:
    computer = api.customer()
    phone, tablet = await sign_in(api, computer), await sign_in(api, computer)
    (of_phone,) = [item["id"] for item in await listed(phone) if item["is_current"]]

    assert (await computer.delete(f"/api/sessions/{of_phone}")).status_code == 204

    signed_in = [await is_signed_in(caller) for caller in (computer, phone, tablet)]
    assert signed_in == [True, False, True]
    again = await computer.delete(f"/api/sessions/{of_phone}")
    assert problem(again) == (404, "session-not-found")


async def test_nobody_ends_the_session_of_somebody_else(api: Api) -> None:
    ana, ben = api.customer(), api.admin()
    (of_ana,) = [item["id"] for item in await listed(ana)]

    assert problem(await ben.delete(f"/api/sessions/{of_ana}")) == (404, "session-not-found")

    assert await is_signed_in(ana)


async def test_all_other_sessions_end(api: Api) -> None:
    computer, ben = api.customer(), api.customer("Ben Winter")
    phone, tablet = await sign_in(api, computer), await sign_in(api, computer)

    assert (await phone.delete("/api/sessions")).status_code == 204

    signed_in = [await is_signed_in(caller) for caller in (computer, phone, tablet, ben)]
    assert signed_in == [False, True, False, True]
    assert (await phone.delete("/api/sessions")).status_code == 204


@pytest.mark.parametrize(
    ("role", "lasts", "idles"),
    (("customer", "30 days", "14 days"), ("admin", "12 hours", "1 hour")),
)
async def test_a_session_ends_when_it_is_not_used(
    api: Api, monkeypatch: pytest.MonkeyPatch, role: str, lasts: str, idles: str
) -> None:
    # No use is written while the test sets the times.
    monkeypatch.setattr(seen_sessions, "PAUSE_SECONDS", 3600)
    caller = api.customer() if role == "customer" else api.admin()
    protected = "/api/account"
    api.db.execute(
        "UPDATE sessions SET created_at = now() - interval '2 hours',"
        " last_seen_at = now() - %s::interval + interval '1 minute'",
        [idles],
    )
    assert (await caller.get(protected)).status_code == 200

    api.db.execute("UPDATE sessions SET last_seen_at = now() - %s::interval", [idles])
    assert problem(await caller.get(protected)) == (401, "not-signed-in")
    assert not await is_signed_in(caller)

    # And at a fixed time, even if it is used.
    api.db.execute(
        "UPDATE sessions SET last_seen_at = now(), created_at = now() - %s::interval", [lasts]
    )
    assert problem(await caller.get(protected)) == (401, "not-signed-in")


async def test_the_cookie_of_an_admin_lasts_twelve_hours(api: Api) -> None:
    answer = await api.anonymous.post("/api/sessions", api.admin().sign_in_body)

    assert SimpleCookie(answer.headers["set-cookie"])["session"]["max-age"] == str(12 * 3600)


@pytest.fixture
def _written_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(seen_sessions, "PAUSE_SECONDS", 0)


@pytest.mark.usefixtures("_written_at_once")
async def test_a_use_is_written_after_the_answer(api: Api) -> None:
    ana = api.customer()
    api.db.execute(SEEN_LONG_AGO)

    await ana.read("/api/account")

    await asyncio.to_thread(await_true, api.db, IS_SEEN)


@pytest.mark.usefixtures("_written_at_once")
async def test_a_booking_does_not_wait_until_the_use_of_its_session_is_written(
    api: Api, database_url: str
) -> None:
    ana, event = api.customer(), add_event(api.db)
    api.db.execute(SEEN_LONG_AGO)

    async with locked(database_url, "LOCK TABLE sessions IN SHARE MODE"):
        async with asyncio.timeout(10):
            await ana.book(event)
        assert value(api.db, IS_SEEN) is False

    await ana.read("/api/account")
    await asyncio.to_thread(await_true, api.db, IS_SEEN)


@pytest.mark.usefixtures("_written_at_once")
@pytest.mark.parametrize("path", ("/api/notices/unread", "/api/events/{event}"))
async def test_what_an_open_page_repeats_by_itself_is_no_use(api: Api, path: str) -> None:
    ana, ben = api.customer(), api.customer("Ben Winter")
    polled = path.format(event=add_event(api.db))
    api.db.execute(SEEN_LONG_AGO)

    await ana.read(polled)
    await ben.read("/api/account")

    # What was noted first is written first.
    of_ben: LiteralString = IS_SEEN + " WHERE user_id = %s"
    await asyncio.to_thread(await_true, api.db, of_ben, ben.id)
    assert value(api.db, of_ben, ana.id) is False


async def test_a_hundred_sessions_are_listed(api: Api) -> None:
    ana = api.customer()
    for _ in range(99):
        add_session(api.db, ana.id)

    assert len(await listed(ana)) == 100
