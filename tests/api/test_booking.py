"""Booking tickets, retrying a booking, and cancelling it."""

import re
from typing import Any

import httpx2

from tests.support.application import Api
from tests.support.rows import add_event, add_started_event, in_days, rows, start_event, value

CODE = re.compile("([0-9A-HJKMNP-TV-Z]{5}-){4}[0-9A-HJKMNP-TV-Z]")


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def order(event_id: int, quantity: int = 1, **fields: object) -> dict[str, Any]:
    return {"event_id": event_id, "quantity": quantity, **fields}


async def test_a_booking_holds_its_tickets_with_their_codes(api: Api) -> None:
    event, ana = add_event(api.db), api.customer()
    response = await ana.post("/api/bookings", order(event, 3))
    booking = response.json()
    assert response.headers["location"] == f"/api/bookings/{booking['id']}"
    assert "idempotent-replayed" not in response.headers
    assert (booking["user_id"], booking["booked_by"]) == (ana.id, ana.id)
    assert (booking["unit_price"], booking["total_amount"]) == ("20.00", "60.00")
    assert (booking["status"], booking["cancellable"]) == ("confirmed", True)
    codes = {ticket["ticket_code"] for ticket in booking["tickets"]}
    assert len(codes) == 3
    assert all(CODE.fullmatch(code) for code in codes)
    assert await ana.read(response.headers["location"]) == booking
    shown = await api.anonymous.read(f"/api/events/{event}")
    assert shown["tickets_available"] == 97


async def test_a_retry_with_the_same_key_gives_the_same_booking(api: Api) -> None:
    event, ana = add_event(api.db), api.customer()
    key = {"Idempotency-Key": "!" + "k" * 62 + "~"}
    first = await ana.post("/api/bookings", order(event, 2), headers=key)
    again = await ana.post("/api/bookings", order(event, 2), headers=key)
    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert (again.json(), again.headers["location"]) == (first.json(), first.headers["location"])
    await ana.put(first.headers["location"], {"status": "cancelled"})
    now = await ana.post("/api/bookings", order(event, 2), headers=key)
    assert now.json() == await ana.read(first.headers["location"])
    assert now.json()["status"] == "cancelled"
    assert value(api.db, "SELECT count(*) FROM bookings") == 1


async def test_a_key_for_another_booking_is_refused(api: Api) -> None:
    event, other, ana = add_event(api.db), add_event(api.db), api.customer()
    key = {"Idempotency-Key": "k"}
    await ana.post("/api/bookings", order(event, 2), headers=key)
    for different in (order(event, 3), order(other, 2)):
        response = await ana.post("/api/bookings", different, headers=key)
        assert problem(response) == (422, "idempotency-key-reused")
    # Another customer may use the same key.
    ben = await api.customer("Ben").post("/api/bookings", order(event, 3), headers=key)
    assert "idempotent-replayed" not in ben.headers


async def test_a_refused_request_leaves_its_key_free(api: Api) -> None:
    event, ana = add_event(api.db, capacity=1), api.customer()
    key = {"Idempotency-Key": "k"}
    response = await ana.post("/api/bookings", order(event, 2), headers=key)
    assert problem(response) == (409, "sold-out")
    response = await ana.post("/api/bookings", order(event, 1), headers=key)
    assert "idempotent-replayed" not in response.headers
    assert response.status_code == 201


async def test_a_retry_after_the_last_ticket_finds_the_booking(api: Api) -> None:
    event, ana = add_event(api.db, capacity=1), api.customer()
    key = {"Idempotency-Key": "k"}
    first = await ana.post("/api/bookings", order(event), headers=key)
    again = await ana.post("/api/bookings", order(event), headers=key)
    assert again.json() == first.json()


async def test_sold_out_says_how_many_are_left(api: Api) -> None:
    event, ana = add_event(api.db, capacity=5), api.customer()
    for taken, asked, left, sentence in (
        (2, 4, 3, "Only 3 tickets are left."),
        (2, 2, 1, "Only 1 ticket is left."),
        (1, 1, 0, "No tickets are left."),
    ):
        await ana.book(event, taken)
        response = await ana.post("/api/bookings", order(event, asked))
        assert problem(response) == (409, "sold-out")
        assert (response.json()["available"], response.json()["detail"]) == (left, sentence)
    shown = await api.anonymous.read(f"/api/events/{event}")
    assert (shown["tickets_available"], shown["bookable"]) == (0, True)


async def test_a_booking_at_a_changed_price_is_refused(api: Api) -> None:
    event, ana = add_event(api.db, price="12.50"), api.customer()
    response = await ana.post("/api/bookings", order(event, 2, expected_total_amount="24.00"))
    assert problem(response) == (409, "price-changed")
    assert response.json()["total_amount"] == "25.00"
    assert response.json()["detail"] == "The total is 25.00 now."
    for expected in ("25.00", "25", "25.0"):
        assert await ana.book(event, 2, expected_total_amount=expected)
    free = add_event(api.db, price="0.00")
    assert (await ana.book(free, 2, expected_total_amount="0.00"))["total_amount"] == "0.00"


async def test_the_limit_of_a_booking_holds_for_admins_too(api: Api) -> None:
    event = add_event(api.db, max_tickets_per_booking=4)
    for caller in (api.customer(), api.admin()):
        response = await caller.post("/api/bookings", order(event, 5))
        assert problem(response) == (422, "quantity-not-allowed")
        assert response.json()["limit"] == 4
        assert response.json()["detail"] == "One booking holds 1 to 4 tickets."
        assert len((await caller.book(event, 4))["tickets"]) == 4


async def test_an_event_that_is_not_on_sale_cannot_be_booked(api: Api) -> None:
    for event, reason, sentence in (
        (add_started_event(api.db), "started", "The event has started."),
        (add_event(api.db, status="cancelled"), "cancelled", "The event is cancelled."),
        (add_event(api.db, status="completed"), "completed", "The event is over."),
    ):
        # An admin may sell at the door.
        for caller in (api.customer(), *([] if reason == "started" else [api.admin()])):
            response = await caller.post("/api/bookings", order(event))
            assert problem(response) == (409, "event-not-bookable")
            assert (response.json()["reason"], response.json()["detail"]) == (reason, sentence)
    response = await api.customer().post("/api/bookings", order(2**63 - 1))
    assert problem(response) == (404, "event-not-found")


async def test_an_admin_books_for_a_customer(api: Api) -> None:
    event, ana, admin = add_event(api.db), api.customer(), api.admin()
    key = {"Idempotency-Key": "box-office-1"}
    sale = order(event, 2, user_id=ana.id)
    response = await admin.post("/api/bookings", sale, headers=key)
    booking = response.json()
    assert (booking["user_id"], booking["booked_by"]) == (ana.id, admin.id)
    assert await ana.read(f"/api/bookings/{booking['id']}") == booking
    # The key belongs to the customer, not to the admin who books.
    again = await ana.post("/api/bookings", order(event, 2), headers=key)
    assert (again.json(), again.headers["idempotent-replayed"]) == (booking, "true")
    response = await admin.post("/api/bookings", order(event, user_id=2**63 - 1))
    assert problem(response) == (404, "user-not-found")
    response = await ana.post("/api/bookings", order(event, user_id=admin.id))
    assert problem(response) == (403, "not-allowed")
    own = await ana.post("/api/bookings", order(event, user_id=ana.id))
    assert own.json()["booked_by"] == ana.id


async def test_cancelling_frees_the_tickets_and_can_be_repeated(
    api: Api,
) -> None:
    event, ana = add_event(api.db, capacity=2), api.customer()
    booking = await ana.book(event, 2)
    path = f"/api/bookings/{booking['id']}"
    cancelled = await ana.put(path, {"status": "cancelled"})
    shown = cancelled.json()
    assert (shown["status"], shown["cancellable"]) == ("cancelled", False)
    assert shown["cancelled_at"] >= booking["booking_date"]
    assert {ticket["status"] for ticket in shown["tickets"]} == {"cancelled"}
    again = await ana.put(path, {"status": "cancelled"})
    assert (again.status_code, again.json()) == (200, shown)
    assert await api.customer("Ben").book(event, 2)
    logged = rows(api.db, "SELECT * FROM activity WHERE action = 'booking-cancelled'")
    assert [row["actor_id"] for row in logged] == [ana.id]


async def test_a_cancelled_booking_stays_cancelled(api: Api) -> None:
    event, ana = add_event(api.db), api.customer()
    path = f"/api/bookings/{(await ana.book(event))['id']}"
    confirmed = await ana.put(path, {"status": "confirmed"})
    assert (confirmed.status_code, confirmed.json()["status"]) == (200, "confirmed")
    await api.admin().put(path, {"status": "cancelled"})
    response = await ana.put(path, {"status": "confirmed"})
    assert problem(response) == (409, "booking-status-final")


async def test_a_used_or_past_booking_cannot_be_cancelled(api: Api) -> None:
    ana, admin = api.customer(), api.admin()
    used, started, completed = (add_event(api.db, date_time=in_days(9)) for _ in range(3))
    paths = {}
    for event in (used, started, completed):
        booking = await ana.book(event, 2)
        paths[event] = f"/api/bookings/{booking['id']}"
        if event == used:
            await admin.post(f"/api/tickets/{booking['tickets'][0]['ticket_code']}/check-in", {})
    start_event(api.db, started)
    api.db.execute("UPDATE events SET status = 'completed' WHERE id = %s", (completed,))
    for event, reason in (
        (used, "ticket-used"),
        (started, "event-started"),
        (completed, "event-completed"),
    ):
        for caller in (ana, admin):
            shown = await caller.read(paths[event])
            assert shown["cancellable"] is False
            assert shown["event"]["bookable"] is (event == used)
            response = await caller.put(paths[event], {"status": "cancelled"})
            assert problem(response) == (409, "booking-not-cancellable")
            assert response.json()["reason"] == reason
        (listed,) = (await admin.read(f"/api/bookings/event/{event}"))["items"]
        assert listed["cancellable"] is False


async def test_another_customers_booking_looks_like_a_missing_one(api: Api) -> None:
    event, ana, ben = add_event(api.db), api.customer(), api.customer("Ben")
    booking = (await ana.book(event))["id"]
    for method, body in (("GET", None), ("PUT", {"status": "cancelled"})):
        real, unreal = [
            await ben.send(method, f"/api/bookings/{number}", body)
            for number in (booking, 2**63 - 1)
        ]
        assert problem(real) == problem(unreal) == (404, "booking-not-found")
        for response in (real, unreal):
            del response.headers["x-request-id"]
        assert real.headers == unreal.headers
        same = [{**response.json(), "request_id": ""} for response in (real, unreal)]
        assert same[0] == same[1]
    assert (await ana.read(f"/api/bookings/{booking}"))["status"] == "confirmed"
