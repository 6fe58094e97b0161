"""No invalid field and no invalid body is accepted or causes a server error."""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from typing import Any

import pytest
from pydantic import BaseModel

from app.api import ENDPOINTS
from app.http import body_limits
from app.http.endpoints import Endpoint
from app.http.inputs import Source
from tests.api.invalid_values import BODY_FIELDS
from tests.support.application import Api, Caller
from tests.support.bodies import PASSWORD, new_event, new_token, new_user
from tests.support.rows import add_event, rows, value

pytestmark = pytest.mark.asyncio(loop_scope="module")


def names(model: type[BaseModel], *, required: bool = False) -> list[str]:
    """Return the names of the fields of a body as they are sent."""
    return [
        info.alias or name
        for name, info in model.model_fields.items()
        if info.is_required() or not required
    ]


WITH_BODY = [endpoint for endpoint in ENDPOINTS if Source.BODY in endpoint.signature.models]
BY_NAME = [pytest.param(endpoint, id=endpoint.handler.__name__) for endpoint in WITH_BODY]
FIELDS = [
    pytest.param(endpoint, field, id=f"{endpoint.handler.__name__}.{field}")
    for endpoint in WITH_BODY
    for field in names(endpoint.signature.models[Source.BODY])
]


NEW_PASSWORD = "seventeen geese"


def good_bodies(api: Api) -> Mapping[str, Mapping[str, Any]]:
    phone = api.customer().person.phone
    return {
        "NewEvent": new_event(),
        "EditedEvent": new_event(status="active"),
        "NewCopies": {"dates": ["2099-03-01T19:00:00"]},
        "NewMessage": {"text": "Bring a coat."},
        "ShownNotices": {"ids": [1]},
        "NewBooking": {"event_id": 1, "quantity": 1},
        "BookingChange": {"status": "cancelled"},
        "NewUser": new_user(),
        "EditedUser": {"name": "Ana"},
        "GivenFactor": {"code": "042317"},
        "Confirmation": {"password": PASSWORD},
        "NewName": {"name": "Ana"},
        "ChangedPassword": {"current_password": PASSWORD, "new_password": NEW_PASSWORD},
        "PasswordByCode": {"account": phone, "code": "4F7K-Q2MX-9B0T", "password": NEW_PASSWORD},
        "DisabledState": {"disabled": False},
        "NewRole": {"role": "admin"},
        "Erasure": {"password": PASSWORD},
        "TypedPhone": {"phone": phone},
        "SignIn": {"phone": phone, "password": PASSWORD},
        "NewEmail": {"email": "ana@example.org", "password": PASSWORD},
        "UserPhone": {"phone": phone, "verified": True},
        "ChangedPhone": {"phone": phone, "password": PASSWORD},
        "PhoneVerification": {"token": "a", "code": "042317"},
        "MailWishes": {"optional_mail": False},
        "Verification": {"token": "a"},
        "Unsubscription": {"token": "a"},
        "PasswordResetRequest": {"account": phone},
        "PasswordReset": {"token": "a", "password": PASSWORD},
        "CheckInRequest": {},
        "NewToken": new_token(),
        "NewPass": {"name": "Main entrance"},
        "NewDoorSession": {"pass": "mqp_unknown"},
        "NewWebhook": {"url": "https://hooks.example.org/"},
        "EditedWebhook": {
            "url": "https://hooks.example.org/",
            "types": [],
            "event_id": None,
            "enabled": True,
        },
        "Replay": {"from": "2027-03-01T19:00:00Z"},
    }


class Sender:
    """Sends raw bodies to one endpoint as an admin."""

    def __init__(self, api: Api, endpoint: Endpoint) -> None:
        self.model: type[BaseModel] = endpoint.signature.models[Source.BODY]
        self.good = good_bodies(api)[self.model.__name__]
        event = add_event(api.db)
        self._method = endpoint.method
        self._path = f"/api{endpoint.path}".format(id=event, code="00000-00000-00000-00000-0")
        self._admin: Caller = api.admin()

    async def send(
        self, body: Any, media_type: str | bytes | None = "application/json"
    ) -> tuple[int, Any]:
        headers = {"Content-Type": media_type} if media_type is not None else {}
        async with asyncio.timeout(5):
            response = await self._admin.send(
                self._method, self._path, content=body, headers=headers
            )
        return response.status_code, response.json() if response.content else None

    def with_field(self, field: str, raw: str) -> bytes:
        members = {name: json.dumps(value) for name, value in self.good.items()} | {field: raw}
        text = ", ".join(f"{json.dumps(name)}: {value}" for name, value in members.items())
        return f"{{{text}}}".encode("utf-8", "surrogatepass")


async def test_every_field_of_every_body_has_invalid_values() -> None:
    fields = {
        f"{endpoint.signature.models[Source.BODY].__name__}.{field}"
        for endpoint in WITH_BODY
        for field in names(endpoint.signature.models[Source.BODY])
    }
    assert fields == BODY_FIELDS.keys()


@pytest.mark.parametrize(("endpoint", "field"), FIELDS)
async def test_an_invalid_value_is_refused_with_a_pointer_to_its_field(
    shared_api: Api, endpoint: Endpoint, field: str
) -> None:
    sender = Sender(shared_api, endpoint)
    surprises = []
    for invalid in BODY_FIELDS[f"{sender.model.__name__}.{field}"]:
        raw, expected = invalid if isinstance(invalid, tuple) else (invalid, "validation")
        status, problem = await sender.send(sender.with_field(field, raw))
        type_ = (problem or {}).get("type", "").removeprefix("/problems/")
        errors = [(error["in"], error["pointer"]) for error in (problem or {}).get("errors", [])]
        pointers = [("body", f"/{field}")] if expected == "validation" else []
        if (type_, errors) != (expected, pointers):
            surprises.append((raw[:60], status, type_, errors))
    assert surprises == []


@pytest.mark.parametrize("endpoint", BY_NAME)
async def test_a_required_field_that_is_missing_is_named(
    shared_api: Api, endpoint: Endpoint
) -> None:
    sender = Sender(shared_api, endpoint)
    required = names(sender.model, required=True)
    # A password may be left out by those who have given it a short time ago.
    shared_api.db.execute("UPDATE sessions SET confirmed_at = now() - interval '15 minutes'")
    if endpoint.rule.confirmed:
        shared_api.db.execute("UPDATE sessions SET confirmed_at = now()")
    status, problem = await sender.send(b"{}")
    pointers = [error["pointer"] for error in problem.get("errors", [])]
    if required:
        assert (status, pointers) == (422, [f"/{name}" for name in required])
    elif "password" in sender.model.model_fields:
        assert problem["type"] == "/problems/confirmation-required"
    else:
        assert problem["type"] == "/problems/ticket-not-found"


@pytest.mark.parametrize("endpoint", BY_NAME)
async def test_an_unknown_field_is_named_by_a_json_pointer(
    shared_api: Api, endpoint: Endpoint
) -> None:
    sender = Sender(shared_api, endpoint)
    for name, pointer in (
        ("is_admin", "/is_admin"),
        ("a/b~c", "/a~1b~0c"),
        ("__proto__", "/__proto__"),
        ("", "/"),
        ("\u0000", "/\u0000"),
        ("\u202e", "/\u202e"),
        ("x" * 500, f"/{'x' * 100}"),
    ):
        status, problem = await sender.send(sender.with_field(name, "1"))
        assert (status, [error["pointer"] for error in problem["errors"]]) == (422, [pointer])


DEEP = 50_000


@pytest.mark.parametrize("endpoint", BY_NAME)
async def test_a_body_that_is_not_a_json_object_is_refused(
    shared_api: Api, endpoint: Endpoint
) -> None:
    sender = Sender(shared_api, endpoint)
    good = json.dumps(sender.good)
    surprises = []
    for body, expected in (
        (b"", "malformed-json"),
        (b" ", "malformed-json"),
        (b"{", "malformed-json"),
        (b"{'title': 1}", "malformed-json"),
        (b'{"title": }', "malformed-json"),
        (good.encode() + b"x", "malformed-json"),
        (good.encode("utf-16"), "malformed-json"),
        (good.encode("utf-16-le"), "malformed-json"),
        (good.encode("utf-32"), "malformed-json"),
        (good.encode("utf-8-sig"), "malformed-json"),
        (b'{"title": "\xff\xfe"}', "malformed-json"),
        (b'{"title": "\xc0\xaf"}', "malformed-json"),
        (b'{"title": "\xed\xa0\x80"}', "malformed-json"),
        (b"\x00", "malformed-json"),
        (b"[" * DEEP, "malformed-json"),
        (b"[" * 300 + b"]" * 300, "malformed-json"),
        (b'{"a":' * 10_000 + b"1" + b"}" * 10_000, "malformed-json"),
        (b"null", "validation"),
        (b"true", "validation"),
        (b"1e400", "validation"),
        (b"NaN", "validation"),
        (b'"text"', "validation"),
        (b"[]", "validation"),
        (b"[{}]", "validation"),
        (b"x" * 65_537, "too-large"),
        (b" " * 10_000_000, "too-large"),
    ):
        status, problem = await sender.send(body)
        type_ = (problem or {}).get("type", "").removeprefix("/problems/")
        pointers = [error["pointer"] for error in problem.get("errors", [])]
        if type_ != expected or pointers != ([""] if expected == "validation" else []):
            surprises.append((body[:30], status, type_, pointers))
    assert surprises == []


@pytest.mark.parametrize("endpoint", BY_NAME)
async def test_a_body_without_a_declared_length_is_limited(
    shared_api: Api, endpoint: Endpoint
) -> None:
    async def pieces(count: int) -> AsyncIterator[bytes]:
        for _ in range(count):
            yield b" " * 8_192

    sender = Sender(shared_api, endpoint)
    status, problem = await sender.send(pieces(9))
    assert (status, problem["type"]) == (413, "/problems/too-large")
    status, problem = await sender.send(pieces(8))
    assert (status, problem["type"]) == (400, "/problems/malformed-json")


@pytest.mark.parametrize("endpoint", BY_NAME)
async def test_a_body_needs_the_json_media_type(shared_api: Api, endpoint: Endpoint) -> None:
    sender = Sender(shared_api, endpoint)
    for media_type in (
        *(None, "", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"),
        *("application/jsonp", "application/json/x", "json", "*/*", "text/json", b"\xe9"),
        *("application/problem+json", "application/xml", ";application/json", "x" * 5_000),
    ):
        status, problem = await sender.send(json.dumps(sender.good).encode(), media_type)
        assert (status, problem["type"]) == (415, "/problems/not-json"), media_type
    for media_type in ("application/json; charset=utf-8", "Application/JSON", " application/json"):
        status, _ = await sender.send(b"{", media_type)
        assert status == 400, media_type


async def test_a_body_that_does_not_arrive_times_out(
    shared_api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def forever() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.Event().wait()

    monkeypatch.setattr(body_limits, "BODY_SECONDS", 0.01)
    headers = {"Content-Type": "application/json"}
    async with asyncio.timeout(5):
        response = await shared_api.anonymous.post("/api/users", content=forever(), headers=headers)
    assert (response.status_code, response.headers["retry-after"]) == (503, "1")


async def test_the_last_of_duplicate_keys_is_used(shared_api: Api) -> None:
    admin = shared_api.admin()
    good = json.dumps(new_event()).removesuffix("}")
    body = f'{good}, "title": "First", "capacity": 7, "title": "Last"}}'
    headers = {"Content-Type": "application/json"}
    response = await admin.post("/api/events", content=body.encode(), headers=headers)
    assert (response.json()["title"], response.json()["capacity"]) == ("Last", 7)


async def test_unusual_valid_text_is_stored_unchanged(shared_api: Api) -> None:
    admin = shared_api.admin()
    for title in (
        "😀" * 200,
        "x" * 200,
        "<script>alert(1)</script> & \"quotes\" 'n' `ticks`",
        "Robert'); DROP TABLE events; --",
        "%s %(x)s {0} ${x} {{x}} \\u0000 \\",
        "עברית \u200eabc\u200f العربية",
        "👨‍👩‍👧‍👦 Z̴͎a̸l̵g̶o 🏴󠁧󠁢󠁥󠁮󠁧󠁿",
        "=1+1",
        "null",
    ):
        response = await admin.post("/api/events", new_event(title=title, venue=title))
        assert response.status_code == 201, response.text
        assert (response.json()["title"], response.json()["venue"]) == (title, title)
        stored = value(
            shared_api.db, "SELECT title FROM events WHERE id = %s", response.json()["id"]
        )
        assert stored == title


async def test_text_is_trimmed_and_composed_and_keeps_its_lines(shared_api: Api) -> None:
    admin = shared_api.admin()
    description = "Erste Zeile\n\n\tzweite\n" + "x" * 9_970
    body = new_event(title=" \u00a0Cafe\u0301\n ", description=f" {description}\r\nlast ")
    response = await admin.post("/api/events", body)
    assert response.status_code == 201, response.text
    stored = rows(shared_api.db, "SELECT * FROM events WHERE id = %s", response.json()["id"])[0]
    assert (stored["title"], stored["description"]) == ("Café", f"{description}\nlast")
