"""No invalid path, query, header or cookie is accepted or causes a server error."""

import asyncio
import base64
import json
from typing import Any

import httpx2
import pytest

from app.api import ENDPOINTS
from app.http.endpoints import Endpoint
from app.http.inputs import Source
from tests.api.invalid_parameters import HEADER_FIELDS, LONG_TEXT, PATH_ID, QUERY_FIELDS
from tests.support.application import Api
from tests.support.rows import add_event, value

pytestmark = pytest.mark.asyncio(loop_scope="module")

WITH_QUERY = [endpoint for endpoint in ENDPOINTS if Source.QUERY in endpoint.signature.models]
WITH_HEADERS = [endpoint for endpoint in ENDPOINTS if Source.HEADERS in endpoint.signature.models]
WITH_ID = [endpoint for endpoint in ENDPOINTS if "id" in endpoint.signature.path]
WITH_CODE = [endpoint for endpoint in ENDPOINTS if "code" in endpoint.signature.path]


def fields(endpoint: Endpoint, source: Source) -> list[str]:
    """Return the names of the query parameters or headers, with their model's name."""
    model = endpoint.signature.models[source]
    return [f"{model.__name__}.{info.alias or name}" for name, info in model.model_fields.items()]


def by_name(endpoints: list[Endpoint]) -> list[Any]:
    return [pytest.param(endpoint, id=endpoint.handler.__name__) for endpoint in endpoints]


def summary(response: httpx2.Response) -> tuple[str, list[tuple[str, str]]]:
    """Return the type of a problem, and what it points to."""
    problem = response.json()
    errors = [(error["in"], error["pointer"]) for error in problem.get("errors", [])]
    return problem.get("type", "").removeprefix("/problems/"), errors


def refusal(where: str, field: str) -> tuple[str, list[tuple[str, str]]]:
    return "validation", [(where, f"/{field}")]


async def test_every_parameter_and_header_has_invalid_values() -> None:
    queries = {field for endpoint in WITH_QUERY for field in fields(endpoint, Source.QUERY)}
    headers = {field for endpoint in WITH_HEADERS for field in fields(endpoint, Source.HEADERS)}
    paths = {name for endpoint in ENDPOINTS for name in endpoint.signature.path}
    assert queries == QUERY_FIELDS.keys()
    assert headers == HEADER_FIELDS.keys()
    # test_calendars.py has the invalid secrets.
    assert paths == {"id", "code", "secret"}


@pytest.mark.parametrize("endpoint", by_name(WITH_QUERY))
async def test_an_invalid_parameter_is_refused_and_named(
    shared_api: Api, endpoint: Endpoint
) -> None:
    path = f"/api{endpoint.path}".format(id=add_event(shared_api.db))
    admin = shared_api.admin()
    surprises = []
    for field in fields(endpoint, Source.QUERY):
        name = field.partition(".")[2]
        for raw in QUERY_FIELDS[field]:
            async with asyncio.timeout(5):
                response = await admin.get(f"{path}?{name}={raw}")
            if summary(response) != refusal("query", name):
                surprises.append((name, raw[:60], response.status_code, summary(response)))
    assert surprises == []


@pytest.mark.parametrize("endpoint", by_name(WITH_QUERY))
async def test_an_unknown_parameter_is_refused(shared_api: Api, endpoint: Endpoint) -> None:
    path = f"/api{endpoint.path}".format(id=add_event(shared_api.db))
    for name, pointer in (("page", "page"), ("Limit", "Limit"), ("a%2Fb", "a~1b"), ("%00", "\0")):
        response = await shared_api.admin().get(f"{path}?{name}=1")
        assert summary(response) == refusal("query", pointer)


def cursor(keys: object) -> str:
    return base64.urlsafe_b64encode(json.dumps(keys).encode()).decode()


MOMENT = "2027-03-01T19:00:00+00:00"
FORGED = [
    [],
    [1, 2, 3, 4],
    {"id": 1},
    [None, None],
    [MOMENT, 2**63],
    [MOMENT, 0],
    [MOMENT, -1],
    [MOMENT, "1; DROP TABLE events"],
    ["2027-03-01T19:00:00", 1],
    ["9999-12-31T23:59:59-14:00", 1],
    ["0001-01-01T00:00:00+14:00", 1],
    ["0000-01-01T00:00:00Z", 1],
    ["infinity", 1],
    ["NaN", 1],
    ["1e400", 1],
    ["1e-100000", 1],
    ["0.0000000000000000000000001", 1],
    ["9" * 500, 1],
    [10**30, 1],
    [-(10**30), 1],
    ["a\u0000b", 1],
    ["\ud800", 1],
    [1, MOMENT, 2**63],
    [5, MOMENT, 1],
    [2**31, MOMENT, 1],
    [2**63],
    [0],
    [True],
    [1.5],
]


@pytest.mark.parametrize("endpoint", by_name(WITH_QUERY))
async def test_a_forged_cursor_is_refused_or_a_valid_position(
    shared_api: Api, endpoint: Endpoint
) -> None:
    path = f"/api{endpoint.path}".format(id=add_event(shared_api.db))
    if "webhooks" in path:
        add_webhook = "SELECT (create_webhook_endpoint('https://a.example/', '{}', NULL, NULL)).id"
        path = f"/api{endpoint.path}".format(id=value(shared_api.db, add_webhook))
    admin = shared_api.admin()
    surprises = []
    for more in cursor_lists(endpoint):
        for keys in FORGED:
            async with asyncio.timeout(5):
                response = await admin.get(f"{path}?cursor={cursor(keys)}{more}")
            if response.status_code != 200 and summary(response) != refusal("query", "cursor"):
                surprises.append((more, keys, response.status_code, summary(response)))
    assert surprises == []


def cursor_lists(endpoint: Endpoint) -> list[str]:
    """Return the parameters that make an endpoint list something else."""
    model = endpoint.signature.models[Source.QUERY].__name__
    if model == "EventQuery":
        return ["", "&search=jazz", "&status=all"]
    if model == "AdminEventQuery":
        return ["", "&sort=title", "&sort=title&order=desc", "&sort=revenue", "&sort=percent_sold"]
    return [""]


async def test_a_cursor_of_another_list_or_a_truncated_one_is_refused(shared_api: Api) -> None:
    admin = shared_api.admin()
    for _ in range(3):
        shared_api.customer()
        add_event(shared_api.db)
    events = (await admin.read("/api/events?limit=1"))["next_cursor"]
    users = (await admin.read("/api/users?limit=1"))["next_cursor"]
    for path in (
        f"/api/events?cursor={users}",
        f"/api/events?search=jazz&cursor={events}",
        f"/api/users?cursor={events}",
        f"/api/admin/activity?cursor={events}",
        *(f"/api/events?cursor={events[:length]}" for length in range(1, len(events))),
    ):
        assert summary(await admin.get(path)) == refusal("query", "cursor"), path


@pytest.mark.parametrize("endpoint", by_name(WITH_ID))
async def test_an_invalid_id_is_refused(shared_api: Api, endpoint: Endpoint) -> None:
    admin = shared_api.admin()
    surprises = []
    for raw in PATH_ID:
        path = f"/api{endpoint.path}".format(id=raw)
        async with asyncio.timeout(5):
            response = await admin.send(endpoint.method, path)
        if summary(response) != refusal("path", "id"):
            surprises.append((raw[:60], response.status_code, summary(response)))
    for raw in ("", "1/2", "1%2F2", "../1", "1/"):
        path = f"/api{endpoint.path}".format(id=raw)
        response = await admin.send(endpoint.method, path)
        if response.status_code not in {404, 405, 422}:
            surprises.append((raw, response.status_code, summary(response)))
    assert surprises == []


@pytest.mark.parametrize("endpoint", by_name(WITH_CODE))
async def test_an_invalid_ticket_code_is_refused(shared_api: Api, endpoint: Endpoint) -> None:
    admin = shared_api.admin()
    body: dict[str, Any] | None = {} if endpoint.method == "POST" else None
    for raw, expected in (
        ("%00", refusal("path", "code")),
        ("00000-00000%00-00000-00000-0", refusal("path", "code")),
        ("x" * 101, refusal("path", "code")),
        (LONG_TEXT, refusal("path", "code")),
        ("x", ("ticket-code-malformed", [])),
        ("%20", ("ticket-code-malformed", [])),
        ("%FF%FE", ("ticket-code-malformed", [])),
        ("%F0%9F%8E%AB", ("ticket-code-malformed", [])),
        ("%E2%80%AE", ("ticket-code-malformed", [])),
        ("'%20OR%201=1--", ("ticket-code-malformed", [])),
        ("00000-00000-00000-00000-1", ("ticket-code-malformed", [])),
        ("00000-00000-00000-00000-0", ("ticket-not-found", [])),
        ("1%2F2", ("not-found", [])),
    ):
        path = f"/api{endpoint.path}".format(code=raw)
        assert summary(await admin.send(endpoint.method, path, body)) == expected, raw


@pytest.mark.parametrize("endpoint", by_name(WITH_HEADERS))
async def test_an_invalid_header_is_refused_and_named(shared_api: Api, endpoint: Endpoint) -> None:
    event = add_event(shared_api.db)
    admin = shared_api.admin()
    shown = await shared_api.anonymous.read(f"/api/events/{event}")
    bodies: dict[str, Any] = {
        "create_booking": {"event_id": event, "quantity": 1},
        "update_event": {name: shown[name] for name in endpoint_fields("update_event")},
    }
    surprises = []
    for field in fields(endpoint, Source.HEADERS):
        name = field.partition(".")[2]
        for raw in HEADER_FIELDS[field]:
            response = await admin.send(
                endpoint.method,
                f"/api{endpoint.path}".format(id=event, secret="unknown"),
                bodies.get(endpoint.handler.__name__),
                headers={name: raw},
            )
            if summary(response) != refusal("header", name):
                surprises.append((name, raw[:60], response.status_code, summary(response)))
    assert surprises == []


def endpoint_fields(name: str) -> list[str]:
    (found,) = (endpoint for endpoint in ENDPOINTS if endpoint.handler.__name__ == name)
    return [*found.signature.models[Source.BODY].model_fields]


async def test_an_invalid_if_none_match_is_ignored(shared_api: Api) -> None:
    event = add_event(shared_api.db)
    for raw in (b"", b'"', b"\xff", b",,,", b'"x"', b"W/", b"x" * 8_000, b'"1-1-true'):
        headers = {"If-None-Match": raw}
        response = await shared_api.anonymous.get(f"/api/events/{event}", headers=headers)
        assert response.status_code == 200, raw


async def test_a_cookie_without_a_session_is_an_anonymous_request(shared_api: Api) -> None:
    token = shared_api.customer().person.token
    for raw in (
        *(b"session=", b"session", b"=", b";;;", b"session=x", b'session="', b"session=%00"),
        *(b"session=\xff\xfe", b"session=" + b"x" * 8_000, b"session=' OR 1=1 --", b"\xc3\xa9=1"),
        *(
            f"session={token[:-1]}".encode(),
            f"session={token}x".encode(),
            f"Session={token}".encode(),
        ),
    ):
        response = await shared_api.anonymous.get("/api/sessions/current", headers={"Cookie": raw})
        assert response.json() == {
            "user": None,
            "expires_at": None,
            "door": None,
            "second_factor": None,
        }, raw
        response = await shared_api.anonymous.delete(
            "/api/sessions/current", headers={"Cookie": raw}
        )
        assert response.status_code == 204, raw
    good = {"Cookie": f"theme=dark; session={token}; other=1"}
    response = await shared_api.anonymous.get("/api/sessions/current", headers=good)
    assert response.json()["user"] is not None
