"""Messages to the guests of an event: previewed, sent once, and listed."""

import asyncio

from tests.support.application import Api
from tests.support.rows import add_event, value

MESSAGE = {"text": "Bring a coat.\r\nIt is cold."}


async def test_a_message_is_previewed_and_sent_once(api: Api) -> None:
    admin, guest, other = api.admin(), api.customer(), api.customer()
    event_id = add_event(api.db)
    path = f"/api/events/{event_id}/messages"
    await guest.book(event_id, 2)
    await other.book(event_id)

    preview = (await admin.post(f"{path}/preview", MESSAGE)).json()
    key = {"Idempotency-Key": "k-1"}
    answers = await asyncio.gather(*(admin.post(path, MESSAGE, headers=key) for _ in range(3)))

    text = "Bring a coat.\nIt is cold."
    assert preview == {"text": f"Jazz Night: {text}", "people": 2, "tickets": 3}
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json()["id"] for answer in answers}) == 1
    replayed = sorted(answer.headers.get("Idempotent-Replayed", "") for answer in answers)
    assert replayed == ["", "true", "true"]
    (sent,) = (await admin.read(path))["items"]
    assert (sent["text"], sent["people"], sent["actor_name"]) == (text, 2, "Theo Admin")
    for customer in (guest, other):
        (notice,) = (await customer.read("/api/notices"))["items"]
        assert (notice["kind"], notice["text"]) == ("event-message", preview["text"])


async def test_a_key_belongs_to_one_message(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db)
    path, key = f"/api/events/{event_id}/messages", {"Idempotency-Key": "k-1"}
    await admin.post(path, MESSAGE, headers=key)

    refused = await admin.post(path, {"text": "Something else."}, headers=key)
    assert refused.json()["type"] == "/problems/idempotency-key-reused"
    for _ in range(2):
        assert (await admin.post(path, MESSAGE)).status_code == 201
    assert value(api.db, "SELECT count(*) FROM event_messages") == 3


async def test_the_list_has_pages_with_the_newest_first(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db)
    path = f"/api/events/{event_id}/messages"
    for number in range(3):
        await admin.post(path, {"text": f"Message {number}"})
    await admin.post(f"/api/events/{add_event(api.db)}/messages", MESSAGE)

    pages = await admin.pages(f"{path}?limit=2")

    assert [[message["text"] for message in page] for page in pages] == [
        ["Message 2", "Message 1"],
        ["Message 0"],
    ]


async def test_an_unknown_event_is_not_found(api: Api) -> None:
    admin = api.admin()
    for path in ("/api/events/99/messages", "/api/events/99/messages/preview"):
        response = await admin.post(path, MESSAGE)
        assert response.json()["type"] == "/problems/event-not-found"
