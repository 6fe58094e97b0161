"""Erasing an account: by its user, and by an admin; what admins see of it afterwards."""

import asyncio
from typing import Any

import pytest

from tests.support.application import Api, Caller
from tests.support.bodies import PASSWORD
from tests.support.rows import add_event, rows, start_event, value

OWN = "/api/account/erasure"


def problem_of(response: Any) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def erase(caller: Caller, path: str = OWN, password: str | None = PASSWORD) -> Any:
    return await caller.post(path, {"password": password})


async def test_a_customer_erases_the_account_and_is_signed_out(api: Api) -> None:
    ana = api.customer()

    erased = await erase(ana)

    assert (erased.status_code, erased.content) == (204, b"")
    assert (await ana.read("/api/sessions/current"))["user"] is None
    assert (await api.anonymous.post("/api/sessions", ana.sign_in_body)).status_code == 401
    (line,) = rows(api.db, "SELECT * FROM recent_activity WHERE action = 'user-erased'")
    assert (line["actor_id"], line["user_name"]) == (ana.id, "Erased")


@pytest.mark.parametrize("own", (True, False))
async def test_an_erasure_needs_the_password_of_the_caller(api: Api, own: bool) -> None:
    ana, admin = api.customer(), api.admin()
    api.admin()
    caller, path = (ana, OWN) if own else (admin, f"/api/users/{ana.id}/erasure")

    refused = await erase(caller, path, "")
    assert problem_of(refused) == (422, "validation")
    assert refused.json()["errors"][0]["pointer"] == "/password"
    # Without it, it must have been given a short time ago.
    api.db.execute("UPDATE sessions SET confirmed_at = now() - interval '15 minutes'")
    assert problem_of(await erase(caller, path, None)) == (403, "confirmation-required")
    answers = await asyncio.gather(*(erase(caller, path, "wrong") for _ in range(11)))
    assert sorted(answer.status_code for answer in answers) == [403] * 10 + [429]
    assert problem_of(await erase(caller, path)) == (429, "too-many-attempts")
    assert value(api.db, "SELECT count(*) FROM users WHERE erased_at IS NOT NULL") == 0


async def test_an_account_without_a_password_needs_none(api: Api) -> None:
    ana = api.customer(password_hash=None)

    assert (await erase(ana, password=None)).status_code == 204


@pytest.mark.parametrize("own", (True, False))
async def test_an_account_with_bookings_to_come_stays(api: Api, own: bool) -> None:
    ana, admin = api.customer(), api.admin()
    caller, path = (ana, OWN) if own else (admin, f"/api/users/{ana.id}/erasure")
    bookings = [await ana.book(add_event(api.db)) for _ in range(2)]

    refused = await erase(caller, path)

    assert problem_of(refused) == (409, "upcoming-bookings")
    assert refused.json()["bookings"] == 2
    assert refused.json()["detail"] == "Cancel 2 bookings for coming events first."
    for booking in bookings:
        await ana.put(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    assert (await erase(caller, path)).status_code in {200, 204}


@pytest.mark.parametrize("own", (True, False))
async def test_the_last_admin_stays(api: Api, own: bool) -> None:
    admin = api.admin()
    path = OWN if own else f"/api/users/{admin.id}/erasure"

    assert problem_of(await erase(admin, path)) == (409, "last-admin")

    api.admin()
    assert (await erase(admin, path)).status_code in {200, 204}


async def test_an_admin_erases_a_customer_and_repeats_it(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    path = f"/api/users/{ana.id}/erasure"

    answers = [await erase(admin, path) for _ in range(2)]

    for answer in answers:
        assert answer.status_code == 200
        shown = answer.json()
        assert (shown["id"], shown["name"], shown["phone"]) == (ana.id, "Erased", None)
    assert problem_of(await erase(admin, "/api/users/999999999/erasure")) == (404, "user-not-found")


async def test_the_bookings_of_an_erased_customer_still_show(api: Api) -> None:
    ana, admin, event_id = api.customer("Zephyrine Quillfeather"), api.admin(), add_event(api.db)
    booking = await ana.book(event_id, 2)
    start_event(api.db, event_id)
    assert (await erase(ana)).status_code == 204

    (listed,) = (await admin.read(f"/api/bookings/event/{event_id}"))["items"]
    assert (listed["id"], listed["quantity"]) == (booking["id"], 2)
    assert listed["customer"] == {"id": ana.id, "name": "Erased", "phone": None}
    exported = await admin.get(f"/api/bookings/event/{event_id}.csv")
    (line,) = exported.text.splitlines()[1:]
    assert ';"confirmed";"Erased";;2;' in line
    assert (await admin.get(f"/api/bookings/event/{event_id}.xlsx")).status_code == 200
    assert (await admin.read(f"/api/bookings/{booking['id']}"))["user_id"] == ana.id
    assert (await admin.read(f"/api/bookings/user/{ana.id}"))["items"] != []
    for search in ("Zephyrine", ana.person.phone):
        found = await admin.read("/api/users", params={"search": search})
        assert found["items"] == []
        listed = await admin.read(f"/api/bookings/event/{event_id}", params={"search": search})
        assert listed["items"] == []


async def test_admins_cannot_act_for_an_erased_customer(api: Api) -> None:
    ana, admin, event_id = api.customer(), api.admin(), add_event(api.db)
    booking = await ana.book(event_id)
    start_event(api.db, event_id)
    await erase(ana)
    # The event had started, and is moved now.
    api.db.execute("UPDATE events SET date_time = now() + interval '1 day'")

    answers = [
        await admin.post("/api/bookings", {"event_id": event_id, "quantity": 1, "user_id": ana.id}),
        await admin.put(f"/api/bookings/{booking['id']}", {"status": "cancelled"}),
        await admin.put(f"/api/users/{ana.id}", {"name": "Ana"}),
    ]

    for answer in answers:
        assert problem_of(answer) == (409, "user-erased")
