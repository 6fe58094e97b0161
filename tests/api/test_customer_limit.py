"""The limit of a customer, as the API shows, edits and enforces it."""

import httpx2

from tests.support.application import Api
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, add_user, value


def limited(api: Api, limit: int | None = 4) -> int:
    return add_event(api.db, max_tickets_per_customer=limit)


def refusal(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def test_the_limit_is_kept_edited_and_taken_back(api: Api) -> None:
    admin = api.admin()
    event = (await admin.post("/api/events", new_event(max_tickets_per_customer=4))).json()
    assert event["max_tickets_per_customer"] == 4
    path = f"/api/events/{event['id']}"
    # A client of the first release does not know the field.
    body = edited_event(event, title="Ballet")
    del body["max_tickets_per_customer"]
    assert (await admin.put(path, body)).json()["max_tickets_per_customer"] == 4
    taken_back = await admin.put(path, edited_event(event, max_tickets_per_customer=None))
    assert taken_back.json()["max_tickets_per_customer"] is None


async def test_a_customer_cannot_exceed_the_limit(api: Api) -> None:
    ana, event_id = api.customer(), limited(api)
    await ana.book(event_id, 3)
    response = await ana.post("/api/bookings", {"event_id": event_id, "quantity": 2})
    assert refusal(response) == (409, "customer-limit")
    problem = response.json()
    assert (problem["limit"], problem["owned"]) == (4, 3)
    assert problem["detail"] == "One customer may have 4 tickets of this event, and 3 are booked."


async def test_anyone_signed_in_learns_how_many_they_may_still_book(api: Api) -> None:
    ana, admin, event_id = api.customer(), api.admin(), limited(api)
    path = f"/api/events/{event_id}/customer-limit"
    assert await ana.read(path) == {"limit": 4, "owned": 0, "remaining": 4}
    await ana.book(event_id, 3)
    assert await ana.read(path) == {"limit": 4, "owned": 3, "remaining": 1}
    assert (await admin.read(path))["owned"] == 0
    assert (await admin.read(f"{path}?user_id={ana.id}"))["owned"] == 3
    assert refusal(await ana.get(f"{path}?user_id={admin.id}")) == (403, "not-allowed")
    free = limited(api, None)
    unlimited = await ana.read(f"/api/events/{free}/customer-limit")
    assert unlimited == {"limit": None, "owned": 0, "remaining": None}


async def test_a_draft_has_no_limit_for_customers(api: Api) -> None:
    draft = add_event(api.db, status="draft", max_tickets_per_customer=4)
    path = f"/api/events/{draft}/customer-limit"
    assert refusal(await api.customer().get(path)) == (404, "event-not-found")
    assert (await api.admin().read(path))["limit"] == 4
    missing = await api.customer().get("/api/events/999/customer-limit")
    assert refusal(missing) == (404, "event-not-found")


async def test_the_box_office_exceeds_the_limit_by_saying_so(api: Api) -> None:
    ana, admin, event_id = api.customer(), api.admin(), limited(api)
    sale = {"event_id": event_id, "quantity": 6, "user_id": ana.id}
    assert refusal(await admin.post("/api/bookings", sale)) == (409, "customer-limit")
    key = {"Idempotency-Key": "beyond-1"}
    beyond = sale | {"beyond_customer_limit": True}
    sold = await admin.post("/api/bookings", beyond, headers=key)
    assert sold.status_code == 201
    again = await admin.post("/api/bookings", beyond, headers=key)
    assert again.json()["id"] == sold.json()["id"]
    assert again.headers["Idempotent-Replayed"] == "true"
    (listed,) = (await admin.read(f"/api/bookings/event/{event_id}"))["items"]
    assert listed["beyond_customer_limit"] is True
    limit = await ana.read(f"/api/events/{event_id}/customer-limit")
    assert limit == {"limit": 4, "owned": 6, "remaining": 0}
    assert value(api.db, "SELECT count(*) FROM integrity_violations") == 0


async def test_only_an_admin_may_say_so(api: Api) -> None:
    ana, event_id = api.customer(), limited(api)
    body = {"event_id": event_id, "quantity": 5, "beyond_customer_limit": True}
    assert refusal(await ana.post("/api/bookings", body)) == (403, "not-allowed")
    assert value(api.db, "SELECT count(*) FROM bookings") == 0


async def test_other_rules_hold_beyond_the_limit(api: Api) -> None:
    admin = api.admin()
    customer = add_user(api.db)
    event_id = add_event(api.db, max_tickets_per_customer=1, capacity=2)
    body = {"event_id": event_id, "user_id": customer, "beyond_customer_limit": True}
    assert refusal(await admin.post("/api/bookings", body | {"quantity": 3})) == (409, "sold-out")
    assert refusal(await admin.post("/api/bookings", body | {"quantity": 50})) == (
        422,
        "quantity-not-allowed",
    )
