"""The past of an event: what was edited, and its figures as they were."""

import random
from datetime import timedelta
from typing import Any

from tests.support.application import Api
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, value

FIGURES = (
    "status",
    "capacity",
    "price",
    "tickets_sold",
    "tickets_available",
    "bookings",
    "revenue",
)


async def test_an_edit_says_what_was_what_became_and_who(api: Api) -> None:
    theo, mia = api.admin("Theo Admin"), api.admin("Mia Admin")
    created = await theo.post("/api/events", new_event(capacity=10, price="25.00"))
    event = created.json()
    path = f"/api/events/{event['id']}"
    await mia.put(path, edited_event(event, capacity=20, price="30.00", venue="Stadium"))
    history = await theo.read(f"{path}/history")
    edit, creation = history["items"]
    assert (edit["version"], edit["actor_name"]) == (2, "Mia Admin")
    assert edit["was"] == {"capacity": 10, "price": "25.00", "venue": "Town Hall"}
    assert edit["became"] == {"capacity": 20, "price": "30.00", "venue": "Stadium"}
    assert (creation["version"], creation["actor_name"]) == (1, "Theo Admin")
    assert (creation["was"], creation["became"]) == ({}, {})
    assert [len(page) for page in await theo.pages(f"{path}/history?limit=1")] == [1, 1]


async def test_the_figures_of_each_moment_are_remembered(api: Api) -> None:
    """After each random step the figures are noted; later they are asked for, and are the same."""
    admin, ana = api.admin(), api.customer()
    event_id = add_event(api.db, capacity=60, price=25)
    path = f"/api/events/{event_id}"
    chance = random.Random(7)
    noted: list[tuple[str, dict[str, Any]]] = []
    bookings: list[int] = []

    async def step() -> None:
        event = await admin.read(path)
        match chance.randrange(4):
            case 0 if bookings:
                booking_id = bookings.pop(chance.randrange(len(bookings)))
                await ana.put(f"/api/bookings/{booking_id}", {"status": "cancelled"})
            case 1:
                capacity = chance.randrange(event["capacity"], event["capacity"] + 5)
                await admin.put(path, edited_event(event, capacity=capacity))
            case 2:
                price = f"{chance.randrange(1, 50)}.00"
                await admin.put(path, edited_event(event, price=price))
            case _:
                booking = await ana.book(event_id, chance.randrange(1, 3))
                bookings.append(booking["id"])

    async def note() -> None:
        now = value(api.db, "SELECT clock_timestamp()")
        present = await admin.read(f"/api/admin/events/{event_id}")
        figures = {**present, **present["statistics"]}
        noted.append((now.isoformat(), {name: figures[name] for name in FIGURES}))

    for _ in range(25):
        await step()
        await note()
    await admin.put(path, edited_event(await admin.read(path), status="cancelled"))
    await note()

    for at, figures in noted:
        past = (await admin.get(f"{path}/as-of", params={"at": at})).json()
        assert {name: past[name] for name in FIGURES} == figures
    assert len({str(figures) for _, figures in noted}) > 10


async def test_there_is_no_event_before_it_was_made(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db)
    created = value(api.db, "SELECT at FROM event_versions WHERE event_id = %s", event_id)
    for at, status in ((created, 200), (created - timedelta(microseconds=1), 404)):
        response = await admin.get(f"/api/events/{event_id}/as-of", params={"at": at.isoformat()})
        assert response.status_code == status


async def test_an_unknown_event_has_no_past(api: Api) -> None:
    admin = api.admin()
    assert (await admin.get("/api/events/4711/history")).status_code == 404
    at = {"at": "2030-01-01T00:00:00Z"}
    assert (await admin.get("/api/events/4711/as-of", params=at)).status_code == 404
    assert (await admin.get("/api/events/4711/as-of", params={"at": "soon"})).status_code == 422
