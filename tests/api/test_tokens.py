"""API tokens and door passes: made, listed, revoked, and what they are good for."""

import re
from http.cookies import SimpleCookie

import httpx2
import pytest

from app.data.database import Database
from app.data.errors import CommitsHangError
from app.http import tokens as http_tokens
from tests.support.application import Api, Caller
from tests.support.bodies import new_token
from tests.support.rows import add_event, add_started_event, book, in_days, rows, value
from tests.support.tokens import add_pass, add_pass_session, add_token, hash_of, token_id


def problem(response: httpx2.Response) -> tuple[int, str]:
    return response.status_code, response.json()["type"].removeprefix("/problems/")


def pointers(response: httpx2.Response) -> list[str]:
    return [error["pointer"] for error in response.json()["errors"]]


async def test_a_secret_is_shown_once_and_kept_as_a_hash(api: Api) -> None:
    admin = api.admin()
    event = add_event(api.db, title="Jazz Night")

    made = await admin.post("/api/tokens", new_token(name="Till 2", event_id=event))

    token = made.json()
    secret = token.pop("secret")
    # 256 random bits in base64.
    assert re.fullmatch(r"mqt_[\w-]{43}", secret)
    assert token["user_name"] == "Theo Admin"
    assert (token["name"], token["event_title"], token["usable"]) == ("Till 2", "Jazz Night", True)
    assert await admin.read("/api/tokens") == {"items": [token], "next_cursor": None}
    assert value(api.db, "SELECT token_hash FROM api_tokens") == hash_of(secret)
    for table in ("api_tokens", "activity"):
        kept = rows(api.db, f"SELECT {table}::text AS kept FROM {table}")
        assert not any(secret in row["kept"] for row in kept)
    assert (await api.bearer(secret).get(f"/api/events/{event}/door")).status_code == 200


@pytest.mark.parametrize(
    ("fields", "pointer"),
    (
        ({"expires_at": in_days(-0.1).isoformat()}, "/expires_at"),
        ({"expires_at": in_days(367).isoformat()}, "/expires_at"),
        ({"expires_at": None}, "/expires_at"),
        ({"event_id": 999_999}, "/event_id"),
        ({"event_id": 1, "scopes": ["webhooks"]}, "/event_id"),
        ({"scopes": []}, "/scopes"),
        ({"scopes": ["door", "door"]}, "/scopes"),
        ({"scopes": ["admin"]}, "/scopes/0"),
        ({"name": " "}, "/name"),
    ),
)
async def test_a_token_that_is_not_allowed_is_refused(
    api: Api, fields: dict[str, object], pointer: str
) -> None:
    refused = await api.admin().post("/api/tokens", new_token(**fields))

    assert problem(refused) == (422, "validation")
    assert pointers(refused) == [pointer]


async def test_tokens_of_one_event_are_listed_by_themselves(api: Api) -> None:
    admin = api.admin()
    event = add_event(api.db)
    add_token(api.db, admin.id, name="Everywhere")
    for name in ("North", "South"):
        add_pass(api.db, admin.id, event, name=name)

    pages = await admin.pages(f"/api/tokens?limit=1&event_id={event}")

    assert [[token["name"] for token in page] for page in pages] == [["South"], ["North"]]


async def test_a_token_acts_for_its_admin(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    till = api.bearer(add_token(api.db, admin.id, ["box-office"]))

    booking = await till.book(add_event(api.db), 2, user_id=ana.id)

    assert (booking["user_id"], booking["booked_by"]) == (ana.id, admin.id)


async def test_a_revoked_token_ends_at_once_and_stays_in_the_list(api: Api) -> None:
    admin = api.admin()
    secret = add_token(api.db, admin.id, ["events"])
    program = api.bearer(secret)
    assert (await program.get("/api/admin/events")).status_code == 200

    for _ in range(2):
        path = f"/api/tokens/{token_id(api.db, secret)}"
        assert (await api.admin("Rita").delete(path)).status_code == 204

    refused = await program.get("/api/admin/events")
    assert problem(refused) == (401, "not-signed-in")
    assert refused.headers["www-authenticate"] == 'Bearer error="invalid_token"'
    (token,) = (await admin.read("/api/tokens"))["items"]
    assert (token["usable"], token["revoked_at"] is not None) == (False, True)
    assert problem(await admin.delete("/api/tokens/999999")) == (404, "token-not-found")


async def test_the_token_decides_and_not_the_cookie(api: Api) -> None:
    admin = api.admin()
    weak = {"Authorization": f"Bearer {add_token(api.db, admin.id, ['door'])}"}
    unknown = {"Authorization": "bearer mqt_unknown"}

    assert problem(await admin.get("/api/users", headers=weak)) == (403, "not-allowed")
    assert problem(await admin.get("/api/users", headers=unknown)) == (401, "not-signed-in")
    assert (await admin.read("/api/sessions/current", headers=weak))["user"] is None
    # A proxy in front may ask for a password of its own.
    basic = {"Authorization": "Basic YTpi"}
    assert (await admin.get("/api/users", headers=basic)).status_code == 200


async def test_the_check_for_other_sites_is_for_cookies_only(api: Api) -> None:
    admin = api.admin()
    elsewhere = {"Sec-Fetch-Site": "cross-site", "Origin": "https://elsewhere.example"}
    program = api.bearer(add_token(api.db, admin.id, ["webhooks"]))
    body = {"url": "https://hooks.example.org/"}

    refused = await admin.post("/api/webhooks", body, headers=elsewhere)
    done = await program.post("/api/webhooks", body, headers=elsewhere)

    assert problem(refused) == (403, "cross-site-request")
    assert done.status_code == 201


async def test_the_last_use_is_written_once_a_day(api: Api) -> None:
    secret = add_token(api.db, api.admin().id, ["reports"])
    program = api.bearer(secret)
    assert value(api.db, "SELECT last_used_on FROM api_tokens") is None
    written = set()
    for _ in range(3):
        await program.read("/api/admin/events")
        written.add(value(api.db, "SELECT xmin::text || ctid::text FROM api_tokens"))
        assert value(api.db, "SELECT last_used_on = timezone('UTC', now())::date FROM api_tokens")
    assert len(written) == 1
    # Not even a question is asked of the database: it may not take writes.
    api.db.execute("REVOKE EXECUTE ON FUNCTION note_token_use FROM ticketing_api")
    await program.read("/api/admin/events")


async def test_a_read_succeeds_while_the_last_use_cannot_be_written(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def hang(*_: object, **__: object) -> None:
        raise CommitsHangError

    monkeypatch.setattr(Database, "value", hang)
    program = api.bearer(add_token(api.db, api.admin().id, ["reports"]))

    assert (await program.get("/api/admin/events")).status_code == 200


async def open_door(api: Api, secret: str) -> tuple[httpx2.Response, Caller]:
    response = await api.anonymous.post("/api/door-sessions", {"pass": secret})
    cookie = SimpleCookie(response.headers.get("set-cookie", "session="))["session"]
    return response, api.phone(cookie.value)


async def test_a_pass_lets_a_phone_check_in_at_its_door_and_nothing_else(api: Api) -> None:
    admin = api.admin()
    event, other = add_event(api.db, title="Jazz Night"), add_event(api.db, title="Folk")
    made = await admin.post(f"/api/events/{event}/passes", {"name": "Main entrance"})
    assert re.fullmatch(r"mqp_[\w-]{43}", made.json()["secret"])

    response, phone = await open_door(api, made.json()["secret"])

    assert (response.status_code, response.json()["user"]) == (201, None)
    assert response.json()["door"] == {"event_id": event, "name": "Main entrance"}
    assert await phone.read("/api/sessions/current") == response.json()
    customer = api.customer().id
    ticket, foreign = (book(api.db, customer, at, 1)["ticket_codes"][0] for at in (event, other))
    check_in = f"/api/tickets/{ticket}/check-in"
    assert problem(await phone.post(check_in, {"event_id": other})) == (403, "not-allowed")
    refused = await phone.post(f"/api/tickets/{foreign}/check-in", {})
    assert problem(refused) == (409, "ticket-for-another-event")
    assert problem(await phone.get(f"/api/tickets/{foreign}")) == (403, "not-allowed")
    admitted = await phone.post(check_in, {})
    assert admitted.status_code == 200
    door = await phone.read(f"/api/events/{event}/door")
    assert (door["tickets_sold"], door["tickets_checked_in"]) == (1, 1)
    assert "revenue" not in str(door)
    assert problem(await phone.get(f"/api/admin/events/{event}")) == (403, "not-allowed")
    actor = value(api.db, "SELECT actor_id FROM activity WHERE action = 'ticket-admitted'")
    assert actor == admin.id


async def test_the_cookie_of_a_phone_lasts_as_long_as_its_pass(api: Api) -> None:
    event = add_event(api.db, date_time=in_days(0.5))
    response, _ = await open_door(api, add_pass(api.db, api.admin().id, event))

    cookie = SimpleCookie(response.headers["set-cookie"])["session"]

    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert re.fullmatch(r"door_[\w-]{43}", cookie.value)
    assert 86_400 - 60 < int(cookie["max-age"]) <= 86_400


async def test_a_phone_is_signed_out_when_its_pass_is_revoked(api: Api) -> None:
    admin = api.admin()
    event = add_event(api.db)
    secret = add_pass(api.db, admin.id, event)
    _, phone = await open_door(api, secret)

    await admin.delete(f"/api/tokens/{token_id(api.db, secret)}")

    assert problem(await phone.get(f"/api/events/{event}/door")) == (401, "not-signed-in")
    assert (await phone.read("/api/sessions/current"))["door"] is None
    assert value(api.db, "SELECT count(*) FROM pass_sessions") == 0
    response, _ = await open_door(api, secret)
    assert problem(response) == (401, "pass-not-valid")


async def test_signing_out_ends_the_session_of_this_phone_only(api: Api) -> None:
    secret = add_pass(api.db, api.admin().id, add_event(api.db))
    (_, phone), (_, other) = [await open_door(api, secret) for _ in range(2)]

    assert (await phone.delete("/api/sessions/current")).status_code == 204
    assert (await phone.delete("/api/sessions/current")).status_code == 204

    assert (await phone.read("/api/sessions/current"))["door"] is None
    assert (await other.read("/api/sessions/current"))["door"] is not None


async def test_opening_a_door_ends_the_session_that_the_browser_had(api: Api) -> None:
    admin = api.admin()
    secret = add_pass(api.db, admin.id, add_event(api.db))
    refused = await admin.post("/api/door-sessions", {"pass": "mqp_unknown"})
    assert problem(refused) == (401, "pass-not-valid")
    assert (await admin.read("/api/sessions/current"))["user"] is not None

    await admin.post("/api/door-sessions", {"pass": secret})

    assert (await admin.read("/api/sessions/current"))["user"] is None


async def test_signing_in_ends_the_session_of_a_phone(api: Api) -> None:
    ana = api.customer()
    phone = api.phone(add_pass_session(api.db, add_pass(api.db, api.admin().id, add_event(api.db))))

    assert (await phone.post("/api/sessions", ana.sign_in_body)).status_code == 201

    assert value(api.db, "SELECT count(*) FROM pass_sessions") == 0


async def test_a_pass_is_made_for_a_door_that_is_still_open(api: Api) -> None:
    admin = api.admin()
    path = f"/api/events/{add_started_event(api.db)}/passes"

    assert problem(await admin.post(path, {"name": "Door"})) == (409, "door-closed")
    unknown = await admin.post("/api/events/999999/passes", {"name": "Door"})
    assert problem(unknown) == (404, "event-not-found")
    assert problem(await admin.get("/api/events/999999/door")) == (404, "event-not-found")


async def test_a_session_of_a_pass_is_no_session_of_its_admin(api: Api) -> None:
    """A process of the release before this one looks into `sessions` only."""
    admin = api.admin()
    api.db.execute("DELETE FROM sessions")
    cookie = add_pass_session(api.db, add_pass(api.db, admin.id, add_event(api.db)))

    assert value(api.db, "SELECT count(*) FROM sessions") == 0
    stripped = api.phone(cookie.removeprefix(http_tokens.DOOR_PREFIX))
    assert problem(await stripped.get("/api/users")) == (401, "not-signed-in")


async def test_a_token_of_one_event_books_and_cancels_for_that_event_only(api: Api) -> None:
    admin, ana = api.admin(), api.customer()
    event, other = add_event(api.db), add_event(api.db)
    till = api.bearer(add_token(api.db, admin.id, ["box-office"], event))
    foreign = await ana.book(other)

    refused = [
        await till.post("/api/bookings", {"event_id": other, "quantity": 1, "user_id": ana.id}),
        await till.get(f"/api/bookings/{foreign['id']}"),
        await till.put(f"/api/bookings/{foreign['id']}", {"status": "cancelled"}),
        await till.get(f"/api/bookings/event/{other}"),
        await till.get(f"/api/bookings/user/{ana.id}"),
    ]

    assert {problem(response) for response in refused} == {(403, "not-allowed")}
    assert value(api.db, "SELECT count(*) FROM bookings WHERE status = 'confirmed'") == 1
    own = await till.book(event, user_id=ana.id)
    cancelled = await till.put(f"/api/bookings/{own['id']}", {"status": "cancelled"})
    assert cancelled.status_code == 200
