"""Drafts: customers never see one, and admins publish it. Copies of an event are drafts."""

from typing import Any

from tests.support.application import Api, Caller
from tests.support.bodies import edited_event, new_event
from tests.support.rows import add_event, value

KEY = {"Idempotency-Key": "k-1"}


async def create_draft(admin: Caller, **fields: object) -> dict[str, Any]:
    response = await admin.post("/api/events", new_event(status="draft", **fields))
    assert response.status_code == 201, response.text
    event: dict[str, Any] = response.json()
    return event


async def publish(admin: Caller, event: dict[str, Any]) -> dict[str, Any]:
    response = await admin.put(f"/api/events/{event['id']}", edited_event(event, status="active"))
    assert response.status_code == 200, response.text
    published: dict[str, Any] = response.json()
    return published


async def public_views(caller: Caller, event_id: int) -> dict[str, bool]:
    """Return where a caller comes across an event."""
    lists = ("/api/events", "/api/events?search=zauberflote", "/", "/sitemap.xml")
    found = {path: (await caller.get(path)).text for path in lists}
    pages = (f"/events/{event_id}", f"/api/events/{event_id}")
    return {path: "Zauberfl" in text or f"/{event_id}<" in text for path, text in found.items()} | {
        path: (await caller.get(path)).status_code == 200 for path in pages
    }


async def test_customers_see_a_draft_nowhere_until_it_is_published(built: Api) -> None:
    api, admin, customer = built, built.admin(), built.customer()
    draft = await create_draft(admin, title="Zauberfl\u00f6te")
    assert (draft["status"], draft["bookable"]) == ("draft", False)

    for caller in (api.anonymous, customer):
        assert set((await public_views(caller, draft["id"])).values()) == {False}
    unknown = await customer.post("/api/bookings", {"event_id": draft["id"], "quantity": 1})
    assert (unknown.status_code, unknown.json()["type"]) == (404, "/problems/event-not-found")
    page = await api.anonymous.get(f"/events/{draft['id']}")
    assert "Zauberfl" not in page.text
    assert "ld+json" not in page.text

    published = await publish(admin, draft)

    assert (published["version"], published["bookable"]) == (2, True)
    assert set((await public_views(customer, draft["id"])).values()) == {True}
    activity = await admin.read(f"/api/admin/activity?event_id={draft['id']}")
    assert activity["items"][0]["detail"] == {
        "was": {"status": "draft"},
        "became": {"status": "active"},
    }


async def test_an_event_cancelled_as_a_draft_is_never_seen(api: Api) -> None:
    admin = api.admin()
    draft = await create_draft(admin)

    body = edited_event(draft, status="cancelled")
    assert (await admin.put(f"/api/events/{draft['id']}", body)).status_code == 200

    assert (await api.anonymous.get(f"/api/events/{draft['id']}")).status_code == 404
    assert (await api.anonymous.get(f"/events/{draft['id']}")).status_code == 404
    assert (await admin.read(f"/api/events/{draft['id']}"))["status"] == "cancelled"


async def test_admins_find_drafts_by_their_status(api: Api) -> None:
    admin = api.admin()
    draft = await create_draft(admin)
    add_event(api.db)

    for path in ("/api/events?status=draft", "/api/admin/events?status=draft"):
        assert [event["id"] for event in (await admin.read(path))["items"]] == [draft["id"]]


async def test_the_status_of_a_draft_has_its_order(api: Api) -> None:
    admin = api.admin()
    draft = await create_draft(admin)
    path = f"/api/events/{draft['id']}"

    refused = await admin.put(path, edited_event(draft, status="completed"))
    assert (refused.status_code, refused.json()["event_status"]) == (409, "draft")
    assert refused.json()["detail"] == "A draft is published or cancelled: it cannot be completed."
    published = await publish(admin, draft)
    refused = await admin.put(path, edited_event(published, status="draft"))
    assert (refused.status_code, refused.json()["event_status"]) == (409, "active")
    assert "cannot become a draft" in refused.json()["detail"]


async def test_copies_are_drafts_at_local_times(api: Api) -> None:
    admin = api.admin()
    body = new_event(
        date_time="2031-05-05T20:00:00",
        time_zone="Europe/Berlin",
        doors_open="19:00",
        end_time="23:00",
        minimum_age=16,
    )
    event = (await admin.post("/api/events", body)).json()
    dates = ["2031-12-05T20:00:00", "2031-06-05T13:00:00Z"]

    response = await admin.post(f"/api/events/{event['id']}/copies", {"dates": dates})

    assert response.status_code == 201
    december, june = response.json()["items"]
    assert (december["date_time"], june["date_time"]) == (
        "2031-12-05T19:00:00Z",
        "2031-06-05T13:00:00Z",
    )
    assert (december["doors_open"], june["doors_open"]) == ("19:00", "14:00")
    assert (december["end_time"], june["end_time"]) == ("23:00", "18:00")
    for copy in (december, june):
        assert (copy["status"], copy["minimum_age"], copy["version"]) == ("draft", 16, 1)
        assert (await api.anonymous.get(f"/api/events/{copy['id']}")).status_code == 404


async def test_a_repeated_request_copies_once(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db)
    path, body = f"/api/events/{event_id}/copies", {"dates": ["2031-05-06T20:00:00"] * 2}
    first = await admin.post(path, body, headers=KEY)
    assert "idempotent-replayed" not in first.headers

    again = await admin.post(path, body, headers=KEY)

    assert (again.status_code, again.headers["idempotent-replayed"]) == (201, "true")
    assert again.json() == first.json()
    assert value(api.db, "SELECT count(*) FROM events") == 3
    other = {"dates": ["2031-05-07T20:00:00"]}
    refused = await admin.post(path, other, headers=KEY)
    assert refused.json()["type"] == "/problems/idempotency-key-reused"


async def test_dates_that_cannot_be_copied_to_are_refused(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db)
    path = f"/api/events/{event_id}/copies"
    # The clocks in Berlin skip this time.
    skipped = "2031-03-30T02:30:00"

    for dates in ([], ["2031-05-06T20:00:00"] * 101, ["tomorrow"]):
        assert (await admin.post(path, {"dates": dates})).status_code == 422
    refused = await admin.post(path, {"dates": ["2031-05-06T20:00:00", skipped]})
    assert refused.json()["errors"][0]["pointer"] == "/dates/1"
    past = await admin.post(path, {"dates": ["2001-05-06T20:00:00"]})
    assert past.json()["type"] == "/problems/date-time-in-past"
    unknown = await admin.post("/api/events/999/copies", {"dates": ["2031-05-06T20:00:00"]})
    assert unknown.status_code == 404
    assert value(api.db, "SELECT count(*) FROM events") == 1
