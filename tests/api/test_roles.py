"""Every call as an anonymous client, the customer, another customer and an admin."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import psycopg
import pytest
from starlette.applications import Starlette
from starlette.routing import BaseRoute, Route

from app import main
from tests.support.application import Api, Caller
from tests.support.bodies import new_event, new_user
from tests.support.rows import add_event, rows

pytestmark = pytest.mark.asyncio(loop_scope="module")

WHO = ("anonymous", "customer", "another", "admin")

# The calls ask for what `customer` owns: a booking, its ticket, their list of bookings.
TABLE: Mapping[tuple[str, str], tuple[int, int, int, int]] = {
    # method, path                            anonymous customer another admin
    ("GET", "/api/events"): (200, 200, 200, 200),
    ("GET", "/api/events?status=all"): (401, 403, 403, 200),
    ("GET", "/api/events?status=cancelled"): (401, 403, 403, 200),
    ("GET", "/api/events?status=completed"): (401, 403, 403, 200),
    ("GET", "/api/events/{event}"): (200, 200, 200, 200),
    ("POST", "/api/events"): (401, 403, 403, 201),
    ("PUT", "/api/events/{event}"): (401, 403, 403, 200),
    ("POST", "/api/bookings"): (401, 201, 201, 201),
    ("POST", "/api/bookings for the customer"): (401, 201, 403, 201),
    ("GET", "/api/bookings/{booking}"): (401, 200, 404, 200),
    ("PUT", "/api/bookings/{booking}"): (401, 200, 404, 200),
    ("GET", "/api/bookings/user/{customer}"): (401, 200, 403, 200),
    ("GET", "/api/bookings/event/{event}"): (401, 403, 403, 200),
    ("GET", "/api/bookings/event/{event}.csv"): (401, 403, 403, 200),
    ("GET", "/api/bookings/event/{event}.xlsx"): (401, 403, 403, 200),
    ("GET", "/api/users"): (401, 403, 403, 200),
    ("POST", "/api/users"): (201, 201, 201, 201),
    ("POST", "/api/users without a password"): (422, 422, 422, 201),
    ("POST", "/api/users as an admin"): (403, 403, 403, 201),
    ("PUT", "/api/users/{customer}"): (401, 403, 403, 200),
    ("POST", "/api/sessions"): (201, 201, 201, 201),
    ("GET", "/api/sessions/current"): (200, 200, 200, 200),
    ("DELETE", "/api/sessions/current"): (204, 204, 204, 204),
    ("GET", "/api/admin/events"): (401, 403, 403, 200),
    ("GET", "/api/admin/events/{event}"): (401, 403, 403, 200),
    ("GET", "/api/admin/events/{event}/sales"): (401, 403, 403, 200),
    ("GET", "/api/admin/integrity"): (401, 403, 403, 200),
    ("GET", "/api/admin/events/{event}/integrity"): (401, 403, 403, 200),
    ("GET", "/api/admin/activity"): (401, 403, 403, 200),
    ("GET", "/api/tickets/{code}"): (401, 200, 404, 200),
    ("POST", "/api/tickets/{code}/check-in"): (401, 403, 403, 200),
    ("GET", "/api/config"): (200, 200, 200, 200),
    ("GET", "/api/openapi.json"): (200, 200, 200, 200),
    ("GET", "/api/docs"): (200, 200, 200, 200),
    ("GET", "/healthz"): (200, 200, 200, 200),
    ("GET", "/readyz"): (200, 200, 200, 200),
    ("GET", "/metrics"): (200, 200, 200, 200),  # allowed on this machine; see test_metrics.py
    ("GET", "/"): (200, 200, 200, 200),
    ("GET", "/events/{event}"): (200, 200, 200, 200),
    ("GET", "/robots.txt"): (200, 200, 200, 200),
    ("GET", "/sitemap.xml"): (200, 200, 200, 200),
}
CELLS = [
    pytest.param(method, call, who, status, id=f"{method} {call} by {who}")
    for (method, call), statuses in TABLE.items()
    for who, status in zip(WHO, statuses, strict=True)
]
REFUSED_WITH = {401: "not-signed-in", 403: "not-allowed", 422: "validation"}


@pytest.mark.parametrize(("method", "call", "who", "status"), CELLS)
async def test_each_role_may_make_its_calls_only(
    shared_api: Api, method: str, call: str, who: str, status: int
) -> None:
    cell = Cell(shared_api)
    before = snapshot(shared_api.db)
    path, body = cell.request(method, call)
    response = await cell.callers[who].send(method, path, body)
    assert response.status_code == status, response.text
    if status >= 400:
        assert snapshot(shared_api.db) == before
        type_ = response.json()["type"].removeprefix("/problems/")
        assert type_ == REFUSED_WITH.get(status, type_)


async def test_every_route_is_in_the_table() -> None:
    described = {(method, re.sub(r"[? ].*|\{\w+\}", "", call)) for method, call in TABLE}
    starlette = main.app.app
    assert isinstance(starlette, Starlette)
    actual = {
        (method, re.sub(r"\{[\w:]+\}", "", path)) for method, path in served(starlette.routes)
    }
    assert actual == described


def served(routes: Sequence[BaseRoute]) -> Iterator[tuple[str, str]]:
    for route in routes:
        assert isinstance(route, Route)
        for method in (route.methods or set()) - {"HEAD"}:
            yield method, route.path
    yield "GET", "/"  # the pages of the app, for all other paths


class Cell:
    """The rows and callers of one cell of the table."""

    def __init__(self, api: Api) -> None:
        self.customer = api.customer()
        self.callers: Mapping[str, Caller] = {
            "anonymous": api.anonymous,
            "customer": self.customer,
            "another": api.customer("Ben Winter"),
            "admin": api.admin(),
        }
        self.event = add_event(api.db)
        booked = rows(api.db, "SELECT * FROM book_tickets(%s, %s, 1)", self.customer.id, self.event)
        self.booking, (self.code,) = booked[0]["id"], booked[0]["ticket_codes"]

    def request(self, method: str, call: str) -> tuple[str, Any]:
        path = call.partition(" ")[0].format(
            event=self.event, booking=self.booking, customer=self.customer.id, code=self.code
        )
        return path, self._body(method, call)

    def _body(self, method: str, call: str) -> Any:
        bodies: Mapping[str, Any] = {
            "POST /api/events": new_event(),
            "PUT /api/events/{event}": new_event(status="active", description="New"),
            "POST /api/bookings": {"event_id": self.event, "quantity": 1},
            "POST /api/bookings for the customer": {
                "event_id": self.event,
                "quantity": 1,
                "user_id": self.customer.id,
            },
            "PUT /api/bookings/{booking}": {"status": "cancelled"},
            "POST /api/users": new_user(),
            "POST /api/users without a password": new_user(password=None),
            "POST /api/users as an admin": new_user(role="admin"),
            "PUT /api/users/{customer}": {"name": "Ana Herbst"},
            "POST /api/sessions": self.customer.sign_in_body,
            "POST /api/tickets/{code}/check-in": {},
        }
        return bodies.get(f"{method} {call}")


def snapshot(db: psycopg.Connection) -> list[dict[str, Any]]:
    """Return the rows that a refused request must not change."""
    return rows(
        db,
        "SELECT (SELECT count(*) FROM users) AS users, (SELECT count(*) FROM activity) AS done,"
        " (SELECT jsonb_agg(events ORDER BY id) FROM events) AS events,"
        " (SELECT jsonb_agg(bookings ORDER BY id) FROM bookings) AS bookings,"
        " (SELECT jsonb_agg(tickets ORDER BY id) FROM tickets) AS tickets",
    )
