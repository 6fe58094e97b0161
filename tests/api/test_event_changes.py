"""One event: read with an ETag, edited with If-Match, cancelled, completed."""

import asyncio
from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2

from tests.support.application import Api, Caller
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, add_started_event, in_days, rows, start_event, value


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


async def create(admin: Caller, **fields: object) -> dict[str, Any]:
    response = await admin.post("/api/events", new_event(**fields))
    assert response.status_code == 201, response.text
    event: dict[str, Any] = response.json()
    return event


async def test_doors_are_announced_kept_and_taken_back(api: Api) -> None:
    admin = api.admin()
    event = (await admin.post("/api/events", new_event(doors_open="19:30"))).json()
    assert event["doors_open"] == "19:30"
    booking = await api.customer().book(event["id"])
    assert booking["event"]["doors_open"] == "19:30"
    # A client of the first release does not know the field.
    body = edited_event(event, title="Ballet")
    del body["doors_open"]
    path = f"/api/events/{event['id']}"
    assert (await admin.put(path, body)).json()["doors_open"] == "19:30"
    taken_back = await admin.put(path, edited_event(event, doors_open=None))
    assert taken_back.json()["doors_open"] is None


async def test_times_with_any_offset_are_answered_in_utc(api: Api) -> None:
    admin = api.admin()
    for given in (
        *("2098-07-01T19:00:00Z", "2098-07-01t21:00:00+02:00", "2098-07-01 09:00:00-10:00"),
        *("2098-07-02T00:45:00+05:45", "2098-07-01T19:00:00.000z", "2098-07-01T19:00Z"),
    ):
        event = await create(admin, date_time=given)
        assert event["date_time"] == "2098-07-01T19:00:00Z", given


async def test_a_time_without_an_offset_is_local_time_at_the_venue(api: Api) -> None:
    admin = api.admin()
    for zone, wall, expected in (
        ("Europe/Berlin", "2098-07-01T20:00:00", "2098-07-01T18:00:00Z"),
        ("Europe/Berlin", "2098-12-01T20:00", "2098-12-01T19:00:00Z"),
        ("Asia/Kathmandu", "2098-07-01T20:00:00", "2098-07-01T14:15:00Z"),
        # Clocks go back, so the hour from 2 to 3 comes twice; the first one is meant.
        ("Europe/Berlin", "2098-10-26T02:30:00", "2098-10-26T00:30:00Z"),
    ):
        event = await create(admin, time_zone=zone, date_time=wall)
        assert (event["date_time"], event["time_zone"]) == (expected, zone)
    # Clocks go forward, so this hour does not exist unless an offset names the instant.
    gap = new_event(date_time="2098-03-30T02:30:00")
    response = await admin.post("/api/events", gap)
    assert [error["pointer"] for error in response.json()["errors"]] == ["/date_time"]
    event = await create(admin, date_time="2098-03-30T02:30:00+01:00")
    assert event["date_time"] == "2098-03-30T01:30:00Z"


async def test_an_event_starts_before_2100_in_utc(api: Api) -> None:
    event = await create(api.admin(), date_time="2099-12-31T23:59:59Z")
    assert event["date_time"] == "2099-12-31T23:59:59Z"


async def test_an_event_is_not_created_in_the_past(api: Api) -> None:
    admin = api.admin()
    past = new_event(date_time=in_days(-1).isoformat())
    assert problem(await admin.post("/api/events", past)) == (422, "date-time-in-past")
    event = await create(admin)
    edit = edited_event(event, date_time=past["date_time"])
    response = await admin.put(f"/api/events/{event['id']}", edit)
    assert problem(response) == (422, "date-time-in-past")


async def test_a_started_event_can_still_be_edited_in_place(api: Api) -> None:
    path = f"/api/events/{add_started_event(api.db)}"
    event = await api.anonymous.read(path)
    assert event["bookable"] is False
    edited = await api.admin().put(path, edited_event(event, title="Jazz Night, sold twice"))
    assert edited.json()["title"] == "Jazz Night, sold twice"


async def test_the_etag_answers_304_until_something_changes(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event = await create(admin)
    path = f"/api/events/{event['id']}"

    async def again(tag: str) -> int:
        response = await api.anonymous.get(path, headers={"If-None-Match": tag})
        assert response.headers["etag"] == (await api.anonymous.get(path)).headers["etag"]
        return response.status_code

    tag = (await api.anonymous.get(path)).headers["etag"]
    assert tag == '"1-100-open"'
    for same in (tag, f"W/{tag}", f'"other", {tag}', "*"):
        assert await again(same) == 304
    assert await again('"1-99-open"') == 200
    booking = await ana.book(event["id"], 2)
    assert await again(tag) == 200
    await ana.put(f"/api/bookings/{booking['id']}", {"status": "cancelled"})
    assert await again(tag) == 304
    await admin.put(path, edited_event(event, title="Other"))
    assert await again(tag) == 200
    assert await again('"2-100-open"') == 304


async def test_the_etag_changes_when_the_event_starts(api: Api) -> None:
    event = add_event(api.db, date_time=datetime.now(UTC) + timedelta(hours=1))
    tag = (await api.anonymous.get(f"/api/events/{event}")).headers["etag"]
    start_event(api.db, event)
    response = await api.anonymous.get(f"/api/events/{event}", headers={"If-None-Match": tag})
    assert response.status_code == 200
    assert (tag, response.headers["etag"]) == ('"1-100-open"', '"1-100-started"')


async def test_the_second_of_two_concurrent_edits_is_refused(api: Api) -> None:
    theo, uma = api.admin("Theo"), api.admin("Uma")
    event = await create(theo)
    path, tag = f"/api/events/{event['id']}", {"If-Match": '"1-100-open"'}
    responses = await asyncio.gather(
        theo.put(path, edited_event(event, title="Theo's"), headers=tag),
        uma.put(path, edited_event(event, venue="Uma's"), headers=tag),
    )
    won, lost = sorted(responses, key=lambda response: response.status_code)
    assert (won.status_code, problem(lost)) == (200, (412, "edited-meanwhile"))
    assert lost.json()["version"] == 2
    # Nothing is lost: the refused admin reads the event again and edits the new version.
    assert await theo.read(path) == won.json()
    loser = theo if responses[0] is lost else uma
    second = await loser.put(
        path,
        edited_event(won.json(), description="After reading again"),
        headers={"If-Match": won.headers["etag"]},
    )
    kept = {name: won.json()[name] for name in ("title", "venue")}
    assert second.status_code == 200
    assert second.json().items() >= {**kept, "version": 3}.items()


async def test_a_sale_does_not_make_an_edit_outdated(api: Api) -> None:
    admin = api.admin()
    event = await create(admin)
    path = f"/api/events/{event['id']}"
    tag = (await admin.get(path)).headers["etag"]
    await api.customer().book(event["id"], 3)
    edited = await admin.put(path, edited_event(event, title="New"), headers={"If-Match": tag})
    assert (edited.status_code, edited.json()["tickets_available"]) == (200, 97)
    for tag in ("*", '"2"', 'W/"2-97-true"'):
        same = await admin.put(path, edited_event(edited.json()), headers={"If-Match": tag})
        assert same.status_code == 200
    without = await admin.put(path, edited_event(edited.json(), title="Newer"))
    assert without.json()["version"] == 3


async def test_an_edit_without_changes_keeps_the_version(api: Api) -> None:
    admin = api.admin()
    event = await create(admin)
    response = await admin.put(f"/api/events/{event['id']}", edited_event(event))
    assert response.json() == event


async def test_the_capacity_cannot_fall_below_what_is_sold(api: Api) -> None:
    admin = api.admin()
    event = await create(admin)
    path = f"/api/events/{event['id']}"
    await api.customer().book(event["id"], 7)
    response = await admin.put(path, edited_event(event, capacity=6))
    assert problem(response) == (409, "capacity-below-sold")
    assert response.json()["tickets_sold"] == 7
    assert response.json()["detail"] == "7 tickets are sold: the capacity cannot be less."
    edited = await admin.put(path, edited_event(event, capacity=7))
    assert edited.json()["tickets_available"] == 0


async def test_a_new_price_does_not_change_existing_bookings(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event = await create(admin, price="20.00")
    booking = await ana.book(event["id"], 2)
    await admin.put(f"/api/events/{event['id']}", edited_event(event, price="99.00"))
    assert (await ana.read(f"/api/bookings/{booking['id']}"))["total_amount"] == "40.00"
    assert (await ana.book(event["id"], 2))["total_amount"] == "198.00"


async def test_cancelling_an_event_cancels_its_bookings_and_is_final(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event = await create(admin)
    path = f"/api/events/{event['id']}"
    booking = await ana.book(event["id"], 2)
    cancelled = await admin.put(path, edited_event(event, status="cancelled"))
    assert cancelled.json().items() >= {"status": "cancelled", "bookable": False}.items()
    shown = await ana.read(f"/api/bookings/{booking['id']}")
    assert (shown["status"], shown["cancellable"]) == ("cancelled", False)
    assert [ticket["status"] for ticket in shown["tickets"]] == ["cancelled", "cancelled"]
    assert shown["event"]["status"] == "cancelled"
    assert cancelled.json()["tickets_available"] == 100
    for status in ("active", "completed"):
        refused = await admin.put(path, edited_event(event, status=status))
        assert problem(refused) == (409, "event-status-final")
        assert refused.json()["event_status"] == "cancelled"
    # Repeating the request changes nothing.
    again = await admin.put(path, edited_event(cancelled.json()))
    assert again.json() == cancelled.json()


async def test_completing_an_event_ends_booking_and_keeps_bookings(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event = await create(admin)
    path = f"/api/events/{event['id']}"
    booking = await ana.book(event["id"])
    await admin.put(path, edited_event(event, status="completed"))
    shown = await ana.read(f"/api/bookings/{booking['id']}")
    assert (shown["status"], shown["cancellable"]) == ("confirmed", False)
    response = await ana.post("/api/bookings", {"event_id": event["id"], "quantity": 1})
    assert problem(response) == (409, "event-not-bookable")
    assert response.json()["reason"] == "completed"
    refused = await admin.put(path, edited_event(event, status="active"))
    assert refused.json()["event_status"] == "completed"


async def test_every_change_is_in_the_activity_log(api: Api) -> None:
    admin = api.admin("Theo")
    event = await create(admin)
    path = f"/api/events/{event['id']}"
    await admin.put(path, edited_event(event, price="21.00"))
    await admin.put(path, edited_event(event, price="21.00", status="cancelled"))
    items = (await admin.read(f"/api/admin/activity?event_id={event['id']}"))["items"]
    actions = [(item["action"], item["actor_name"]) for item in items]
    assert actions == [
        ("event-cancelled", "Theo"), ("event-edited", "Theo"), ("event-created", "Theo"),
    ]  # fmt: skip
    assert items[1]["detail"] == {"was": {"price": "20.00"}, "became": {"price": "21.00"}}


async def test_an_event_that_is_not_there_is_404(api: Api) -> None:
    admin = api.admin()
    for path in ("/api/events/1", f"/api/events/{2**63 - 1}", "/api/admin/events/1"):
        assert problem(await admin.get(path)) == (404, "event-not-found")
    bookings = [f"/api/bookings/event/1{kind}" for kind in ("", ".csv", ".xlsx")]
    for path in ("/api/admin/events/1/sales", *bookings):
        assert problem(await admin.get(path)) == (404, "event-not-found")
    body = new_event(status="active")
    assert problem(await admin.put("/api/events/1", body)) == (404, "event-not-found")
    assert value(api.db, "SELECT count(*) FROM events") == 0
    assert rows(api.db, "SELECT * FROM activity") == []
