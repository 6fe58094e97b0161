"""Creating events, with and without an Idempotency-Key."""

import asyncio

import httpx2

from tests.support.application import Api
from tests.support.bodies import edited_event, new_event
from tests.support.rows import in_days, value


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def test_the_location_header_leads_to_the_created_event(api: Api) -> None:
    response = await api.admin().post("/api/events", new_event(price="7.5", capacity=3))
    event = response.json()
    assert response.headers["location"] == f"/api/events/{event['id']}"
    assert (event["price"], event["currency"], event["version"]) == ("7.50", "EUR", 1)
    assert (event["status"], event["bookable"], event["tickets_available"]) == ("active", True, 3)
    assert await api.anonymous.read(response.headers["location"]) == event


KEY = {"Idempotency-Key": "k-1"}


async def test_a_repeated_creation_returns_the_same_event(api: Api) -> None:
    admin, body = api.admin(), new_event()
    first = await admin.post("/api/events", body, headers=KEY)
    assert "idempotent-replayed" not in first.headers
    event = first.json()
    edited = await admin.put(f"/api/events/{event['id']}", edited_event(event, title="Ballet"))

    # Its fields in another order are the same fields.
    again = await admin.post("/api/events", dict(reversed(body.items())), headers=KEY)

    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.headers["location"] == first.headers["location"]
    assert again.headers["etag"] == edited.headers["etag"]
    assert again.json() == edited.json()
    assert value(api.db, "SELECT count(*) FROM events") == 1


async def test_a_key_cannot_create_another_event(api: Api) -> None:
    admin = api.admin()
    await admin.post("/api/events", new_event(), headers=KEY)

    for change in ({"title": "Another"}, {"price": "1.00"}, {"description": "More"}):
        refused = await admin.post("/api/events", new_event(**change), headers=KEY)
        assert problem(refused) == (422, "idempotency-key-reused")
    # A key belongs to the admin who uses it.
    other = await api.admin().post("/api/events", new_event(), headers=KEY)
    assert other.status_code == 201
    assert value(api.db, "SELECT count(*) FROM events") == 2


async def test_a_refused_creation_leaves_its_key_free(api: Api) -> None:
    admin = api.admin()
    past = new_event(date_time=in_days(-1).isoformat())
    assert problem(await admin.post("/api/events", past, headers=KEY)) == (
        422,
        "date-time-in-past",
    )
    assert (await admin.post("/api/events", new_event(), headers=KEY)).status_code == 201


async def test_creations_at_once_with_one_key_make_one_event(two_apis: list[Api]) -> None:
    admins = [two_apis[0].admin()]
    admins.append(two_apis[1].caller(admins[0].person))
    body = new_event()
    before = value(two_apis[0].db, "SELECT count(*) FROM events")

    answers = await asyncio.gather(
        *(admin.post("/api/events", body, headers=KEY) for admin in admins for _ in range(10))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.json()["id"] for answer in answers}) == 1
    replayed = [answer for answer in answers if "idempotent-replayed" in answer.headers]
    assert len(replayed) == len(answers) - 1
    assert value(two_apis[0].db, "SELECT count(*) FROM events") == before + 1


async def test_optional_fields_have_defaults(api: Api) -> None:
    body = new_event()
    del body["description"], body["max_tickets_per_booking"]
    event = (await api.admin().post("/api/events", body)).json()
    assert (event["description"], event["max_tickets_per_booking"]) == ("", 10)
