"""What admins do with webhooks: create, change, test, delete them, and see what was sent."""

import asyncio
from typing import Any, get_args

import psycopg
import pytest

from app.api.webhooks import WebhookType
from tests.support.application import Api, Caller, in_process
from tests.support.rows import add_event, rows, value

URL = "https://hooks.example.org/marquee"


async def create(admin: Caller, **fields: object) -> dict[str, Any]:
    response = await admin.post("/api/webhooks", {"url": URL} | fields)
    assert response.status_code == 201, response.text
    created: dict[str, Any] = response.json()
    return created


def edited(webhook: dict[str, Any], **fields: object) -> dict[str, Any]:
    given = {name: webhook[name] for name in ("url", "types", "event_id")}
    return {**given, "enabled": webhook["disabled_at"] is None, **fields}


async def read(admin: Caller, webhook: dict[str, Any]) -> dict[str, Any]:
    response = await admin.get(f"/api/webhooks/{webhook['id']}")
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    return found


def fail(db: psycopg.Connection, status: int | None, error: str = "it failed") -> None:
    """Let an attempt of everything that is due fail."""
    db.execute(
        "UPDATE webhook_deliveries SET attempts = attempts + 1 WHERE next_attempt_at <= now()"
    )
    db.execute(
        "SELECT finish_delivery(id, %s, %s, NULL) FROM webhook_deliveries"
        " WHERE next_attempt_at <= now()",
        [status, error],
    )


async def test_a_secret_is_shown_once(api: Api) -> None:
    admin, event_id = api.admin(), add_event(api.db, title="Gala")
    created = await create(admin, types=["booking.confirmed"], event_id=event_id)

    secret = created.pop("secret")
    assert secret == value(api.db, "SELECT webhook_secret_text(secret) FROM webhook_endpoints")
    assert (created["event_title"], created["types"]) == ("Gala", ["booking.confirmed"])
    assert await read(admin, created) == created
    listed = await admin.get("/api/webhooks")
    assert listed.json() == {"items": [created]}
    assert secret not in listed.text
    assert "secret" not in listed.text


async def test_a_new_secret_leaves_the_old_one_a_day(api: Api) -> None:
    admin = api.admin()
    created = await create(admin)

    rotated = (await admin.post(f"/api/webhooks/{created['id']}/secret", None)).json()

    assert rotated["secret"] != created["secret"]
    assert rotated["previous_until"] is not None
    assert "secret" not in await read(admin, created)


KEY = {"Idempotency-Key": "k-1"}


async def test_a_repeated_creation_answers_with_the_same_body(api: Api) -> None:
    admin, body = api.admin(), {"url": URL, "types": ["booking.confirmed"]}
    first = await admin.post("/api/webhooks", body, headers=KEY)

    again = await admin.post("/api/webhooks", dict(reversed(body.items())), headers=KEY)

    assert (first.status_code, again.status_code) == (201, 201)
    assert "idempotent-replayed" not in first.headers
    assert again.headers["idempotent-replayed"] == "true"
    assert again.json() == first.json()
    assert len((await admin.read("/api/webhooks"))["items"]) == 1


async def test_creations_at_once_with_one_key_make_one_webhook(api: Api) -> None:
    admin = api.admin()
    answers = await asyncio.gather(
        *(admin.post("/api/webhooks", {"url": URL}, headers=KEY) for _ in range(8))
    )

    assert {answer.status_code for answer in answers} == {201}
    assert len({answer.text for answer in answers}) == 1
    assert value(api.db, "SELECT count(*) FROM webhook_endpoints") == 1


async def test_a_key_cannot_create_another_webhook(api: Api) -> None:
    admin = api.admin()
    await admin.post("/api/webhooks", {"url": URL}, headers=KEY)

    for change in ({"url": "https://other.example/"}, {"types": ["event.created"]}):
        refused = await admin.post("/api/webhooks", {"url": URL} | change, headers=KEY)
        assert refused.status_code == 422
        assert refused.json()["type"] == "/problems/idempotency-key-reused"
    # A key belongs to the admin who uses it.
    other = await api.admin().post("/api/webhooks", {"url": URL}, headers=KEY)
    assert other.status_code == 201
    assert "idempotent-replayed" not in other.headers


async def test_an_edit_replaces_all_fields(api: Api) -> None:
    admin = api.admin()
    created = await create(admin, types=["event.created"])
    path = f"/api/webhooks/{created['id']}"
    change: dict[str, Any] = {
        "url": "https://other.example/?a=b",
        "types": [],
        "event_id": None,
        "enabled": False,
    }

    changed = (await admin.put(path, change)).json()

    assert (changed["url"], changed["types"]) == (change["url"], [])
    assert changed["disabled_at"] is not None
    assert changed["gone_at"] is None
    enabled = (await admin.put(path, {**change, "enabled": True})).json()
    assert enabled["disabled_at"] is None


async def test_the_state_says_why_nothing_is_sent(api: Api) -> None:
    admin = api.admin()
    created = await create(admin)
    add_event(api.db)
    api.db.execute("SELECT fan_out_facts()")
    fail(api.db, 500)
    assert (await read(admin, created))["failing_since"] is not None
    api.db.execute("UPDATE webhook_deliveries SET next_attempt_at = now()")
    fail(api.db, 410)

    gone = await read(admin, created)
    assert gone["gone_at"] == gone["disabled_at"] is not None
    response = await admin.put(f"/api/webhooks/{created['id']}", edited(gone, enabled=True))
    enabled = response.json()
    assert (enabled["disabled_at"], enabled["gone_at"], enabled["failing_since"]) == (None,) * 3


async def test_a_webhook_is_deleted_with_what_was_sent(api: Api) -> None:
    admin = api.admin()
    created = await create(admin)
    await admin.post(f"/api/webhooks/{created['id']}/test", None)

    response = await admin.send("DELETE", f"/api/webhooks/{created['id']}", None)

    assert response.status_code == 204
    assert (await admin.get(f"/api/webhooks/{created['id']}")).status_code == 404
    assert rows(api.db, "SELECT FROM webhook_deliveries") == []


async def test_deliveries_are_paged_and_filtered(api: Api) -> None:
    admin = api.admin()
    created = await create(admin)
    path = f"/api/webhooks/{created['id']}/deliveries"
    api.db.execute("SELECT fan_out_facts()")
    fail(api.db, 503, "The receiver answered 503.")
    tested = (await admin.post(f"/api/webhooks/{created['id']}/test", None)).json()

    first = (await admin.get(f"{path}?limit=1")).json()
    second = (await admin.get(f"{path}?limit=1&cursor={first['next_cursor']}")).json()
    failing = (await admin.get(f"{path}?failing=true")).json()

    assert first["items"] == [tested]
    assert (tested["type"], tested["attempts"], tested["attempted_at"]) == (
        "webhook.test",
        0,
        None,
    )
    assert second["next_cursor"] is None
    assert failing["items"] == second["items"]
    (failed,) = failing["items"]
    assert (failed["last_status"], failed["last_error"]) == (503, "The receiver answered 503.")
    assert failed["message_id"].startswith("fact_activity_")
    assert failed["attempted_at"] is not None


async def test_facts_are_sent_again_since_a_moment(api: Api) -> None:
    admin = api.admin()
    created = await create(admin, types=["event.created"])
    add_event(api.db)
    add_event(api.db)
    path = f"/api/webhooks/{created['id']}/replay"

    since = await admin.post(path, {"from": "2020-01-01T00:00:00Z"})
    span = {"from": "2020-01-01T00:00:00Z", "to": "2020-02-01T00:00:00Z"}
    before = await admin.post(path, span)

    assert (since.json(), before.json()) == ({"messages": 2}, {"messages": 0})


@pytest.mark.parametrize(
    ("method", "path", "body"),
    (
        ("GET", "", None),
        ("PUT", "", {"url": URL, "types": [], "event_id": None, "enabled": True}),
        ("DELETE", "", None),
        ("POST", "/secret", None),
        ("POST", "/test", None),
        ("POST", "/replay", {"from": "2027-03-01T19:00:00Z"}),
        ("GET", "/deliveries", None),
    ),
)
async def test_an_unknown_webhook_is_not_found(
    api: Api, method: str, path: str, body: dict[str, Any] | None
) -> None:
    response = await api.admin().send(method, f"/api/webhooks/4711{path}", body)

    assert response.status_code == 404
    assert response.json()["type"] == "/problems/webhook-not-found"


async def test_nothing_is_sent_to_a_disabled_webhook(api: Api) -> None:
    admin = api.admin()
    created = await create(admin)
    path = f"/api/webhooks/{created['id']}"
    await admin.put(path, edited(created, enabled=False))

    for response in (
        await admin.post(f"{path}/test", None),
        await admin.post(f"{path}/replay", {"from": "2027-03-01T19:00:00Z"}),
    ):
        assert response.status_code == 409
        assert response.json()["type"] == "/problems/webhook-disabled"


async def test_what_is_wrong_is_said_beside_its_field(api: Api) -> None:
    admin = api.admin()
    created = await create(admin)
    for fields, pointer in (
        ({"types": ["booking.confirmed", "booking.lost"]}, "/types/1"),
        ({"event_id": 4711}, "/event_id"),
        ({"url": "http://192.168.1.9/"}, "/url"),
    ):
        for response in (
            await admin.post("/api/webhooks", {"url": URL, **fields}),
            await admin.put(f"/api/webhooks/{created['id']}", edited(created, **fields)),
        ):
            assert response.status_code == 422
            assert [error["pointer"] for error in response.json()["errors"]] == [pointer]


async def test_private_addresses_are_accepted_where_the_server_allows_them(
    api: Api, database_url: str
) -> None:
    admin = api.admin()
    async with in_process(database_url, WEBHOOK_PRIVATE_ADDRESSES="true") as client:
        for url in ("http://localhost:9000/", "http://127.0.0.1:9000/", "http://[fc00::1]/"):
            await create(Caller(client, admin.person), url=url)


async def test_the_api_knows_every_type(api: Api) -> None:
    assert list(get_args(WebhookType)) == value(api.db, "SELECT webhook_types()")
