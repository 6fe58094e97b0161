"""The preview of an edit: whom it concerns, and what they will be told."""

from datetime import datetime

from tests.support.application import Api
from tests.support.bodies import edited_event
from tests.support.rows import add_event, in_days, value


async def test_the_preview_counts_guests_and_has_the_words_of_the_notice(api: Api) -> None:
    admin, guest, other = api.admin(), api.customer(), api.customer()
    event_id = add_event(api.db, venue="Town Hall")
    for customer, quantity in ((guest, 1), (guest, 2), (other, 1)):
        await customer.book(event_id, quantity)
    event = await admin.read(f"/api/events/{event_id}")
    start = in_days(60).isoformat()
    edit = edited_event(event, venue="Old Barn", date_time=start)

    preview = (await admin.post(f"/api/events/{event_id}/preview", edit)).json()

    assert await admin.read(f"/api/events/{event_id}") == event
    await admin.put(f"/api/events/{event_id}", edit)
    api.db.execute("SELECT fan_out_facts()")
    (told,) = (await guest.read("/api/notices"))["items"]
    assert preview.pop("text") == told["text"]
    until = datetime.fromisoformat(preview.pop("cancellable_until"))
    assert until == value(api.db, "SELECT date_time FROM events WHERE id = %s", event_id)
    assert preview == {
        "people": 2,
        "bookings": 3,
        "tickets": 4,
        "sale_starts_at": None,
        "sale_ends_at": None,
    }


async def test_nobody_is_told_of_a_new_capacity(api: Api) -> None:
    admin, guest, event_id = api.admin(), api.customer(), add_event(api.db)
    await guest.book(event_id)
    event = await admin.read(f"/api/events/{event_id}")

    response = await admin.post(
        f"/api/events/{event_id}/preview", edited_event(event, capacity=event["capacity"] + 1)
    )

    assert response.json() == {
        "people": 0,
        "bookings": 0,
        "tickets": 0,
        "text": None,
        "cancellable_until": None,
        "sale_starts_at": None,
        "sale_ends_at": None,
    }


async def test_a_move_that_the_edit_refuses_has_no_preview(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db)
    event = await admin.read(f"/api/events/{event_id}")
    past = edited_event(event, date_time="2021-05-06T18:00:00Z")

    for path, type_ in (
        (f"/api/events/{event_id}/preview", "date-time-in-past"),
        ("/api/events/99/preview", "event-not-found"),
    ):
        response = await admin.post(path, past)
        assert response.json()["type"] == f"/problems/{type_}"
