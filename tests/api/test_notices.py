"""Notices in the app: listed for their customer only, and read when they were shown."""

from typing import Any

from tests.support.application import Api, Caller
from tests.support.bodies import edited_event
from tests.support.rows import add_event, value


async def change(admin: Caller, event_id: int, **fields: object) -> None:
    event = await admin.read(f"/api/events/{event_id}")
    response = await admin.put(f"/api/events/{event_id}", edited_event(event, **fields))
    assert response.status_code == 200, response.text


async def tell(api: Api) -> None:
    """Do what the background loop does."""
    api.db.execute("SELECT fan_out_facts()")


async def unread(caller: Caller) -> int:
    count: int = (await caller.read("/api/notices/unread"))["count"]
    return count


async def test_a_guest_reads_what_was_and_what_is(api: Api) -> None:
    admin, guest, stranger = api.admin(), api.customer(), api.customer()
    event_id = add_event(api.db, venue="Town Hall")
    await guest.book(event_id)
    await change(admin, event_id, venue="Old Barn")
    await tell(api)

    (notice,) = (await guest.read("/api/notices"))["items"]

    assert (notice["kind"], notice["event_id"], notice["event_title"], notice["read"]) == (
        "event-changed",
        event_id,
        "Jazz Night",
        False,
    )
    assert "It now takes place at Old Barn instead of Town Hall." in notice["text"]
    assert notice["booking_id"] is None
    assert (await stranger.read("/api/notices"))["items"] == []
    assert (await unread(guest), await unread(stranger)) == (1, 0)


async def test_what_was_shown_is_read_and_what_came_later_is_not(api: Api) -> None:
    admin, guest, other = api.admin(), api.customer(), api.customer()
    event_id = add_event(api.db)
    for customer in (guest, other):
        await customer.book(event_id)
    await change(admin, event_id, venue="Old Barn")
    await tell(api)
    (shown,) = (await guest.read("/api/notices"))["items"]
    await change(admin, event_id, doors_open="18:30")
    await tell(api)
    of_other = [notice["id"] for notice in (await other.read("/api/notices"))["items"]]

    for _ in range(2):
        response = await guest.post("/api/notices/read", {"ids": [shown["id"], *of_other]})
        assert response.json() == {"count": 1}

    items = (await guest.read("/api/notices"))["items"]
    assert [notice["read"] for notice in items] == [False, True]
    assert items[1]["id"] == shown["id"]
    assert (await unread(guest), await unread(other)) == (1, 2)


async def test_the_list_has_pages_with_the_newest_first(api: Api) -> None:
    guest, event_id = api.customer(), add_event(api.db)
    api.db.execute(
        "INSERT INTO notices (user_id, kind, event_id, matter)"
        " SELECT %s, 'event-message', %s, n FROM generate_series(1, 130) AS n",
        [guest.id, event_id],
    )

    pages = await guest.pages("/api/notices?limit=50")

    ids = [notice["id"] for page in pages for notice in page]
    assert [len(page) for page in pages] == [50, 50, 30]
    assert ids == sorted(ids, reverse=True)
    # The masthead has no room for more.
    assert await unread(guest) == 100


async def test_every_kind_has_a_text(api: Api) -> None:
    guest, event_id = api.customer(), add_event(api.db)
    detail = '{"quantity": 1, "text": "Bring a coat.", "was": {}, "became": {}}'
    api.db.execute(
        "INSERT INTO notices (user_id, kind, event_id, booking_id, matter, detail)"
        " SELECT %s, kind, %s, 1, kind, %s::jsonb"
        " FROM unnest(enum_range(NULL::notice_kind)) AS kind",
        [guest.id, event_id, detail],
    )

    items: list[dict[str, Any]] = (await guest.read("/api/notices"))["items"]

    assert len(items) == value(api.db, "SELECT cardinality(enum_range(NULL::notice_kind))")
    assert all("Jazz Night" in notice["text"] for notice in items)
