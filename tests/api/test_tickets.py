"""Tickets are shown to their owner and admins, and are admitted exactly once."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import Any

import httpx2

from tests.support.application import Api
from tests.support.mistyped_codes import mistyped
from tests.support.rows import add_event, rows, value


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def codes(booking: dict[str, Any]) -> list[str]:
    return [ticket["ticket_code"] for ticket in booking["tickets"]]


async def test_a_ticket_is_shown_to_its_customer_and_to_admins_only(api: Api) -> None:
    ana, ben = api.customer("Ana Sommer"), api.customer("Ben")
    booking = await ana.book(add_event(api.db), 2)
    path = f"/api/tickets/{codes(booking)[0]}"
    shown = await ana.read(path)
    assert shown["ticket"] == booking["tickets"][0]
    assert shown["booking"] == {"id": booking["id"], "quantity": 2, "customer_name": "Ana Sommer"}
    assert shown["event"] == booking["event"]
    assert await api.admin().read(path) == shown
    anothers = await ben.get(path)
    unknown = await ben.get("/api/tickets/00000-00000-00000-00000-0")
    assert problem(anothers) == problem(unknown) == (404, "ticket-not-found")
    assert anothers.json().keys() == unknown.json().keys()


async def test_a_check_in_is_counted_and_shown_everywhere(api: Api) -> None:
    ana, admin, event = api.customer("Ana Sommer"), api.admin(), add_event(api.db)
    booking = await ana.book(event, 3)
    code = codes(booking)[1]
    response = await admin.post(f"/api/tickets/{code}/check-in", {"event_id": event})
    admission = response.json()
    assert admission["ticket"].items() >= {"ticket_code": code, "status": "used"}.items()
    assert admission["booking"] == {
        "id": booking["id"], "quantity": 3, "customer_name": "Ana Sommer",
        "total_amount": "60.00", "currency": "EUR",
    }  # fmt: skip
    assert admission["event"] == {
        "id": event, "title": "Jazz Night", "how_to_pay": None,
        "tickets_sold": 3, "tickets_checked_in": 1,
    }  # fmt: skip
    assert (await ana.read(f"/api/tickets/{code}"))["ticket"] == admission["ticket"]
    shown = (await ana.read(f"/api/bookings/{booking['id']}"))["tickets"]
    assert [ticket["status"] for ticket in shown] == ["active", "used", "active"]
    logged = rows(api.db, "SELECT * FROM activity WHERE action = 'ticket-admitted'")
    assert [(row["actor_id"], row["ticket_id"]) for row in logged] == [
        (admin.id, admission["ticket"]["id"])
    ]


async def test_a_code_is_accepted_in_any_notation(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    booking = await ana.book(add_event(api.db), 5)
    writings: list[Callable[[str], str]] = [
        str.lower,
        lambda code: code.replace("-", ""),
        lambda code: code.replace("-", "%20"),
        lambda code: f"%20{code.replace('0', 'o').replace('1', 'l')}%20",
        lambda code: code.replace("-", "%E2%80%93").replace("1", "I"),
    ]
    for write, code in zip(writings, codes(booking), strict=True):
        response = await admin.post(f"/api/tickets/{write(code)}/check-in", {})
        assert response.json()["ticket"]["ticket_code"] == code


async def test_a_refused_check_in_states_the_reason(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    event, other = add_event(api.db), add_event(api.db, title="Opera")
    booking, given_up = await ana.book(event, 2), await ana.book(event)
    await ana.put(f"/api/bookings/{given_up['id']}", {"status": "cancelled"})
    code = codes(booking)[0]

    async def check_in(code: str, **body: int) -> httpx2.Response:
        return await admin.post(f"/api/tickets/{code}/check-in", body)

    (wrong,) = api.db.execute(mistyped(code)).fetchone() or ()
    assert problem(await check_in(wrong)) == (422, "ticket-code-malformed")
    assert problem(await check_in("00000-00000-00000-00000-0")) == (404, "ticket-not-found")
    assert problem(await check_in(codes(given_up)[0])) == (409, "ticket-cancelled")
    elsewhere = await check_in(code, event_id=other)
    assert problem(elsewhere) == (409, "ticket-for-another-event")
    assert elsewhere.json()["event_title"] == "Jazz Night"
    assert elsewhere.json()["detail"] == "It is for Jazz Night."
    first = (await check_in(code, event_id=event)).json()["ticket"]["used_at"]
    again = await check_in(code, event_id=event)
    assert problem(again) == (409, "ticket-already-used")
    assert datetime.fromisoformat(again.json()["used_at"]) == datetime.fromisoformat(first)
    assert again.json()["booking_id"] == booking["id"]
    assert again.json()["customer_name"] == ana.person.name
    assert value(api.db, "SELECT count(*) FROM tickets WHERE status = 'used'") == 1


async def test_two_concurrent_scanners_admit_each_code_once(api: Api) -> None:
    event, ana = add_event(api.db, capacity=200, max_tickets_per_booking=100), api.customer()
    every = [*codes(await ana.book(event, 100)), *codes(await ana.book(event, 100))]
    doors = [api.admin(), api.admin()]

    async def admit(code: str) -> list[httpx2.Response]:
        path = f"/api/tickets/{code}/check-in"
        body = {"event_id": event}
        return list(await asyncio.gather(*(door.post(path, body) for door in doors)))

    admitted = 0
    turns = asyncio.Semaphore(4)

    async def race(code: str) -> None:
        nonlocal admitted
        async with turns:
            won, lost = sorted(await admit(code), key=lambda response: response.status_code)
        assert (won.status_code, problem(lost)) == (200, (409, "ticket-already-used"))
        used_at = datetime.fromisoformat(won.json()["ticket"]["used_at"])
        assert datetime.fromisoformat(lost.json()["used_at"]) == used_at
        admitted += 1

    await asyncio.gather(*map(race, every))
    assert admitted == 200
    shown = await api.admin().read(f"/api/admin/events/{event}")
    assert shown["statistics"]["tickets_checked_in"] == 200
    assert value(api.db, "SELECT count(*) FROM activity WHERE action = 'ticket-admitted'") == 200
