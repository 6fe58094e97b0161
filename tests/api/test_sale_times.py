"""The sale times of an event, as the API shows, edits and enforces them."""

from datetime import datetime, timedelta
from typing import Any

from tests.support.application import Api
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, in_days, value


def utc(moment: datetime) -> str:
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


async def created(api: Api, **fields: object) -> dict[str, Any]:
    response = await api.admin().post("/api/events", new_event(**fields))
    assert response.status_code == 201, response.text
    event: dict[str, Any] = response.json()
    return event


async def test_an_event_without_sale_times_is_open_until_it_starts(api: Api) -> None:
    event = await created(api)
    assert (event["sale_starts_at"], event["sale_ends_at"]) == (None, None)
    assert (event["open_to_customers"], event["closed_reason"]) == (True, None)


async def test_sale_times_are_kept_edited_and_taken_back(api: Api) -> None:
    admin = api.admin()
    start = "2031-05-06T20:00:00"
    event = await created(
        api, date_time=start, sale_starts_at="2031-05-02T10:00:00", sale_ends_at=start
    )
    # Without an offset they are on the venue's clock, as the start is.
    assert event["sale_starts_at"] == "2031-05-02T08:00:00Z"
    assert event["sale_ends_at"] == event["date_time"] == "2031-05-06T18:00:00Z"
    assert (event["open_to_customers"], event["closed_reason"]) == (False, "not-yet-on-sale")
    assert event["bookable"] is True
    path = f"/api/events/{event['id']}"
    # A client of the first release does not know the fields.
    body = edited_event(event, title="Ballet")
    del body["sale_starts_at"], body["sale_ends_at"]
    kept = (await admin.put(path, body)).json()
    assert kept["sale_starts_at"] == event["sale_starts_at"]
    moved = (await admin.put(path, body | {"date_time": "2031-05-07T20:00:00"})).json()
    assert moved["sale_ends_at"] == "2031-05-07T18:00:00Z"
    taken_back = edited_event(event, sale_starts_at=None, sale_ends_at=None)
    opened = (await admin.put(path, taken_back)).json()
    assert (opened["sale_starts_at"], opened["open_to_customers"]) == (None, True)


async def test_each_rule_points_to_its_field(api: Api) -> None:
    admin = api.admin()
    for field, sale in (
        ("sale_starts_at", {"sale_starts_at": "2031-05-06T20:00:00"}),
        ("sale_ends_at", {"sale_ends_at": "2031-05-06T20:00:01"}),
        (
            "sale_ends_at",
            {"sale_starts_at": "2031-05-03T10:00:00", "sale_ends_at": "2031-05-03T10:00:00"},
        ),
    ):
        body = new_event(date_time="2031-05-06T20:00:00", **sale)
        response = await admin.post("/api/events", body)
        assert response.status_code == 422
        (error,) = response.json()["errors"]
        assert error["pointer"] == f"/{field}"


async def test_customers_book_within_the_sale_times_and_admins_outside(api: Api) -> None:
    admin, customer = api.admin(), api.customer()
    opens = in_days(3)
    early = add_event(api.db, sale_starts_at=opens)
    late = add_event(api.db, sale_ends_at=in_days(-1))
    for event_id, facts in (
        (early, {"reason": "not-yet-on-sale", "sale_starts_at": utc(opens)}),
        (late, {"reason": "sale-ended"}),
    ):
        refused = await customer.post("/api/bookings", {"event_id": event_id, "quantity": 1})
        problem = refused.json()
        assert (refused.status_code, problem["type"]) == (409, "/problems/event-not-bookable")
        assert {name: problem.get(name) for name in facts} == facts
        sold = await admin.book(event_id, user_id=customer.id)
        assert sold["cancellable"] is True
        cancelled = await customer.put(f"/api/bookings/{sold['id']}", {"status": "cancelled"})
        assert cancelled.json()["status"] == "cancelled"


async def test_the_etag_changes_when_the_sale_opens_and_ends(api: Api) -> None:
    event_id = add_event(api.db, sale_starts_at=in_days(1))
    tags: list[str] = []
    for sale_starts_at, sale_ends_at in (
        (in_days(1), None),
        (in_days(-2), None),
        (in_days(-2), in_days(-1)),
    ):
        with api.db.transaction():
            # As if time had passed: no edit.
            api.db.execute("ALTER TABLE events DISABLE TRIGGER USER")
            api.db.execute(
                "UPDATE events SET sale_starts_at = %s, sale_ends_at = %s WHERE id = %s",
                [sale_starts_at, sale_ends_at, event_id],
            )
            api.db.execute("ALTER TABLE events ENABLE TRIGGER USER")
        response = await api.anonymous.get(
            f"/api/events/{event_id}", headers={"If-None-Match": tags[-1] if tags else '"0-0-a"'}
        )
        assert response.status_code == 200
        tags.append(response.headers["etag"])
    assert tags == ['"1-100-not-yet-on-sale"', '"1-100-open"', '"1-100-sale-ended"']


async def test_lists_have_events_that_are_not_yet_on_sale(api: Api) -> None:
    event_id = add_event(api.db, sale_starts_at=in_days(1))
    (listed,) = (await api.anonymous.read("/api/events"))["items"]
    assert (listed["id"], listed["closed_reason"]) == (event_id, "not-yet-on-sale")


async def test_an_admin_sees_whether_the_box_office_is_open(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db, sale_ends_at=in_days(-1))
    event = await admin.read(f"/api/admin/events/{event_id}")
    assert (event["open_to_customers"], event["open_to_box_office"]) == (False, True)


async def test_the_preview_has_the_sale_times_that_follow(api: Api) -> None:
    admin, start = api.admin(), in_days(30)
    event_id = add_event(api.db, date_time=start, sale_ends_at=start - timedelta(hours=2))
    body = edited_event(await admin.read(f"/api/events/{event_id}"))
    del body["sale_ends_at"]
    body["date_time"] = utc(start + timedelta(days=1))
    preview = (await admin.post(f"/api/events/{event_id}/preview", body)).json()
    assert preview["sale_ends_at"] == utc(start + timedelta(hours=22))
    saved = (await admin.put(f"/api/events/{event_id}", body)).json()
    assert saved["sale_ends_at"] == preview["sale_ends_at"]
    assert value(api.db, "SELECT version FROM events WHERE id = %s", event_id) == 2
