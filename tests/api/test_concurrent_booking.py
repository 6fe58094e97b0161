"""Concurrent bookings through two API processes: nothing is oversold, every request is answered."""

import asyncio
import random
from collections import Counter
from typing import Any

import httpx2

from tests.support.application import Api, Caller
from tests.support.people import add_people, add_person
from tests.support.rows import add_event, rows, value


def add_customers(two_apis: list[Api], size: int) -> list[Caller]:
    """Return new customers who are signed in, alternating between the processes."""
    people = add_people(two_apis[0].db, size)
    return [two_apis[number % 2].caller(person) for number, person in enumerate(people)]


async def book_at_once(
    callers: list[Caller], orders: list[dict[str, Any]]
) -> list[tuple[dict[str, Any], httpx2.Response]]:
    """Send all orders at once, each with a key as the frontend does."""
    responses = await asyncio.gather(
        *(
            caller.post("/api/bookings", order, headers={"Idempotency-Key": f"at-once-{number}"})
            for number, (caller, order) in enumerate(zip(callers, orders, strict=True))
        )
    )
    return list(zip(orders, responses, strict=True))


async def test_500_customers_compete_for_the_last_50_tickets(two_apis: list[Api]) -> None:
    event = add_event(two_apis[0].db, capacity=50)
    answers = await book_at_once(
        add_customers(two_apis, 500), [{"event_id": event, "quantity": 1}] * 500
    )
    assert Counter(response.status_code for _, response in answers) == {201: 50, 409: 450}
    refusals = [response.json() for _, response in answers if response.status_code == 409]
    assert {refusal["type"] for refusal in refusals} == {"/problems/sold-out"}
    codes = {
        ticket["ticket_code"]
        for _, response in answers
        if response.status_code == 201
        for ticket in response.json()["tickets"]
    }
    kept = rows(
        two_apis[0].db,
        "SELECT ticket_code FROM tickets JOIN bookings ON bookings.id = booking_id"
        " WHERE event_id = %s",
        event,
    )
    assert {row["ticket_code"] for row in kept} == codes
    assert len(codes) == 50


async def test_500_people_book_1_to_5_tickets_of_several_events(two_apis: list[Api]) -> None:
    chance = random.Random(7)
    capacities = {
        add_event(two_apis[0].db, capacity=capacity): capacity for capacity in (7, 50, 200)
    }
    orders = [
        {"event_id": chance.choice([*capacities]), "quantity": chance.randint(1, 5)}
        for _ in range(500)
    ]
    answers = await book_at_once(add_customers(two_apis, 500), orders)
    assert {response.status_code for _, response in answers} == {201, 409}
    for event, capacity in capacities.items():
        mine = [(order, response) for order, response in answers if order["event_id"] == event]
        sold = sum(order["quantity"] for order, response in mine if response.status_code == 201)
        shown = await two_apis[0].anonymous.read(f"/api/events/{event}")
        assert shown["tickets_available"] == capacity - sold
        # Far more tickets were ordered than there are, so every ticket must be sold.
        assert sold == capacity
        for order, response in mine:
            if response.status_code == 409:
                assert response.json()["available"] < order["quantity"]


async def test_the_other_process_shows_a_booking_immediately(two_apis: list[Api]) -> None:
    event = add_event(two_apis[0].db, capacity=40)
    person = add_person(two_apis[0].db)
    for number in range(20):
        here, there = (two_apis[(number + turn) % 2].caller(person) for turn in (0, 1))
        booking = await here.book(event)
        assert await there.read(f"/api/bookings/{booking['id']}") == booking
        newest = (await there.read(f"/api/bookings/user/{person.id}?limit=1"))["items"]
        assert newest == [booking]
        shown = await there.read(f"/api/events/{event}")
        assert shown["tickets_available"] == 39 - number


async def test_a_read_after_booking_includes_the_booking(
    two_apis: list[Api],
) -> None:
    """Book 500 times, then read the event and the list while other clients read them too."""
    buyers = add_customers(two_apis, 10)
    events = [add_event(two_apis[0].db, capacity=60) for _ in buyers]
    selling = asyncio.Event()
    selling.set()

    async def look_on(api: Api) -> None:
        while selling.is_set():
            await api.anonymous.get("/api/events?limit=100")
            await api.anonymous.get(f"/api/events/{random.choice(events)}")

    async def buy(buyer: Caller, event: int) -> None:
        for number in range(1, 51):
            there = two_apis[number % 2].anonymous
            await buyer.book(event)
            shown = await there.read(f"/api/events/{event}")
            assert shown["tickets_available"] == 60 - number
            listed = (await there.read("/api/events?limit=100"))["items"]
            mine = next(item for item in listed if item["id"] == event)
            assert mine["tickets_available"] == 60 - number

    onlookers = [asyncio.create_task(look_on(api)) for api in two_apis * 4]
    try:
        await asyncio.gather(*map(buy, buyers, events))
    finally:
        selling.clear()
        await asyncio.gather(*onlookers)


async def test_a_key_sent_to_both_processes_books_once(
    two_apis: list[Api],
) -> None:
    event = add_event(two_apis[0].db, capacity=1_000)
    people = [add_person(two_apis[0].db) for _ in range(20)]
    order = {"event_id": event, "quantity": 2}
    headers = {"Idempotency-Key": "pressed-twice"}
    calls = [(api.caller(person), person) for person in people for api in (*two_apis, *two_apis)]
    responses = await asyncio.gather(
        *(caller.post("/api/bookings", order, headers=headers) for caller, _ in calls)
    )
    assert {response.status_code for response in responses} == {201}
    seen: dict[int, set[str]] = {}
    for (_, person), response in zip(calls, responses, strict=True):
        seen.setdefault(person.id, set()).add(response.text)
    assert all(len(texts) == 1 for texts in seen.values())
    replayed = Counter(response.headers.get("idempotent-replayed") for response in responses)
    assert replayed == {None: 20, "true": 60}
    sold = value(two_apis[0].db, "SELECT tickets_sold FROM events WHERE id = %s", event)
    assert sold == 40
